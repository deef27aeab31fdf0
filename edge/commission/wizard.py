"""The wizard: a person opens and shuts doors, one at a time; every door is shown twice before a file may be written.

First each door is met (by key, or by its lock once the person allows coils to move), then all of them are proved in
an order drawn by lot, read by the real drivers with what was learned. A slip of the person in one of the two does not
fit the other, and the doors concerned are met anew. What does not become clear is refused in plain words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge.commission.boards import Bench, Boards
from edge.commission.learn import Bookkeeping, Learn
from edge.commission.person import CommissioningRefusedError, Person
from edge.commission.prove import Prove
from edge.core.wiring import Contact, Reading, settled

OPENS_WITHIN_S = 3.0
# A person who shows the same thing wrongly so often needs another look at the cabinet, not another question.
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Learned:
    """What a station's file says of its doors: each board's reading, and where each door's channel is."""

    readings: Mapping[str, Reading]
    channels: Mapping[int, Contact]
    """Number -> board and true channel."""
    coils_tried: frozenset[int]


class Wizard:
    """Runs from the first shut picture to a wiring that was shown twice."""

    def __init__(
        self,
        person: Person,
        boards: Boards,
        *,
        taken: frozenset[int] = frozenset(),
        shuffled: Callable[[list[int]], list[int]],
        within: float = OPENS_WITHIN_S,
    ) -> None:
        self._person, self._boards, self._shuffled, self._within = person, boards, shuffled, within
        self._book = Bookkeeping()
        self._learn = Learn(person, boards, self._book, taken, within=within)

    async def run(self) -> Learned:
        """Return what was learned and proved.

        Raises:
            CommissioningRefusedError: it never became clear; the reason is in the text.
            LeftError: the person left.
        """
        await self._learn.take_shut_picture()
        proved: set[int] = set()
        coils: set[int] = set()
        before: Mapping[str, Reading] = {}
        for _ in range(_ROUNDS):
            await self._meet_doors()
            readings = await self._settle()
            if readings is None:
                continue
            if readings != before:
                proved.clear()
            before = readings
            prove = Prove(self._person, self._boards, self._book, readings, within=self._within)
            wrong = await prove.all(self._shuffled([d.number for d in self._book.wiring.doors]), proved, coils)
            if not wrong:
                return self._learned(readings, coils)
            proved -= wrong
            self._book.wiring = self._book.wiring.without(*wrong)
        raise CommissioningRefusedError("too_many_rounds")

    async def _meet_doors(self) -> None:
        while True:
            count = len(self._book.wiring.doors)
            act = await self._person.choose("next_door", ["by_hand", "by_lock", "all_met"], count=count)
            if act == "by_hand":
                await self._learn.by_hand()
            elif act == "by_lock":
                await self._learn.by_lock()
            elif count:
                return
            else:
                await self._person.tell("no_door_yet")

    async def _settle(self) -> Mapping[str, Reading] | None:
        """Return each board's one reading; None when doors have to be met again.

        Raises:
            CommissioningRefusedError: nothing that may be done here tells which of several readings is right.
        """
        readings: dict[str, Reading] = {}
        for board in self._book.wiring.boards:
            # Unlocking may have shown that a number was wrong, and taken the board's last door with it.
            if not await self._agree(board) or not self._book.wiring.on(board):
                return None
            reading = settled(self._book.wiring.readings(board), self._unobserved(self._boards.benches[board]))
            if reading is None:
                raise CommissioningRefusedError("still_ambiguous", board=board, settings=self._left(board))
            readings[board] = reading
        apart = [board for board in readings if self._boards.benches[board].kind.coils_apart]
        if apart and not await self._learn.may_unlock():
            raise CommissioningRefusedError("coils_must_move", board=", ".join(apart))
        return readings

    async def _agree(self, board: str) -> bool:
        """Let doors that contradict each other be met again, and unlock one whose channel is not clear yet."""
        for _ in range(3):
            wiring = self._book.wiring
            if wrong := wiring.contradicting(board):
                await self._person.tell("doors_contradict", doors=", ".join(map(str, wrong)), board=board)
                self._book.wiring = wiring.without(*wrong)
                return False
            unclear = wiring.unclear(board)
            if unclear is None:
                return True
            await self._person.tell("order_unclear", number=unclear.number)
            if not await self._learn.may_unlock():
                raise CommissioningRefusedError("order_unclear_refused", board=board)
            untried = [n for n in wiring.claims(unclear.number) if Contact(board, n) not in self._book.pulsed]
            if not untried:
                break
            await self._learn.by_lock(Contact(board, untried[0]))
        raise CommissioningRefusedError("order_unclear_refused", board=board)

    def _unobserved(self, bench: Bench) -> list[str]:
        contacts = bench.kind.contacts
        return [] if contacts is None or bench.spot.name in self._book.answers_contacts else list(contacts.settings)

    def _left(self, board: str) -> str:
        readings = self._book.wiring.readings(board)
        values = {name: {dict(reading)[name] for reading in readings} for name, _ in readings[0]}
        return "; ".join(f"{name}: {' / '.join(sorted(each))}" for name, each in values.items() if len(each) > 1)

    def _learned(self, readings: Mapping[str, Reading], coils: set[int]) -> Learned:
        wiring = self._book.wiring
        channels = {
            door.number: Contact(door.sensor.board, wiring.claims(door.number)[0])
            for door in sorted(wiring.doors, key=lambda door: door.number)
        }
        return Learned(readings, channels, frozenset(coils & channels.keys()))
