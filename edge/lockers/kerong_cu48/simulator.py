"""A KERONG CU48 that answers bytes, built from the vendor's document and not from the driver's codec."""

from __future__ import annotations

from edge.lockers.simulator import HostFrames, SimulatedBank, SimulatedDoor

_EVERY_BOARD, _EVERY_LOCK = 0x0A, 0x30


def _intact(frame: bytes) -> bool:
    return frame[0] == 0x02 and frame[4] == 0x03 and sum(frame[:5]) % 256 == frame[5]


class KerongCu48Simulator:
    """`lock_byte` is what this board puts into the third byte of a status, which means nothing."""

    def __init__(self, address: int, bank: SimulatedBank, *, locked_bit: int = 1, lock_byte: int = 0) -> None:
        self.bank = bank
        self._address, self._locked_bit, self._lock_byte = address, locked_bit, lock_byte
        self._host = HostFrames(6, _intact)

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Act on every intact frame for this board or for all; an unlock has no answer."""
        answers: list[bytes] = []
        for _, address, lock, command, _, _ in self._host.cut(data, now):
            if address not in (self._address, _EVERY_BOARD):
                continue
            if command == 0x50:
                answers.append(self._status())
            elif command == 0x51:
                self._unlock(lock)
        return answers

    def door_changed(self, door: SimulatedDoor) -> list[bytes]:
        """This board never speaks unasked."""
        return []

    def _unlock(self, lock: int) -> None:
        for channel in list(self.bank.doors) if lock == _EVERY_LOCK else [lock + 1]:
            self.bank.pulse(channel)

    def _status(self) -> bytes:
        value = 0
        for index in range(48):
            bit = 1 - self._locked_bit if self.bank.sensed_open(index + 1) else self._locked_bit
            value |= bit << index
        body = bytes((0x02, self._address, self._lock_byte, 0x65)) + value.to_bytes(6, "little") + b"\x03"
        return body + bytes((sum(body) % 256,))
