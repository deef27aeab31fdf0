"""A KERONG CU16 (or CU12) that answers bytes, built from public tables and not from the driver's codec."""

from __future__ import annotations

from edge.lockers.simulator import HostFrames, SimulatedBank, SimulatedDoor

_EVERY_BOARD = 0xF0


def _intact(frame: bytes) -> bool:
    return frame[0] == 0x02 and frame[3] == 0x03 and sum(frame[:4]) % 256 == frame[4]


class KerongCu16Simulator:
    """`low_nibble`: what this board puts beside its address in a status."""

    def __init__(
        self,
        address: int,
        bank: SimulatedBank,
        *,
        locked_bit: int = 1,
        item_bit: int = 1,
        answers_unlock: bool = True,
        low_nibble: int = 0,
    ) -> None:
        self.bank = bank
        self._address, self._locked_bit, self._item_bit = address, locked_bit, item_bit
        self._answers_unlock, self._low_nibble = answers_unlock, low_nibble
        self._host = HostFrames(5, _intact)

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Act on every intact frame for this board or for all."""
        return [answer for frame in self._host.cut(data, now) for answer in self._act(frame[1], frame[2])]

    def door_changed(self, door: SimulatedDoor) -> list[bytes]:
        """This board never speaks unasked."""
        return []

    def _act(self, where: int, command: int) -> list[bytes]:
        if (where, command) == (_EVERY_BOARD, 0x32):
            return [self._status(0x36)]
        if where >> 4 != self._address:
            return []
        match command:
            case 0x30:
                return [self._status(0x35)]
            case 0x31:
                self.bank.pulse(where % 16 + 1)
                return [self._status(0x35)] if self._answers_unlock else []
            case 0x33:
                for channel in self.bank.doors:
                    self.bank.pulse(channel)
        return []

    def _status(self, code: int) -> bytes:
        hooks = items = 0
        for index in range(16):
            hook = 1 - self._locked_bit if self.bank.sensed_open(index + 1) else self._locked_bit
            door = self.bank.doors.get(index + 1)
            item = self._item_bit if door is not None and door.item else 1 - self._item_bit
            hooks, items = hooks | hook << index, items | item << index
        sensed = (hooks & 0xFF, hooks >> 8, items & 0xFF, items >> 8)
        body = (0x02, self._address * 16 + self._low_nibble, code, *sensed, 0x03)
        return bytes((*body, sum(body) % 256))
