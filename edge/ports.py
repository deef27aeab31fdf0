"""What the edge needs from its devices: one protocol per kind of device, no vendor in sight.

Services and the composition root speak these words only; a driver under `lockers/` or `printers/` fulfils one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable


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


CardKind = Literal["citizen", "hmt_resident", "foreign_2017", "foreign_2023"]


@dataclass(frozen=True, slots=True)
class IdCard:
    """A card that was read: held in memory only for the moment in which it is compared, and never shown.

    `valid_to` is None for a card without an end (长期). `photo` is the card's own block of 1,024 bytes, undecoded.
    """

    citizen_number: str = field(repr=False)
    kind: CardKind = "citizen"
    name: str = field(default="", repr=False)
    valid_to: date | None = None
    photo: bytes = field(default=b"", repr=False)


@runtime_checkable
class IdReader(Protocol):
    """A reader of citizens' identity cards; what a pickup needs of it."""

    name: str

    async def check(self) -> None:
        """Ask whether it is in order; raises `LinkError`, or `ReaderFailedError` for what it says of itself."""

    async def wait_for_card(self, deadline: float) -> IdCard | None:
        """Return a card that is put on the reader, or None when `deadline` seconds passed without one.

        A card that stays on the reader is returned once: it counts again only when it was lifted in between.
        Raises `LinkError`, or `CardUnreadableError` with what the citizen should do: it could not be read whole.
        """


@runtime_checkable
class BarcodeReader(Protocol):
    """A reader of bar and QR codes."""

    name: str

    async def check(self) -> None:
        """Ask whether it is there, if its family can be asked and nobody waits for a code; raises `LinkError`."""

    async def wait_for_code(self, deadline: float) -> str | None:
        """Return the next code, at most 4,096 bytes as text, or None when `deadline` seconds passed without one.

        What was read before the call is not returned; nothing in it is opened or believed. Raises `LinkError`.
        """


@dataclass(frozen=True, slots=True)
class Check:
    """One look at a page: `score` against `threshold`, `passed` says which side is good.

    `name`: `blur`, `glare`, `blank`, `finger`, `cut`, `duplicate`. `region` is where, as left, top, right, bottom in
    fractions of the page.
    """

    name: str
    score: float
    threshold: float
    passed: bool
    region: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it will be handed in: a JPEG of true size, and what was seen on it.

    Sizes are whole micrometres. `dpi` is the image's, `native_dpi` what the camera really resolved there (a lower one
    means that the image was enlarged). `original` is the cut-out before enhancement, as JPEG.
    """

    jpeg: bytes = field(repr=False)
    thumbnail: bytes = field(repr=False)
    width_um: int
    height_um: int
    dpi: int
    native_dpi: int
    format: str
    checks: tuple[Check, ...] = ()
    codes: tuple[str, ...] = field(default=(), repr=False)
    original: bytes = field(default=b"", repr=False)


CaptureVerdict = Literal["found", "no_sheet", "cropped", "unsure"]


@dataclass(frozen=True, slots=True)
class Capture:
    """What one shot gave; no pages unless `found`."""

    verdict: CaptureVerdict
    pages: tuple[Page, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What the camera sees now. `jpeg` is small; `outlines` are four corners each in fractions of the picture.

    `hint`: `empty` (nothing on the mat), `hold_still` (a hand or a moving sheet), `still` (about to be captured),
    `take_away` (this sheet was captured; the next one may come), `cropped`, `unsure`. `number` rises with each picture.
    """

    jpeg: bytes = field(repr=False)
    outlines: tuple[tuple[tuple[float, float], ...], ...]
    hint: Literal["empty", "hold_still", "still", "take_away", "cropped", "unsure"]
    number: int


Joining = Literal["pages", "card"]
"""`pages`: each on a page of its true size. `card`: the two sides of a card on one A4."""


@runtime_checkable
class DocumentCamera(Protocol):
    """A camera over a mat: pictures, pages, documents. Its work is done in a process of its own that may be killed."""

    name: str

    async def start(self) -> None:
        """Begin to look; raises as `preview`."""

    async def stop(self) -> None:
        """Stop looking and forget every picture; safe to call twice."""

    async def check(self) -> None:
        """Look at the camera itself: fresh pictures of the right size, focus and exposure locked, marks in place.

        Raises:
            CameraFailedError: with what is wrong.
        """

    async def compare_with(self, thumbnails: Sequence[bytes]) -> None:
        """Flag later pages that look like one of these as duplicates; forgotten at `stop`."""

    async def preview(self, after: int) -> Preview:
        """Return the newest picture with a number above `after`, waiting for it.

        Raises:
            CameraFailedError: no fresh picture within the deadline: gone, hung, or the same frame again and again.
        """

    async def next_capture(self) -> Capture:
        """Wait for a sheet to lie still and return its pages; the sheet must be taken away before the next.

        Raises:
            CameraFailedError: as `preview`.
        """

    async def capture(self) -> Capture:
        """Capture what lies there now, still or not; raises as `preview`."""

    async def turn(self, page: Page, quarters: int) -> Page:
        """Return the page turned clockwise by quarters of a circle; raises as `preview`."""

    async def join(self, pages: Sequence[Page], how: Joining) -> bytes:
        """Return one PDF/A-2b of the pages in this order, each at its true size.

        Raises:
            PagesRefusedError: they make no document as they are; nothing is lost.
            CameraFailedError: as `preview`.
        """


@dataclass(frozen=True, slots=True)
class DriveFile:
    """A file on a drive that may be offered. `name` is what the drive says, shortened and made printable: data only."""

    key: int
    name: str = field(repr=False)
    folder: str = field(repr=False)
    size: int
    kind: Literal["pdf", "ofd", "jpg", "png", "tif", "docx"]


DriveState = Literal["absent", "reading", "ready", "refused"]


@dataclass(frozen=True, slots=True)
class DriveLook:
    """What is plugged in. `reason` is a code of a refused drive; `skipped` counts files that are not offered."""

    state: DriveState
    files: tuple[DriveFile, ...] = ()
    reason: str = ""
    skipped: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file that was judged by its content, cleaned, and may be kept. `notes` are codes of what was taken out."""

    content: bytes = field(repr=False)
    media_type: str
    pages: int
    thumbnail: bytes = field(default=b"", repr=False)
    notes: tuple[str, ...] = ()


@runtime_checkable
class UsbDrive(Protocol):
    """The public USB port: what is plugged in is read in user space, by a process that may be killed."""

    name: str

    async def check(self) -> str:
        """Return what is wrong with what reads here, whatever is plugged in; empty if nothing.

        `no_worker`: its process does not start. `no_scanner`: the virus scanner of the station file is away.
        """

    async def look(self, after: int) -> DriveLook:
        """Return what is plugged in once its `number` is above `after`, waiting for a change."""

    async def thumbnail(self, key: int) -> bytes:
        """Return a small JPEG of a file, `b""` if there is none; raises as `fetch`."""

    async def fetch(self, key: int) -> ImportedFile:
        """Read one file whole, judge and clean it.

        Raises:
            FileRefusedError: it may not be kept; carries the reason's code.
            DriveGoneError: the drive was pulled, or does not answer; nothing of the file was kept.
        """

    async def forget(self) -> None:
        """End of a visit: the worker ends, and nothing that it read is left."""


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
