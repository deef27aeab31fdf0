"""A Waveshare Modbus RTU Relay (D) that answers bytes, built from the vendor's table and not from the driver's codec.

It obeys all that the table lists, the dangerous part too: a relay can be switched on for good, and a flash takes its
interval literally. A coil that is powered for longer than `coil_seconds` is `burnt` and never releases again.
"""

from __future__ import annotations

import math

from edge.lockers.simulator import HostFrames, SimulatedBank, SimulatedDoor

_RELAYS = 8
# x^16 + x^15 + x^2 + 1: the check is a long division here, so that nothing is shared with the driver's way to it.
_POLYNOMIAL = 0b1_1000_0000_0000_0101


def check_bytes(body: bytes) -> bytes:
    """Return the remainder of the division, each byte's lowest bit first, as it stands on the wire."""
    bits = [byte >> n & 1 for byte in body for n in range(8)] + [0] * 16
    for n in range(16):
        bits[n] ^= 1
    for at in range(len(bits) - 16):
        if bits[at]:
            for n in range(17):
                bits[at + n] ^= _POLYNOMIAL >> (16 - n) & 1
    rest = bits[-16:]
    low, high = (sum(bit << n for n, bit in enumerate(part)) for part in (rest[:8], rest[8:]))
    return bytes((low, high))


def _sealed(*body: int) -> bytes:
    return bytes(body) + check_bytes(bytes(body))


class ModbusRelaySimulator:
    """`closed_input` is the level of an input whose door is shut.

    `frozen` relays no longer fall off (welded contacts). `burnt` names coils that were powered for too long.
    """

    def __init__(self, address: int, bank: SimulatedBank, *, closed_input: int = 1, coil_seconds: float = 5.0) -> None:
        self.bank = bank
        self.burnt: set[int] = set()
        self.frozen: set[int] = set()
        self._address, self._closed_input, self._coil_seconds = address, closed_input, coil_seconds
        self._on: dict[int, tuple[float, float]] = {}
        self._on_again: dict[int, float] = {}
        self._host, self._long_host = HostFrames(8, self._is_mine), HostFrames(10, self._is_mine)

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Act on every intact frame for this address, at `now` seconds; address 0 is every board, none answers."""
        self.look(now)
        answers: list[bytes] = []
        for frame in [*self._host.cut(data, now), *self._long_host.cut(data, now)]:
            answer = self._act(frame, now)
            answers += [answer] if frame[0] else []
        return answers

    def door_changed(self, door: SimulatedDoor) -> list[bytes]:
        """This board never speaks unasked."""
        return []

    def look(self, now: float) -> frozenset[int]:
        """Let time pass until `now` and return the relays (from 0) that are on."""
        for relay, at in list(self._on_again.items()):
            if at <= now:
                del self._on_again[relay]
                self._switch(relay, on=True, now=at, until=math.inf)
        for relay, (since, until) in list(self._on.items()):
            falls_off = until <= now and relay not in self.frozen
            if (until if falls_off else now) - since > self._coil_seconds:
                self._burn(relay + 1)
            if falls_off:
                del self._on[relay]
        return frozenset(self._on)

    def _burn(self, channel: int) -> None:
        self.burnt.add(channel)
        if channel in self.bank.doors:
            self.bank.doors[channel].jammed = True

    def _is_mine(self, frame: bytes) -> bool:
        return frame[0] in (0, self._address) and check_bytes(frame[:-2]) == frame[-2:]

    def _act(self, frame: bytes, now: float) -> bytes:
        function, register = frame[1], int.from_bytes(frame[2:4], "big")
        value = int.from_bytes(frame[4:6], "big")
        if function in (1, 2) and len(frame) == 8:
            return self._read(function, register, value, now)
        if function == 5 and len(frame) == 8:
            return self._write(frame, register, value, now)
        if function == 15 and len(frame) == 10:
            for relay in range(_RELAYS):
                self._switch(relay, on=bool(frame[7] >> relay & 1), now=now, until=math.inf)
            return _sealed(*frame[:6])
        return self._refuse(function, 1)

    def _read(self, function: int, register: int, count: int, now: float) -> bytes:
        if not count >= 1 or register + count > _RELAYS:
            return self._refuse(function, 2)
        on = self.look(now)
        high = [n in on if function == 1 else self._input(n) for n in range(register, register + count)]
        return _sealed(self._address, function, 1, sum(bit << n for n, bit in enumerate(high)))

    def _input(self, number: int) -> bool:
        return (not self.bank.sensed_open(number + 1)) == bool(self._closed_input)

    def _write(self, frame: bytes, register: int, value: int, now: float) -> bytes:
        block, relay = register & 0xFF00, register & 0x00FF
        relays = range(_RELAYS) if register == 0x00FF else [relay]
        if (relays == [relay] and relay >= _RELAYS) or block not in (0, 0x0200, 0x0400):
            return self._refuse(5, 2)
        if block == 0 and value not in (0x0000, 0x5500, 0xFF00):
            return self._refuse(5, 3)
        for each in relays:
            if block == 0:
                on = value == 0xFF00 or (value == 0x5500 and each not in self._on)
                self._switch(each, on=on, now=now, until=math.inf)
            else:
                # 0200 flashes on; 0400 flashes off, and afterwards the relay is on for good.
                self._switch(each, on=block == 0x0200, now=now, until=now + value / 10)
                if block == 0x0400:
                    self._on_again[each] = now + value / 10
        return frame

    def _switch(self, relay: int, *, on: bool, now: float, until: float) -> None:
        self._on_again.pop(relay, None)
        if not on:
            if relay not in self.frozen:
                self._on.pop(relay, None)
            return
        since, _ = self._on.get(relay, (now, now))
        if relay not in self._on:
            self.bank.pulse(relay + 1)
        self._on[relay] = since, until

    def _refuse(self, function: int, code: int) -> bytes:
        return _sealed(self._address, function | 0x80, code)
