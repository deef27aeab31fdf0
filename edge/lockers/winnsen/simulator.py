"""A Winnsen board that answers bytes, built from a public firmware's table and not from the driver's codec."""

from __future__ import annotations

from edge.lockers.simulator import HostFrames, SimulatedBank, SimulatedDoor


def _complete(frame: bytes) -> bool:
    # That is all the protocol has to offer: no check sum.
    return frame[:2] == b"\x90\x06" and frame[2] in (0x05, 0x12) and frame[5] == 0x03


class WinnsenSimulator:
    """`cooldown`: seconds in which the firmware refuses the same lock again."""

    def __init__(
        self,
        address: int,
        bank: SimulatedBank,
        *,
        open_state: int = 1,
        cooldown: float = 15.0,
        answers_unlock: bool = True,
    ) -> None:
        self.bank = bank
        self._address, self._open_state, self._cooldown = address, open_state, cooldown
        self._answers_unlock = answers_unlock
        self._fired_at: dict[int, float] = {}
        self._host = HostFrames(6, _complete)

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Act on every complete frame for this station."""
        answers: list[bytes] = []
        for _, _, function, station, lock, _ in self._host.cut(data, now):
            if station != self._address or not 1 <= lock <= 16:
                continue
            if function == 0x12:
                answers.append(self._answer(0x92, lock, self._state(lock)))
                continue
            fired = self._fire(lock, now)
            if self._answers_unlock:
                answers.append(self._answer(0x85, lock, fired))
        return answers

    def door_changed(self, door: SimulatedDoor) -> list[bytes]:
        """This board never speaks unasked."""
        return []

    def _fire(self, lock: int, now: float) -> int:
        if now - self._fired_at.get(lock, float("-inf")) < self._cooldown:
            return 0
        self._fired_at[lock] = now
        self.bank.pulse(lock)
        return int(self.bank.sensed_open(lock))

    def _state(self, lock: int) -> int:
        return self._open_state if self.bank.sensed_open(lock) else 1 - self._open_state

    def _answer(self, function: int, lock: int, state: int) -> bytes:
        return bytes((0x90, 0x07, function, self._address, lock, state, 0x03))
