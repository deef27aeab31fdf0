"""A "CU" board of the 60/61 variant that answers bytes, built from public tables and not from the driver's codec."""

from __future__ import annotations

from edge.lockers.simulator import HostFrames, SimulatedBank, SimulatedDoor


def _intact(frame: bytes) -> bool:
    return frame[0] == 0x02 and frame[4] == 0x03 and sum(frame[:5]) % 256 == frame[5]


def _sealed(*body: int) -> bytes:
    return bytes((*body, sum(body) % 256))


class Cu60Simulator:
    """`lock_byte` is what this board puts into the third byte of its answers, which means nothing."""

    def __init__(
        self,
        address: int,
        bank: SimulatedBank,
        *,
        closed_bit: int = 1,
        lock_byte: int = 0,
        answers_unlock: bool = True,
    ) -> None:
        self.bank = bank
        self._address, self._closed_bit, self._lock_byte = address, closed_bit, lock_byte
        self._answers_unlock = answers_unlock
        self._host = HostFrames(6, _intact)

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Act on every intact frame for this board."""
        answers: list[bytes] = []
        for _, address, lock, command, _, _ in self._host.cut(data, now):
            if address != self._address:
                continue
            if command == 0x60:
                answers.append(self._status())
            elif command == 0x61:
                self.bank.pulse(lock + 1)
                if self._answers_unlock:
                    answers.append(_sealed(0x02, self._address, self._lock_byte, 0x75, 0x00))
        return answers

    def door_changed(self, door: SimulatedDoor) -> list[bytes]:
        """This board never speaks unasked."""
        return []

    def _status(self) -> bytes:
        groups = [0] * 6
        for index in range(48):
            shut = not self.bank.sensed_open(index + 1)
            groups[index // 8] |= (self._closed_bit if shut else 1 - self._closed_bit) << index % 8
        return _sealed(0x02, self._address, self._lock_byte, 0x75, 6, *groups)
