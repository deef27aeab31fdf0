"""Meeting the doors: a person shows one at a time, by key or by its lock, and says the number printed on it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from edge.commission.boards import Boards
from edge.commission.person import CommissioningRefusedError, Person, ask_number
from edge.core.wiring import Contact, Evidence, Moved, NotOne, Pictures, Reading, Wiring, compare
from edge.errors import LinkError, UnlockRefusedError
from edge.ports import Door, LockBoard

NUMBERS = range(1, 1000)
_SHUT_TRIES = 6
_RESTS = 3


@dataclass
class Bookkeeping:
    """What the wizard keeps of one run beside the wiring."""

    wiring: Wiring = field(default_factory=Wiring)
    may_unlock: bool | None = None
    answers_contacts: set[str] = field(default_factory=set)
    pulsed: set[Contact] = field(default_factory=set)


class Learn:
    """Meets doors: what moved, which number is printed on it, and what the board says of that lock alone."""

    def __init__(
        self, person: Person, boards: Boards, book: Bookkeeping, taken: frozenset[int], *, within: float
    ) -> None:
        self._person, self._boards, self._book, self._taken, self._within = person, boards, book, taken, within
        self._shut: Pictures = {}

    async def take_shut_picture(self) -> None:
        """Have every door shut and remember what the boards say then."""
        await self._person.choose("shut_all", ["all_shut"])
        self._shut = await self._boards.picture()

    async def by_hand(self) -> None:
        """Have one door opened with its key."""
        if await self._person.choose("open_one_by_hand", ["it_is_open", "not_now"]) == "it_is_open":
            await self._meet(compare(self._shut, await self._boards.picture()), None)

    async def by_lock(self, contact: Contact | None = None) -> None:
        """Unlock a channel, once, and see which door springs open; `contact` says which."""
        contact = contact or await self._next_channel()
        if contact is None:
            await self._person.tell("no_channel_left")
        elif await self.may_unlock() and await self._consent(contact):
            driver = await self._boards.benches[contact.board].driver(self._any_reading(contact.board))
            self._book.pulsed.add(contact)
            if not await unlock_once(self._person, driver, contact):
                return
            await self._meet(compare(self._shut, await self._boards.changed(self._shut, self._within)), contact)

    async def may_unlock(self) -> bool:
        """Whether the person at the machine allows coils to move; asked once."""
        if self._book.may_unlock is None:
            answer = await self._person.choose("may_i_unlock", ["yes_unlock", "never_unlock"])
            self._book.may_unlock = answer == "yes_unlock"
        return self._book.may_unlock

    async def _consent(self, contact: Contact) -> bool:
        answer = await self._person.choose(
            "unlock_channel", ["unlock", "not_now"], board=contact.board, channel=contact.channel
        )
        return answer == "unlock"

    def _any_reading(self, board: str) -> Reading:
        return self._boards.benches[board].kind.readings[0]

    async def _next_channel(self) -> Contact | None:
        wiring = self._book.wiring
        known = {(door.sensor.board, channel) for door in wiring.doors for channel in wiring.claims(door.number)}
        for name, bench in self._boards.benches.items():
            for channel in range(1, await bench.covered() + 1):
                if Contact(name, channel) not in self._book.pulsed and (name, channel) not in known:
                    return Contact(name, channel)
        return None

    async def _meet(self, found: Moved | NotOne, pulsed: Contact | None) -> None:
        if isinstance(found, NotOne):
            await self._person.tell("several_moved" if found.sights else "none_moved", doors=self._names(found))
            await self._back_to_shut()
            return
        while_open = await self._contacts(found)
        number = await self._number()
        if not await self._back_to_shut():
            return
        bench = self._boards.benches[found.sensor.board]
        evidence = Evidence(number, found.sensor, found.channels)
        evidence = evidence.narrowed(lambda _, channel: channel in bench.kind.locks)
        evidence = self._with_contacts(evidence, while_open, await self._contacts(found))
        if pulsed is not None:
            same_board = pulsed.board == found.sensor.board
            evidence = evidence.unlocked(pulsed.channel) if same_board else evidence.narrowed(lambda *_: False)
        await self._take(evidence, pulsed)

    async def _take(self, evidence: Evidence, pulsed: Contact | None) -> None:
        wiring, number = self._book.wiring, evidence.number
        there, other = wiring.door_at(evidence.sensor), wiring.door(number)
        if other is not None and other.sensor == evidence.sensor:
            # Seen before: both looks have to fit.
            evidence = evidence.narrowed(lambda reading, channel: other.channels.get(reading) == channel)
        if not evidence.channels:
            self._book.wiring = wiring.without(number)
            await self._person.tell("coil_and_sensor_differ" if pulsed else "answers_contradict", number=number)
        elif number in self._taken:
            await self._person.tell("number_in_file", number=number)
        elif there is not None and there.number != number:
            self._book.wiring = wiring.without(number, there.number)
            await self._person.tell("same_contact", number=number, other=there.number)
        elif other is not None and other.sensor != evidence.sensor:
            self._book.wiring = wiring.without(number)
            await self._person.tell("number_twice", number=number)
        else:
            self._book.wiring = wiring.with_door(evidence)
            await self._person.tell("door_met", number=number, count=len(self._book.wiring.doors))

    async def _number(self) -> int:
        return await ask_number(self._person, "which_number", NUMBERS)

    async def _back_to_shut(self) -> bool:
        """Have the doors shut until the boards say what they said at first; False when that picture was given up."""
        for _ in range(_SHUT_TRIES):
            if await self._person.choose("shut_it", ["it_is_shut", "start_picture_anew"]) == "start_picture_anew":
                await self.take_shut_picture()
                return False
            if await self._boards.picture() == self._shut:
                return True
            await self._person.tell("not_as_before")
        raise CommissioningRefusedError("never_as_before")

    async def _contacts(self, found: Moved) -> Mapping[int, Mapping[Reading, Door]]:
        bench = self._boards.benches[found.sensor.board]
        said: dict[int, Mapping[Reading, Door]] = {}
        for channel in sorted(set(found.channels.values()) & set(bench.kind.locks)):
            if (contact := await bench.contact(channel)) is not None:
                said[channel] = contact
        return said

    def _with_contacts(
        self,
        evidence: Evidence,
        while_open: Mapping[int, Mapping[Reading, Door]],
        while_shut: Mapping[int, Mapping[Reading, Door]],
    ) -> Evidence:
        both = while_open.keys() & while_shut.keys()
        if both:
            self._book.answers_contacts.add(evidence.sensor.board)

        def fits(reading: Reading, channel: int) -> bool:
            if channel not in both:
                return True
            return (while_open[channel][reading], while_shut[channel][reading]) == (Door.OPEN, Door.CLOSED)

        return evidence.narrowed(fits)

    def _names(self, found: NotOne) -> str:
        known = [n for board, sights in found.sights.items() for n in self._book.wiring.doors_in(board, sights)]
        return ", ".join(map(str, known)) or "?"


async def unlock_once(person: Person, driver: LockBoard, contact: Contact) -> bool:
    """Unlock a channel once its lock has rested; False, and said, when the frame did not go out whole."""
    for _ in range(_RESTS):
        try:
            await driver.unlock(contact.channel)
        except UnlockRefusedError as refused:
            # Nothing was sent, so asking again is no second pulse.
            if not refused.seconds_left:
                break
            await person.tell("lock_rests", seconds=ceil(refused.seconds_left))
            await asyncio.sleep(refused.seconds_left)
        except LinkError:
            break
        else:
            return True
    await person.tell("unlock_not_sent", board=contact.board, channel=contact.channel)
    return False
