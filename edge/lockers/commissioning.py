"""What commissioning needs to know of each family: harmless questions, and every way to read their answers.

Questions and readings are those of the families' own tongues, made once for every combination of the settings that
sources contradict each other about: what is learned is what the driver will do. While a port is searched nothing but
these questions goes out; `tests/unit/edge/lockers/test_commissioning.py` holds them against the unlock frames of all
families, glued together and misheard at every other speed too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from edge.core.wiring import Reading
from edge.errors import LinkError
from edge.lockers.board import Question, Tongue
from edge.lockers.cu60 import codec as cu60_codec
from edge.lockers.cu60 import driver as cu60
from edge.lockers.dc02 import codec as dc02_codec
from edge.lockers.dc02 import driver as dc02
from edge.lockers.kerong_cu16 import codec as cu16_codec
from edge.lockers.kerong_cu16 import driver as cu16
from edge.lockers.kerong_cu48 import codec as cu48_codec
from edge.lockers.kerong_cu48 import driver as cu48
from edge.lockers.line import LineSettings
from edge.lockers.lock8a import codec as lock8a_codec
from edge.lockers.lock8a import driver as lock8a
from edge.lockers.lock8a.contact import ask_contact, read_contact
from edge.lockers.modbus_relay import codec as modbus_relay_codec
from edge.lockers.modbus_relay import driver as modbus_relay
from edge.lockers.winnsen import codec as winnsen_codec
from edge.lockers.winnsen import driver as winnsen
from edge.lockers.wkly import codec as wkly_codec
from edge.lockers.wkly import driver as wkly
from edge.ports import Door


@dataclass(frozen=True, slots=True)
class Contacts:
    """A board that can also be asked about one lock alone; `settings` are what only these answers show."""

    question: Callable[[int, int], Question]
    """Address and channel -> question; the answer's frame goes to `read`."""
    read: Callable[[bytes, Mapping[str, str]], Door]
    settings: Sequence[str]


@dataclass(frozen=True, slots=True)
class Commissionable:
    """One family."""

    tongue: Callable[[int, range, Any], Tongue]
    settings: type[LineSettings]
    bauds: Sequence[int]
    """The usual one first."""
    addresses: range
    locks: range
    learned: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Settings that only opening doors tells, with all their values."""
    contacts: Contacts | None = None
    asked_last: bool = False
    """Its questions may disturb other families, so it is asked only where all others were silent."""
    coils_apart: bool = False
    """Coils and sensors are wired one by one, so only a door that its own coil opened is proved."""

    @property
    def readings(self) -> list[Reading]:
        """Return every combination of the settings to learn."""
        made: list[Reading] = [()]
        for name in sorted(self.learned):
            made = [(*reading, (name, value)) for reading in made for value in self.learned[name]]
        return made

    def tongues(self, address: int) -> Mapping[Reading, Tongue]:
        """Return a board's tongue under every reading."""
        return {
            reading: self.tongue(address, self.locks, self.settings.model_validate(dict(reading)))
            for reading in self.readings
        }


def only_answer(question: Question, heard: bytes) -> bytes | None:
    """Return the frame of the answer; two answers to one question are two boards with one address, never believed."""
    try:
        answer = question.find(heard)
        if answer is None or question.find(heard.replace(answer.frame, b"", 1)) is not None:
            return None
    except LinkError:
        # A refusal is an answer too, but not one that tells of doors.
        return None
    return answer.frame


def doors(questions: Iterable[Question], frames: Iterable[bytes]) -> dict[int, Door]:
    """Return what these answers say of the channels that they cover."""
    seen: dict[int, Door] = {}
    for question, frame in zip(questions, frames, strict=True):
        if (answer := question.find(frame)) is not None:
            seen |= answer.doors
    return {channel: door for channel, door in seen.items() if door is not Door.UNKNOWN}


COMMISSIONABLE: Mapping[str, Commissionable] = {
    "lock8a": Commissionable(
        lock8a.Lock8a,
        lock8a.Settings,
        bauds=(9600, 19200, 115200),
        addresses=lock8a_codec.ADDRESSES,
        locks=lock8a_codec.LOCKS,
        learned={
            "status_byte_order": ("high_first", "low_first"),
            "bitmap_polarity": ("one_is_open", "one_is_closed"),
            "single_polarity": ("closed_is_11", "closed_is_00"),
        },
        contacts=Contacts(ask_contact, read_contact, settings=("single_polarity",)),
    ),
    "kerong_cu48": Commissionable(
        cu48.KerongCu48,
        cu48.Settings,
        bauds=(19200, 9600),
        addresses=cu48_codec.ADDRESSES,
        locks=cu48_codec.LOCKS,
        learned={"bitmap_polarity": ("one_is_locked", "one_is_unlocked")},
    ),
    "kerong_cu16": Commissionable(
        cu16.KerongCu16,
        cu16.Settings,
        bauds=(19200, 9600, 57600, 115200),
        addresses=cu16_codec.ADDRESSES,
        locks=cu16_codec.LOCKS,
        learned={"bitmap_polarity": ("one_is_locked", "one_is_unlocked")},
    ),
    "wkly": Commissionable(
        wkly.Wkly,
        wkly.Settings,
        bauds=(9600,),
        addresses=wkly_codec.ADDRESSES,
        locks=wkly_codec.LOCKS,
        learned={"state_polarity": ("zero_is_open", "zero_is_closed")},
    ),
    "dc02": Commissionable(
        dc02.Dc02,
        dc02.Settings,
        bauds=(9600,),
        addresses=dc02_codec.ADDRESSES,
        locks=dc02_codec.LOCKS,
        learned={
            "status_byte_order": ("high_first", "low_first"),
            "bitmap_polarity": ("one_is_open", "one_is_closed"),
        },
    ),
    "cu60": Commissionable(
        cu60.Cu60,
        cu60.Settings,
        # No source states the speed.
        bauds=(19200, 9600, 57600, 115200),
        addresses=cu60_codec.ADDRESSES,
        locks=cu60_codec.LOCKS,
        learned={"bitmap_polarity": ("one_is_closed", "one_is_open")},
    ),
    "modbus_relay": Commissionable(
        modbus_relay.ModbusRelay,
        modbus_relay.Settings,
        bauds=(9600, 19200, 38400, 115200),
        # Delivered as 1 and set by software, up to 255: nobody waits a minute at each speed for boards that nobody set.
        addresses=range(1, 33),
        locks=modbus_relay_codec.LOCKS,
        learned={"input_polarity": ("on_is_closed", "on_is_open")},
        coils_apart=True,
    ),
    "winnsen": Commissionable(
        winnsen.Winnsen,
        winnsen.Settings,
        bauds=(9600,),
        addresses=winnsen_codec.ADDRESSES,
        locks=winnsen_codec.LOCKS,
        learned={"state_polarity": ("one_is_open", "one_is_closed")},
        # Its frames begin with 90, which opens a batch of locks on boards of the 0x8A family; their check sum protects.
        asked_last=True,
    ),
}
