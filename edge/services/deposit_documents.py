"""A citizen hands in paper: choose a compartment, reserve it, permit one opening; the phone number sealed at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from contract.ids import RandomBelow, new_receipt_number
from edge.core import deposit
from edge.core.compartment import choose
from edge.core.visit import Answer, Confirmed, Decision
from edge.ports import Door
from edge.services import documents
from edge.services.refusals import RefusedError
from edge.services.visits import Visits
from edge.store.unit_of_work import Store, Transaction


class Sealer(Protocol):
    """Seals personal data to the notify process of the hub."""

    def seal(self, plain: str, event_id: UUID, field: str) -> str:
        """Return the sealed value, bound to one field of one event of this station."""


@dataclass(frozen=True, slots=True)
class _SealedPhone:
    event_id: UUID
    value: str


class DepositDocuments:
    """The citizen's wishes of one hand-in; the doors and the end of it are `Visits`' and `DoorWatch`'s."""

    def __init__(
        self, store: Store, visits: Visits, sealer: Sealer, *, new_id: Callable[[], UUID], random_below: RandomBelow
    ) -> None:
        self._store, self._visits, self._sealer = store, visits, sealer
        self._new_id, self._random_below = new_id, random_below
        # Sealed in the moment it was typed, bound to the event that is still to come; the digits are not kept.
        self._phone: dict[UUID, _SealedPhone] = {}

    async def start(self, size: str, phone: str, *, low: bool = False, receipt_number: str | None = None) -> None:
        """Begin a deposit; `phone` is a valid mobile number or empty, `low` asks for a compartment low down.

        Paper of a submission is deposited under its `receipt_number`; else one is drawn.

        Raises:
            NoneFitsError: no free compartment of that size.
            RefusedError: deposits are closed, or another visit has not ended.
            StoreBusyError: the disk is full or being checked; no paper was taken.
        """
        self._store.require_room()
        visit_id = self._new_id()
        sealed = self._seal(phone)

        def work(tx: Transaction, doors: dict[int, Door]) -> Decision:
            if not documents.settings(tx).deposits_open:
                raise RefusedError("deposits_closed_now")
            compartment = choose(tx.compartments(), doors, size, "low" if low else "")
            number = receipt_number or new_receipt_number(self._random_below)
            grant_id, door = self._new_id(), doors[compartment.number]
            return deposit.begin(
                visit_id, compartment, door, grant_id, receipt_number=number, boot=self._visits.boot, low=low
            )

        await self._visits.begin(work)
        self._phone = {} if sealed is None else {visit_id: sealed}

    def confirmed(self, visit_id: UUID, answer: Answer, count: int | None = None) -> Confirmed:
        """Return the person's answer with the number of pieces and with what was sealed for it."""
        sealed = self._phone.pop(visit_id, None)
        if answer is not Answer.CONFIRMED:
            return Confirmed(answer)
        if sealed is None:
            return Confirmed(answer, count=count)
        return Confirmed(answer, event_id=sealed.event_id, phone_sealed=sealed.value, count=count)

    def _seal(self, phone: str) -> _SealedPhone | None:
        if not phone:
            return None
        event_id = self._new_id()
        return _SealedPhone(event_id, self._sealer.seal(phone, event_id, "phone_sealed"))
