"""What the edge needs from its devices: one protocol per kind of device, no vendor in sight.

Services and the composition root speak these words only; a driver under `lockers/` or `printers/` fulfils one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Door(StrEnum):
    """What the sensor of one door says; `UNKNOWN` (no or no trustworthy answer) is a value like the others."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Inside(StrEnum):
    """What a sensor inside a compartment says about an item; not every board has such sensors."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@runtime_checkable
class LockBoard(Protocol):
    """One controller with numbered channels; each channel is one lock and its door sensor.

    A board on a shared wire takes the bus for each conversation, unlock before poll. A driver that names this class as
    its base inherits what many boards don't have: sensors inside, and a voice of their own.
    """

    name: str
    channels: range

    async def unlock(self, channel: int) -> None:
        """Put exactly one unlock frame on the wire and return; the door alone tells whether it opened.

        The board times the coil's pulse. Never repeated here: what follows is the caller's decision.

        Raises:
            UnknownChannelError: the channel is not on this board; nothing was sent.
            UnlockRefusedError: this lock, or its bus, may not be unlocked now; nothing was sent.
            LinkError: the bytes could not be written completely; the door must be read before anything else.
        """

    async def read_doors(self) -> Mapping[int, Door]:
        """Ask the board once (queries may be repeated) and return every channel's door.

        Channels that the answer does not cover are `UNKNOWN`; never a guess.

        Raises:
            LinkError: the link is closed or gone.
            NoAnswerError: silence, or only frames of other boards, within the profile's deadline.
        """

    @property
    def inside(self) -> Mapping[int, Inside]:
        """Return what the last answer said about items, by channel; empty for a board without such sensors."""
        return {}

    @property
    def quarantine(self) -> str | None:
        """Return the name of this board's bus while it talks nonsense and unlocks on it are refused."""
        return None

    def on_hint(self, told: Callable[[int, Door], None]) -> None:
        """Have `told` called with channel and door whenever the board reports a change unasked; many never do.

        A hint is a reason to ask and nothing else: it may be late, disturbed, or another program's.
        """
        return


@runtime_checkable
class ReceiptPrinter(Protocol):
    """A printer of slips; text only for now: the layouts come later."""

    name: str

    async def check(self) -> None:
        """Ask its status, and print nothing.

        Raises:
            LinkError: the link is closed or gone.
            PrinterNotReadyError: it will not print now, with the reason in the printer's words.
            NoAnswerError: silence.
        """

    async def print_text(self, lines: list[str]) -> None:
        """Print the lines and cut.

        Raises:
            LinkError: the link is closed or gone.
            PrinterNotReadyError: paper out, cover open or offline, with the reason in the printer's words.
            NoAnswerError: the printer was silent when asked for its status; the slip may or may not be printed.
        """


@dataclass(frozen=True, slots=True)
class IdCard:
    """A card that was read: held in memory only for the moment in which it is compared, and never shown."""

    citizen_number: str = field(repr=False)


@runtime_checkable
class IdReader(Protocol):
    """A reader of citizens' identity cards; what a pickup needs of it."""

    name: str

    async def wait_for_card(self, deadline: float) -> IdCard | None:
        """Return a card that is put on the reader, or None when `deadline` seconds passed without one.

        A card that stays on the reader is returned once: it counts again only when it was lifted in between.

        Raises:
            LinkError: the reader is gone.
        """


class ByteLink(Protocol):
    """A wire that carries bytes both ways. Links open and close wires; drivers never do."""

    async def write(self, data: bytes) -> None:
        """Write all bytes or raise `LinkError`."""

    async def read(self, size: int, deadline: float) -> bytes:
        """Return up to `size` bytes, at least one, or `b""` when `deadline` seconds passed in silence."""

    async def discard_input(self) -> bytes:
        """Throw away what has arrived but was not read, and return it (for the log of a noisy line)."""

    @property
    def is_open(self) -> bool:
        """Whether the wire is there now."""


class Bus(Protocol):
    """One wire shared by boards: one conversation at a time, unlocks before polls."""

    @property
    def openings(self) -> int:
        """How often the wire was opened: another number means that the boards may have been without power since."""

    @property
    def quarantine(self) -> str | None:
        """Return the name of the bus while it talks nonsense and unlocks on it are refused."""

    def overhear(self, told: Callable[[bytes], None]) -> None:
        """Have `told` called with everything that the wire brings, asked for or not, one silence at a time."""

    def conversation(self, *, urgent: bool) -> AbstractAsyncContextManager[ByteLink]:
        """Take the wire for one request and its answer; urgent waiters are served before the others."""
