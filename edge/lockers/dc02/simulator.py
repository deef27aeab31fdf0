"""A 12-way `DC 02` board that answers bytes, built from public tables and not from the driver's codec."""

from __future__ import annotations

from edge.lockers.simulator import HostFrames, SimulatedBank, SimulatedDoor


def _sealed(second: int, *body: int) -> bytes:
    return bytes((0xDC, second, *body, sum(body) % 256))


def _length(heard: bytes) -> int:
    if heard[0] != 0xDC or heard[1:2] not in (b"", b"\x02"):
        return 1
    return 6 + heard[4] if len(heard) > 4 else 5


def _intact(frame: bytes) -> bool:
    return len(frame) >= 6 and sum(frame[2:-1]) % 256 == frame[-1]


class Dc02Simulator:
    """`short_answers`: boards were seen that do not repeat the lock in the answer about one."""

    def __init__(
        self,
        address: int,
        bank: SimulatedBank,
        *,
        open_bit: int = 1,
        high_first: bool = True,
        answers_unlock: bool = True,
        short_answers: bool = False,
    ) -> None:
        self.bank = bank
        self._address, self._open_bit, self._high_first = address, open_bit, high_first
        self._answers_unlock, self._short = answers_unlock, short_answers
        self._host = HostFrames(_length, _intact)

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Act on every intact frame for this address."""
        mine = [frame for frame in self._host.cut(data, now) if frame[2] == self._address]
        return [answer for frame in mine for answer in self._act(frame[3], frame[5:-1])]

    def door_changed(self, door: SimulatedDoor) -> list[bytes]:
        """This board never speaks unasked."""
        return []

    def _act(self, command: int, data: bytes) -> list[bytes]:
        match command, len(data):
            case 0x10, 1:
                self.bank.pulse(data[0])
                return [self._about(0x10, data[0])] if self._answers_unlock else []
            case 0x11, 1:
                return [self._about(0x11, data[0])]
            case 0x12, 0:
                return [self._all(0x12)]
            case 0x14, 0:
                return self._several(0x14, 0xFFF)
            case 0x15 | 0x18, 2:
                return self._several(command, data[0] * 256 + data[1])
        return []

    def _several(self, command: int, mask: int) -> list[bytes]:
        for channel in self.bank.doors:
            if mask >> (channel - 1) & 1:
                self.bank.pulse(channel)
        return [self._all(command)]

    def _about(self, command: int, lock: int) -> bytes:
        state = self._bit(lock)
        data = (1, state) if self._short else (2, lock, state)
        return _sealed(0xFE, self._address, command, *data)

    def _all(self, command: int) -> bytes:
        mask = sum(self._bit(index + 1) << index for index in range(12))
        data = (mask >> 8, mask & 0xFF) if self._high_first else (mask & 0xFF, mask >> 8)
        return _sealed(0xFE, self._address, command, 2, *data)

    def _bit(self, lock: int) -> int:
        return self._open_bit if self.bank.sensed_open(lock) else 1 - self._open_bit
