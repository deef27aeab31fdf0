"""A board of the 0x8A family that answers bytes, built from the vendor's table and not from the driver's codec."""

from __future__ import annotations

from edge.lockers.simulator import HostFrames, SimulatedBank, SimulatedDoor


def _sealed(*body: int) -> bytes:
    check = 0
    for byte in body:
        check ^= byte
    return bytes((*body, check))


def _intact(frame: bytes) -> bool:
    return frame[0] in (0x8A, 0x80) and _sealed(*frame[:-1]) == frame


def _length(heard: bytes) -> int:
    """Six for an unlock with a time of 1 to 9 s: no check of the five-byte form can have such a value."""
    return 6 if len(heard) > 4 and heard[0] == 0x8A and heard[3] == 0x11 and heard[4] in range(1, 10) else 5


class Lock8aSimulator:
    """`closing_feedback`: the contact is shorted while locked. `groups`: status bytes sent, however many locks."""

    def __init__(
        self,
        address: int,
        bank: SimulatedBank,
        *,
        groups: int = 3,
        high_first: bool = True,
        closed_contact: int = 0x11,
        open_bit: int = 1,
        answers_unlock: bool = True,
        unsolicited: bool = False,
        timed: bool = False,
    ) -> None:
        self.bank = bank
        self._address, self._groups, self._high_first = address, groups, high_first
        self._closed_contact, self._open_bit = closed_contact, open_bit
        self._answers_unlock, self._unsolicited = answers_unlock, unsolicited
        self._host = HostFrames(_length if timed else 5, _intact)

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Act on every intact frame for this address."""
        mine = [frame for frame in self._host.cut(data, now) if frame[1] == self._address]
        return [answer for frame in mine for answer in self._act(frame)]

    def door_changed(self, door: SimulatedDoor) -> list[bytes]:
        """Send `82 ADDR LOCK contact BCC`, if this board does so at all."""
        return [_sealed(0x82, self._address, door.channel, self._contact(door.channel))] if self._unsolicited else []

    def _act(self, frame: bytes) -> list[bytes]:
        head, _, lock, function, *_ = frame
        if (head, function) == (0x8A, 0x11):
            return self._unlock(lock)
        if (head, function) == (0x80, 0x33):
            return [self._status() if lock == 0 else _sealed(0x80, self._address, lock, self._contact(lock))]
        return []

    def _unlock(self, lock: int) -> list[bytes]:
        for channel in [lock] if lock else list(self.bank.doors):
            self.bank.pulse(channel)
        return [_sealed(0x8A, self._address, lock, self._contact(lock))] if self._answers_unlock else []

    def _contact(self, lock: int) -> int:
        return self._closed_contact ^ 0x11 if self.bank.sensed_open(lock) else self._closed_contact

    def _status(self) -> bytes:
        groups = [0] * self._groups
        for index in range(8 * self._groups):
            # Channels without a lock read 0, as on the captured 8-way board.
            shows_open = index + 1 in self.bank.doors and self.bank.sensed_open(index + 1)
            bit = self._open_bit if shows_open else 1 - self._open_bit
            groups[index // 8] |= (bit if index + 1 in self.bank.doors else 0) << index % 8
        return _sealed(0x80, self._address, *(reversed(groups) if self._high_first else groups), 0x33)
