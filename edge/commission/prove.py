"""Proving the doors: each is shown a second time, in another order, to the drivers as the station will run them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from edge.commission.boards import Boards
from edge.commission.learn import NUMBERS, Bookkeeping, unlock_once
from edge.commission.person import CommissioningRefusedError, Person, ask_number
from edge.core.wiring import Contact, Reading
from edge.errors import LinkError
from edge.ports import Door, LockBoard

Doors = Mapping[Contact, Door]

_TRIES = 4
_LOOK_AGAIN_SECONDS = 0.05


class Prove:
    """One round over all doors that are not proved yet."""

    def __init__(
        self, person: Person, boards: Boards, book: Bookkeeping, readings: Mapping[str, Reading], *, within: float
    ) -> None:
        self._person, self._boards, self._book, self._readings = person, boards, book, readings
        self._within = within
        self._drivers: dict[str, LockBoard] = {}
        self._shut: Doors = {}

    async def all(self, numbers: Sequence[int], proved: set[int], coils: set[int]) -> set[int]:
        """Prove the doors in this order, add to the sets, and return the numbers that have to be met again.

        Raises:
            CommissioningRefusedError: a board cannot be read, or the doors are never all shut.
        """
        for board, reading in self._readings.items():
            self._drivers[board] = await self._boards.benches[board].driver(reading)
        await self._take_shut_picture()
        wrong: set[int] = set()
        for number in numbers:
            if number not in proved | wrong:
                wrong |= await self._one(number, coils)
                if number not in wrong:
                    proved.add(number)
        return wrong

    async def _one(self, number: int, coils: set[int]) -> set[int]:
        by_lock = bool(self._book.may_unlock)
        for _ in range(_TRIES):
            act = await self._act(number, by_lock=by_lock)
            if act == "leave_out":
                return {number}
            changed = await self._changed() if act == "unlock" else self._difference(await self._read())
            said = await self._said(number, changed, by_lock=act == "unlock")
            await self._back_to_shut()
            if changed == {self._contact(number): Door.OPEN} and said == number:
                return await self._right(number, coils, by_lock=act == "unlock")
            if len(changed) == 1:
                return await self._wrong(number, said, changed)
            # A coil is never tried twice by itself.
            by_lock = False
            await self._person.tell("none_moved" if not changed else "several_moved", doors=self._names(changed))
        return {number}

    async def _act(self, number: int, *, by_lock: bool) -> str:
        if by_lock:
            act = await self._person.choose("prove_by_lock", ["unlock", "by_hand"], number=number)
            if act == "unlock":
                contact = self._contact(number)
                await unlock_once(self._person, self._drivers[contact.board], contact)
                return act
        return await self._person.choose("prove_by_hand", ["it_is_open", "leave_out"], number=number)

    async def _said(self, number: int, changed: Doors, *, by_lock: bool) -> int:
        return await ask_number(self._person, "which_number", NUMBERS) if by_lock and changed else number

    async def _right(self, number: int, coils: set[int], *, by_lock: bool) -> set[int]:
        coils |= {number} if by_lock else set()
        apart = self._boards.benches[self._contact(number).board].kind.coils_apart
        if apart and number not in coils:
            await self._person.tell("coil_not_proved", number=number)
            return {number}
        await self._person.tell("door_proved", number=number)
        return set()

    async def _wrong(self, number: int, said: int, changed: Doors) -> set[int]:
        others = {each for each in (self._number_at(contact) for contact in changed) if each is not None}
        wrong = {number, *others} | ({said} if self._book.wiring.door(said) else set())
        await self._person.tell("proof_failed", number=number, doors=", ".join(map(str, sorted(wrong))))
        return wrong

    async def _take_shut_picture(self) -> None:
        for _ in range(_TRIES):
            await self._person.choose("prove_all_shut", ["all_shut"])
            self._shut = await self._read()
            numbers = [door.number for door in self._book.wiring.doors]
            ajar = [number for number in numbers if self._shut.get(self._contact(number)) is not Door.CLOSED]
            if not ajar:
                return
            await self._person.tell("read_as_open", doors=", ".join(map(str, ajar)))
        raise CommissioningRefusedError("never_as_before")

    async def _back_to_shut(self) -> None:
        for _ in range(_TRIES):
            await self._person.choose("shut_it", ["it_is_shut"])
            if await self._read() == self._shut:
                return
            await self._person.tell("not_as_before")
        raise CommissioningRefusedError("never_as_before")

    async def _changed(self) -> Doors:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._within
        while (now := await self._read()) == self._shut and loop.time() < deadline:  # noqa: ASYNC110 - boards speak only when asked
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return self._difference(now if now == self._shut else await self._read())

    def _difference(self, now: Doors) -> Doors:
        return {contact: door for contact, door in now.items() if self._shut[contact] != door}

    async def _read(self) -> Doors:
        seen: dict[Contact, Door] = {}
        for board, driver in self._drivers.items():
            try:
                doors = await driver.read_doors()
            except LinkError as error:
                raise CommissioningRefusedError("board_unreadable", board=board) from error
            seen |= {Contact(board, channel): door for channel, door in doors.items()}
        return seen

    def _contact(self, number: int) -> Contact:
        door = self._book.wiring.door(number)
        if door is None:
            raise CommissioningRefusedError("too_many_rounds")
        return Contact(door.sensor.board, door.channels[self._whole_reading(door.sensor.board)])

    def _whole_reading(self, board: str) -> Reading:
        return self._book.wiring.readings(board)[0]

    def _number_at(self, contact: Contact) -> int | None:
        numbers = (door.number for door in self._book.wiring.doors)
        return next((number for number in numbers if self._contact(number) == contact), None)

    def _names(self, changed: Doors) -> str:
        return ", ".join(str(self._number_at(contact) or "?") for contact in changed)
