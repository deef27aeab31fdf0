"""Frames of the Waveshare Modbus RTU Relay (D) and its like (V2 firmware, since 2021-09): 8 relays, 8 inputs, 9600 8N1.

A request has eight bytes: `ADDR FUNC HI LO HI LO CRC CRC`, the CRC-16 of Modbus with its low byte first. A relay is
pulsed by the vendor's flash register `0200 + relay`, whose value is a time in units of 100 ms that the *board* keeps:
`01 05 02 00 00 07 8D B0` is relay 0 for 0.7 s. Standard FC05 knows the values FF00 and 0000 only, and a library that
writes a "coil" there sends FF00: the coil stays on for 1.8 hours and burns. So frames are made here, and of all that
the board understands only these can be made: a flash of at most a second, all relays off, and two questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from edge.lockers.frames import FrameError, require
from edge.ports import Door

_READ_RELAYS, _READ_INPUTS, _WRITE, _REFUSED = 0x01, 0x02, 0x05, 0x80
_FLASH, _ALL = 0x0200, 0x00FF
UNIT_MS = 100
# The register takes up to 7FFF units; no lock needs a second, and a coil is not made for more.
_UNITS = range(1, 11)
_BANK = 8
# 0 is every board of the bus: no frame to it can be made here.
ADDRESSES = range(1, 256)
LOCKS = range(1, _BANK + 1)
_REASONS: Mapping[int, str] = {1: "illegal function", 2: "illegal address", 3: "illegal value", 4: "device failure"}


def crc16(body: bytes) -> bytes:
    """Return the two check bytes as they stand on the wire."""
    value = 0xFFFF
    for byte in body:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little")


def _sealed(*body: int) -> bytes:
    return bytes(body) + crc16(bytes(body))


def _request(address: int, function: int, register: int, value: int) -> bytes:
    return _sealed(address, function, *register.to_bytes(2, "big"), *value.to_bytes(2, "big"))


def _require_address(address: int) -> None:
    require(address in ADDRESSES, f"address {address}, expected 1 to 255")


@dataclass(frozen=True, slots=True)
class Unlock:
    """`ADDR 05 02 RELAY 00 UNITS CRC`: flash one relay for that many tenths of a second; the board ends it."""

    address: int
    lock: int
    units: int = 1

    def __post_init__(self) -> None:
        _require_address(self.address)
        require(self.lock in LOCKS, f"lock {self.lock}, expected 1 to {_BANK}")
        require(self.units in _UNITS, f"{self.units} units of 100 ms, expected 1 to 10")

    def to_bytes(self) -> bytes:
        """Return the eight bytes; the board answers with the same."""
        return _request(self.address, _WRITE, _FLASH + self.lock - 1, self.units)


@dataclass(frozen=True, slots=True)
class AllOff:
    """`ADDR 05 00 FF 00 00 CRC`: every relay of one board off. There is no frame here for the opposite."""

    address: int

    def __post_init__(self) -> None:
        _require_address(self.address)

    def to_bytes(self) -> bytes:
        """Return the eight bytes; the board answers with the same."""
        return _request(self.address, _WRITE, _ALL, 0)


@dataclass(frozen=True, slots=True)
class ReadRelays:
    """`ADDR 01 00 00 00 08 CRC`: which relays are on."""

    address: int

    def __post_init__(self) -> None:
        _require_address(self.address)

    def to_bytes(self) -> bytes:
        """Return the eight bytes."""
        return _request(self.address, _READ_RELAYS, 0, _BANK)


@dataclass(frozen=True, slots=True)
class ReadInputs:
    """`ADDR 02 00 00 00 08 CRC`: which inputs are on."""

    address: int

    def __post_init__(self) -> None:
        _require_address(self.address)

    def to_bytes(self) -> bytes:
        """Return the eight bytes."""
        return _request(self.address, _READ_INPUTS, 0, _BANK)


@dataclass(frozen=True, slots=True)
class Bits:
    """`ADDR 01|02 01 BITS CRC`: the eight relays or inputs; bit 0 is the first."""

    address: int
    of_inputs: bool
    bits: int

    def to_bytes(self) -> bytes:
        """Return the six bytes."""
        return _sealed(self.address, _READ_INPUTS if self.of_inputs else _READ_RELAYS, 1, self.bits)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Take six bytes apart, or raise `FrameError`."""
        body = _checked(data, 6)
        require(body[1] in (_READ_RELAYS, _READ_INPUTS) and body[2] == 1, "not one byte of relays or inputs")
        return cls(body[0], body[1] == _READ_INPUTS, body[3])

    def channels(self) -> frozenset[int]:
        """Return the numbers, from 1, of what is on."""
        return frozenset(channel for channel in LOCKS if self.bits >> (channel - 1) & 1)

    def doors(self, channels: range, *, on_is_closed: bool) -> Mapping[int, Door]:
        """Return each channel's door; which position closes the contact depends on the switch and its wiring."""

        def door(channel: int) -> Door:
            return Door.CLOSED if (channel in self.channels()) == on_is_closed else Door.OPEN

        return {channel: door(channel) if channel in LOCKS else Door.UNKNOWN for channel in channels}


@dataclass(frozen=True, slots=True)
class Refusal:
    """`ADDR FUNC+80 CODE CRC`: the board understood and says why it will not."""

    address: int
    function: int
    code: int

    @property
    def reason(self) -> str:
        """The code in words of the Modbus specification."""
        return _REASONS.get(self.code, f"code {self.code}")

    def to_bytes(self) -> bytes:
        """Return the five bytes."""
        return _sealed(self.address, _REFUSED | self.function, self.code)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Take five bytes apart, or raise `FrameError`."""
        body = _checked(data, 5)
        require(body[1] & _REFUSED != 0, f"function {body[1]:02X}, expected 80 and more")
        return cls(body[0], body[1] & ~_REFUSED, body[2])


Answer = Bits | Refusal
_LENGTHS: Mapping[type[Answer], int] = {Bits: 6, Refusal: 5}


def answers_in(heard: bytes, address: int, function: int) -> Iterator[Answer]:
    """Yield what one board said to one function, wherever it stands in the bytes; a frame of RTU has no head."""
    for at in range(len(heard)):
        for kind, length in _LENGTHS.items():
            data = heard[at : at + length]
            if data[:1] == bytes([address]) and data[1:2] in (bytes([function]), bytes([_REFUSED | function])):
                try:
                    yield kind.from_bytes(data)
                except FrameError:
                    continue


def relays_in(heard: bytes, address: int) -> list[Answer]:
    """Return the answers to `ReadRelays`."""
    return list(answers_in(heard, address, _READ_RELAYS))


def inputs_in(heard: bytes, address: int) -> list[Answer]:
    """Return the answers to `ReadInputs`."""
    return list(answers_in(heard, address, _READ_INPUTS))


def refusals_in(heard: bytes, address: int) -> list[Refusal]:
    """Return the refusals of a flash or an all-off; agreement is an echo of the request and proves nothing."""
    return [each for each in answers_in(heard, address, _WRITE) if isinstance(each, Refusal)]


def _checked(data: bytes, length: int) -> bytes:
    """Return the frame without its CRC."""
    require(len(data) == length, f"{len(data)} bytes, expected {length}")
    expected = crc16(data[:-2])
    require(data[-2:] == expected, f"CRC expected {expected.hex(' ')}, received {data[-2:].hex(' ')}")
    return data[:-2]
