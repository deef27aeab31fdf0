"""The families that the conformance suites know: both ends of each, and its frames spelled by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edge.lockers.coils import CoilPacer
from edge.lockers.cu60 import driver as cu60
from edge.lockers.cu60.simulator import Cu60Simulator
from edge.lockers.dc02 import driver as dc02
from edge.lockers.dc02.simulator import Dc02Simulator
from edge.lockers.kerong_cu16 import driver as cu16
from edge.lockers.kerong_cu16.simulator import KerongCu16Simulator
from edge.lockers.kerong_cu48 import driver as cu48
from edge.lockers.kerong_cu48.simulator import KerongCu48Simulator
from edge.lockers.line import LineSettings
from edge.lockers.lock8a import driver as lock8a
from edge.lockers.lock8a.simulator import Lock8aSimulator
from edge.lockers.modbus_relay import driver as modbus_relay
from edge.lockers.modbus_relay.simulator import ModbusRelaySimulator
from edge.lockers.simulator import BoardSimulator, SimulatedBank
from edge.lockers.winnsen import driver as winnsen
from edge.lockers.winnsen.simulator import WinnsenSimulator
from edge.lockers.wkly import driver as wkly
from edge.lockers.wkly.simulator import WklySimulator
from edge.ports import Bus, Door, LockBoard

FAST: dict[str, int] = {
    "quiet_ms": 2,
    "answer_ms": 70,
    "silence_ms": 12,
    "late_ms": 150,
    "pulse_ms": 50,
    "coil_gap_ms": 1,
    "unlock_interval_ms": 0,
    "unlocks_a_minute": 60,
}


@dataclass(frozen=True)
class Kind:
    """A board family: how to make both ends, and its frames spelled here by hand from the vendor's table."""

    name: str
    channels: int
    simulator: Callable[[int, SimulatedBank], BoardSimulator]
    driver: Callable[..., LockBoard]
    settings: LineSettings
    unlock_frame: Callable[[int, int], bytes]
    is_unlock: Callable[[bytes], bool]
    has_status: Callable[[bytes], bool]
    """Whether bytes may hold a status of board 1: its first and last marks are there."""
    every_lock: Callable[[bytes], bool]
    """Whether bytes hold a frame that the real board takes for "all locks"; no driver can make one."""
    foreign: bytes
    """A whole, valid status of board 2."""
    unsolicited: bytes
    """What may stand on the line unasked."""
    hint: tuple[int, Door] | None = None
    """What `unsolicited` tells of a door, if anything."""
    asks_each_door: bool = False
    heard_first: bool = False
    """Whether no coil moves before the board has told once, on this opening of the wire, that all are off."""
    unchecked: tuple[int, ...] = ()
    """The bytes of an unlock frame that tell where the pulse goes and that no check sum protects."""

    def board(self, address: int, bus: Bus, pacer: CoilPacer, settings: LineSettings | None = None) -> LockBoard:
        channels = range(1, self.channels + 1)
        return self.driver(
            f"b{address}", address=address, channels=channels, settings=settings or self.settings, bus=bus, pacer=pacer
        )


def _xor(*body: int) -> bytes:
    check = 0
    for byte in body:
        check ^= byte
    return bytes((*body, check))


def _sum(*body: int) -> bytes:
    return bytes((*body, sum(body) & 0xFF))


def _crc(*body: int) -> bytes:
    value = 0xFFFF
    for byte in body:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return bytes((*body, value & 0xFF, value >> 8))


def _wkly_opens_otherwise(heard: bytes) -> bool:
    """Whether a whole frame opens several locks (80, 87), all (86) or holds one (88)."""
    for at in range(len(heard) - 7):
        frame = heard[at : at + heard[at + 4]]
        if frame[:4] == b"WKLY" and len(frame) >= 8 and frame[6] in (0x80, 0x86, 0x87, 0x88) and _xor(*frame)[-1] == 0:
            return True
    return False


def _dc02_opens_otherwise(heard: bytes) -> bool:
    """Whether a whole frame opens all (14) or several locks (15, 18)."""
    for at in range(len(heard) - 5):
        frame = heard[at : at + 6 + heard[at + 4]]
        whole = len(frame) == 6 + heard[at + 4] and _sum(*frame[2:-1])[-1] == frame[-1]
        if whole and frame[:2] == b"\xdc\x02" and frame[3] in (0x14, 0x15, 0x18):
            return True
    return False


LOCK8A = Kind(
    name="lock8a",
    channels=24,
    simulator=lambda address, bank: Lock8aSimulator(address, bank, unsolicited=True),
    driver=lock8a.board,
    settings=lock8a.Settings.model_validate(FAST),
    unlock_frame=lambda address, lock: _xor(0x8A, address, lock, 0x11),
    is_unlock=lambda frame: frame[:1] == b"\x8a",
    has_status=lambda heard: b"\x80\x01" in heard and b"\x33" in heard,
    every_lock=lambda heard: bytes.fromhex("8A 01 00 11 9A") in heard,
    foreign=bytes.fromhex("80 02 FF FF FF 33 4E"),
    unsolicited=bytes.fromhex("82 01 01 11 93"),
    hint=(1, Door.CLOSED),
)
CU48 = Kind(
    name="kerong_cu48",
    channels=48,
    simulator=lambda address, bank: KerongCu48Simulator(address, bank, lock_byte=0x2A),
    driver=cu48.board,
    settings=cu48.Settings.model_validate(FAST),
    unlock_frame=lambda address, lock: _sum(0x02, address, lock - 1, 0x51, 0x03),
    is_unlock=lambda frame: frame[3:4] == b"\x51",
    has_status=lambda heard: b"\x02\x01" in heard and b"\x65" in heard,
    every_lock=lambda heard: (
        any(bytes.fromhex(f) in heard for f in ("02 01 30 51 03 87", "02 0A 30 51 03 90"))
        or any(_sum(0x02, 0x0A, lock, 0x51, 0x03) in heard for lock in range(48))
    ),
    foreign=bytes.fromhex("02 02 00 65 00 00 00 00 00 00 03 6C"),
    # This board never speaks unasked; another master on the bus would.
    unsolicited=bytes.fromhex("02 01 00 50 03 56"),
)
CU16 = Kind(
    name="kerong_cu16",
    channels=16,
    simulator=lambda address, bank: KerongCu16Simulator(address, bank, low_nibble=5),
    driver=cu16.board,
    settings=cu16.Settings.model_validate({**FAST, "infrared": "one_is_item"}),
    unlock_frame=lambda address, lock: _sum(0x02, address * 16 + lock - 1, 0x31, 0x03),
    is_unlock=lambda frame: frame[2:3] == b"\x31",
    has_status=lambda heard: b"\x35" in heard and any(bytes((0x02, 0x10 + low)) in heard for low in range(16)),
    every_lock=lambda heard: any(_sum(0x02, 0x10 + low, 0x33, 0x03) in heard for low in range(16)),
    foreign=bytes.fromhex("02 20 35 00 00 00 00 03 5A"),
    unsolicited=bytes.fromhex("02 10 30 03 45"),
)
WKLY = Kind(
    name="wkly",
    channels=24,
    simulator=WklySimulator,
    driver=wkly.board,
    settings=wkly.Settings.model_validate(FAST),
    unlock_frame=lambda address, lock: _xor(*b"WKLY", 0x09, address, 0x82, lock),
    is_unlock=lambda frame: frame[6:7] == b"\x82",
    has_status=lambda heard: b"WKLY" in heard and b"\x84" in heard,
    every_lock=_wkly_opens_otherwise,
    foreign=bytes.fromhex("57 4B 4C 59 0E 02 84 00 04 00 00 00 00 85"),
    # Lock 11 is shut, it says: a lie in the test that has it open.
    unsolicited=bytes.fromhex("57 4B 4C 59 0A 01 85 0B 01 8D"),
    hint=(11, Door.CLOSED),
)
DC02 = Kind(
    name="dc02",
    channels=12,
    simulator=Dc02Simulator,
    driver=dc02.board,
    settings=dc02.Settings.model_validate(FAST),
    unlock_frame=lambda address, lock: b"\xdc\x02" + _sum(address, 0x10, 0x01, lock),
    is_unlock=lambda frame: frame[3:4] == b"\x10",
    has_status=lambda heard: bytes.fromhex("DC FE 01 12 02") in heard,
    every_lock=_dc02_opens_otherwise,
    foreign=bytes.fromhex("DC FE 02 12 02 0F FF 24"),
    unsolicited=bytes.fromhex("DC 02 01 12 00 13"),
)
WINNSEN = Kind(
    name="winnsen",
    channels=16,
    simulator=WinnsenSimulator,
    driver=winnsen.board,
    settings=winnsen.Settings.model_validate(FAST),
    unlock_frame=lambda address, lock: bytes((0x90, 0x06, 0x05, address, lock, 0x03)),
    is_unlock=lambda frame: frame[2:3] == b"\x05",
    has_status=lambda heard: bytes.fromhex("90 07 92 01") in heard,
    every_lock=lambda heard: False,
    foreign=bytes.fromhex("90 07 92 02 01 01 03"),
    unsolicited=bytes.fromhex("90 06 12 01 01 03"),
    asks_each_door=True,
    unchecked=(3, 4),
)
CU60 = Kind(
    name="cu60",
    channels=48,
    simulator=lambda address, bank: Cu60Simulator(address, bank, lock_byte=0x2A),
    driver=cu60.board,
    settings=cu60.Settings.model_validate(FAST),
    unlock_frame=lambda address, lock: _sum(0x02, address, lock - 1, 0x61, 0x03),
    is_unlock=lambda frame: frame[3:4] == b"\x61",
    has_status=lambda heard: b"\x02\x01" in heard and b"\x75\x06" in heard,
    every_lock=lambda heard: False,
    foreign=bytes.fromhex("02 02 00 75 06 00 00 00 00 00 00 7F"),
    unsolicited=bytes.fromhex("02 01 00 60 03 66"),
)
MODBUS_RELAY = Kind(
    name="modbus_relay",
    channels=8,
    simulator=ModbusRelaySimulator,
    driver=modbus_relay.board,
    settings=modbus_relay.Settings.model_validate(FAST | {"pulse_ms": 100}),
    unlock_frame=lambda address, lock: _crc(address, 0x05, 0x02, lock - 1, 0x00, 0x01),
    is_unlock=lambda frame: frame[1:3] == b"\x05\x02",
    has_status=lambda heard: bytes.fromhex("01 02 01") in heard,
    # All relays on or toggled, and FC0F with any bits.
    every_lock=lambda heard: any(
        bytes.fromhex(frame) in heard
        for frame in ("01 05 00 FF FF 00 BC 0A", "01 05 00 FF 55 00 C2 AA", "01 0F 00 00 00 08 01")
    ),
    foreign=bytes.fromhex("02 02 01 FF E1 8C"),
    # This board never speaks unasked; another master on the bus would.
    unsolicited=bytes.fromhex("01 02 00 00 00 08 79 CC"),
    heard_first=True,
)
KINDS = [LOCK8A, CU48, CU16, WKLY, DC02, WINNSEN, CU60, MODBUS_RELAY]
