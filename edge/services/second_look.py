"""What a sensor inside a compartment says against a person's answer; most boards have none, and then nothing is asked.

A contradiction is asked about once. Papers may lie below the beam, so who says a second time that they are inside is
believed, and so is staff; but an item that its recipient says is taken while the sensor sees one stays in doubt.
"""

from __future__ import annotations

from uuid import UUID

from contract.events import Purpose
from edge.core.visit import Answer, Visit
from edge.ports import Inside
from edge.services.door_control import Doors
from edge.services.refusals import RefusedError

_PUTTING_IN = frozenset({Purpose.DEPOSIT, Purpose.LOAD})


class SecondLook:
    """Asks once more before an answer is taken that a sensor contradicts."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._asked: tuple[UUID, UUID | None] | None = None

    async def at(self, visit: Visit, answer: Answer) -> Answer:
        """Return the answer as it may be taken.

        Raises:
            RefusedError: the sensor sees it otherwise; the same word counts the second time.
        """
        if not self._doors.has_eyes(visit.compartment):
            return answer
        await self._doors.read(visit.compartment)
        odd = _odd(visit.kind, answer, self._doors.inside(visit.compartment))
        if odd is None:
            return answer
        if self._asked != (visit.id, visit.grant):
            self._asked = (visit.id, visit.grant)
            raise RefusedError(odd)
        return Answer.NOTHING if visit.kind is Purpose.PICKUP else answer


def _odd(kind: Purpose, answer: Answer, inside: Inside) -> str | None:
    putting = kind in _PUTTING_IN
    if inside is Inside.PRESENT:
        empty = answer is Answer.NOTHING if putting else answer in (Answer.CONFIRMED, Answer.NOTHING)
        # A recipient who says that the item is not theirs, or not there, ends in doubt without a sensor's help.
        return "something_inside" if empty and not (kind is Purpose.PICKUP and answer is Answer.NOTHING) else None
    if inside is Inside.ABSENT and putting and answer is Answer.CONFIRMED:
        return "nothing_seen_inside"
    return None
