"""A WKLY board that answers bytes, built from the vendor's table and not from the driver's codec."""

from __future__ import annotations

from edge.lockers.simulator import HostFrames, SimulatedBank, SimulatedDoor

_START = (0x57, 0x4B, 0x4C, 0x59)


def _sealed(address: int, command: int, *data: int) -> bytes:
    body = (*_START, 8 + len(data), address, command, *data)
    check = 0
    for byte in body:
        check ^= byte
    return bytes((*body, check))


def _length(heard: bytes) -> int:
    """How long the frame at the beginning is; what cannot be one is skipped byte by byte."""
    for byte, expected in zip(heard, _START, strict=False):
        if byte != expected:
            return 1
    return max(8, heard[4]) if len(heard) > 4 else 5


def _intact(frame: bytes) -> bool:
    return len(frame) >= 8 and frame[4] == len(frame) and _sealed(frame[5], frame[6], *frame[7:-1]) == frame


class WklySimulator:
    """`open_state`: the byte for an open door. `result`: what the board says of everything it was asked."""

    def __init__(
        self,
        address: int,
        bank: SimulatedBank,
        *,
        open_state: int = 0,
        answers_unlock: bool = True,
        unsolicited: bool = True,
        result: int = 0,
    ) -> None:
        self.bank = bank
        self._address, self._open_state, self._result = address, open_state, result
        self._answers_unlock, self._unsolicited = answers_unlock, unsolicited
        self._host = HostFrames(_length, _intact)

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Act on every intact frame for this address."""
        mine = [frame for frame in self._host.cut(data, now) if frame[5] == self._address]
        return [answer for frame in mine for answer in self._act(frame[6], frame[7:-1])]

    def door_changed(self, door: SimulatedDoor) -> list[bytes]:
        """Send `… 0A ADDR 85 LOCK DOOR XOR`, if this board does so at all."""
        return [_sealed(self._address, 0x85, door.channel, self._state(door.channel))] if self._unsolicited else []

    def _act(self, command: int, data: bytes) -> list[bytes]:
        for channel in self._fired(command, data):
            self.bank.pulse(channel)
        match command, len(data):
            case 0x82, 1:
                return [self._answer(command, data[0], self._state(data[0]))] if self._answers_unlock else []
            case 0x83, 1:
                return [self._answer(command, data[0], self._state(data[0]))]
            case 0x84, 0:
                states = [self._state(channel) for channel in self.bank.doors]
                return [self._answer(command, len(states), *states)]
            case 0x81 | 0x88 | 0x89, 1:
                return [self._answer(command, data[0])]
            case (0x86, 0) | (0x80 | 0x87, _):
                return [self._answer(command)]
        return []

    def _fired(self, command: int, data: bytes) -> list[int]:
        """Which coils this command gives power to."""
        match command, len(data):
            case 0x82 | 0x88, 1:
                return [data[0]]
            case 0x86, 0:
                return list(self.bank.doors)
            case 0x80 | 0x87, count if count and count == data[0] + 1:
                return list(data[1:])
        return []

    def _answer(self, command: int, *data: int) -> bytes:
        return _sealed(self._address, command, self._result, *data)

    def _state(self, channel: int) -> int:
        return self._open_state if self.bank.sensed_open(channel) else 1 - self._open_state
