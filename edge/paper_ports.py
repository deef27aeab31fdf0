"""What the edge needs of what prints: papers set from facts, a receipt printer, a printer of numbered stock.

As in `edge/ports.py` no vendor is in sight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable


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
class PaperMeter:
    """What a receipt printer has fed since its driver began, and what its sensor said last.

    A job counts when it is sent, whatever became of it: paper that may have moved is taken for gone. `roll_mm` is how
    long its new rolls are, 0 when nobody said; `near_end_mm` what is left when the sensor says that little is.
    """

    fed_um: int = 0
    cuts: int = 0
    paper: Literal["ok", "near_end", "out", "unknown"] = "unknown"
    roll_mm: int = 0
    near_end_mm: int = 0


@runtime_checkable
class MeteredPrinter(Protocol):
    """A receipt printer that knows how much paper it was told to use."""

    @property
    def meter(self) -> PaperMeter:
        """Return what was fed up to now; it only rises."""


@dataclass(frozen=True, slots=True)
class Dots:
    """A picture for a head of dots: `rows` lines of `width` dots, one bit each, 1 is black, lines padded to bytes."""

    width: int
    rows: int
    bits: bytes = field(repr=False)


@runtime_checkable
class DotsPrinter(ReceiptPrinter, Protocol):
    """A receipt printer whose head takes pictures: it prints papers of the layouts."""

    async def print_paper(self, layout: str, facts: Mapping[str, Any]) -> None:
        """Set the paper, print it and cut; raises as `print_text`, and as `Press.dots` before anything is printed.

        A slip that stopped in the middle for want of paper is not continued: printed again it is whole.
        """


@runtime_checkable
class Press(Protocol):
    """Sets papers from facts; `edge/printers/layouts/catalogue.py` names the layouts and what each is told."""

    async def pdf(self, layout: str, facts: Mapping[str, Any], at: datetime) -> bytes:
        """Return a paper as PDF/A-2b of its exact size, dated `at`.

        Raises:
            LayoutRefusedError: the facts make no such paper; nothing was set.
            PressError: the worker hangs or died; it is started again for the next paper.
        """

    async def dots(self, layout: str, facts: Mapping[str, Any]) -> Dots:
        """Return a paper for the receipt printer's head, 203 dots an inch; raises as `pdf`."""

    async def png(self, layout: str, facts: Mapping[str, Any], *, specimen: bool, dpi: int = 96) -> list[bytes]:
        """Return a paper's pages as PNG for the screen; raises as `pdf`.

        A specimen has its stock drawn and 样张 across it: shown before a paper is printed, it cannot pass for one.
        """

    async def pdf_png(self, pdf: bytes, *, dpi: int = 96) -> list[bytes]:
        """Return the pages of a PDF that came finished, as PNG; raises as `pdf`."""

    async def archive_copy(self, original: bytes, facts: Mapping[str, Any], at: datetime) -> bytes:
        """Return a copy of an archive's PDF with its custodian's mark (layout `archive_mark`) on every page.

        `facts` are without `page` and `pages`. Raises as `pdf`; a signed original is refused.
        """


@dataclass(frozen=True, slots=True)
class Stock:
    """A paper in a tray, as printer and station both name it. Sizes are whole micrometres."""

    width_um: int
    height_um: int
    tray: str
    type: str


@runtime_checkable
class OutputSensor(Protocol):
    """The sensor at the slot where papers come out."""

    async def paper(self) -> bool | None:
        """Return whether paper lies there, None when it does not say.

        Raises:
            LinkError: the link is closed or gone.
        """


@dataclass(frozen=True, slots=True)
class PrinterLook:
    """What a licence printer says of itself; `reasons` are IPP keywords, with `-report`, `-warning` or `-error`.

    `ready` is what lies in its trays, None for one that never tells and is trusted all the same. `obstacle` is a code
    of what its driver found: such a printer must not get a numbered sheet's job (`edge/core/printer_state.py`).
    """

    state: Literal["idle", "processing", "stopped"]
    accepting: bool
    reasons: tuple[str, ...]
    ready: tuple[Stock, ...] | None
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class JobLook:
    """What a licence printer says of a job. `impressions` are sides that came out, None where it does not count."""

    state: Literal["pending", "held", "processing", "stopped", "canceled", "aborted", "completed"]
    reasons: tuple[str, ...]
    impressions: int | None


@runtime_checkable
class LicencePrinter(Protocol):
    """A printer of numbered stock. No call is ever repeated here: whoever calls decides what a silence means.

    Raises (every call):
        LinkError: it is not there; nothing was sent.
        NoAnswerError: no whole answer came; what was asked may have been done.
        PrinterNotReadyError: it refused; nothing was done.
    """

    name: str

    async def look(self) -> PrinterLook:
        """Return its state and what lies in its trays."""

    async def send(self, document: bytes, job_name: str, stock: Stock) -> int:
        """Send a PDF for one sheet of this stock; return the printer's number of the job. `job_name` is random.

        Looked at before anything is sent: what lies in the tray, and whether it would do all that is asked.

        Raises:
            JobAlteredError: it took the job, and will not do all that was asked; it was told to drop it.
        """

    async def job(self, number: int, job_name: str) -> JobLook | None:
        """Return what became of a job, None if the printer knows none of that number and name.

        A printer that lost power may count from one again: the number alone would be another person's job.
        """

    async def find(self, job_name: str) -> int | None:
        """Return the number of the job of that name among those that the printer remembers."""

    async def cancel(self, number: int) -> None:
        """Ask that a job be dropped; whether it was is told by `job`."""
