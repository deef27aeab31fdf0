"""What issuing papers needs and shows: the machine, its patience, the contents, the view of a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from edge.core.printing import PrintStep
from edge.paper_ports import LicencePrinter, OutputSensor, Stock


@dataclass(frozen=True, slots=True)
class Machine:
    """The licence printer of a station: `trays` by kind of stock, None for plain paper."""

    printer: LicencePrinter
    trays: Mapping[str | None, Stock]
    sensor: OutputSensor | None = None

    def numbered(self) -> dict[str, str]:
        """Return by the name of each tray for numbered blanks the kind that lies in it."""
        return {stock.tray: kind for kind, stock in self.trays.items() if kind is not None}


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: between two looks at a job, for the printer to print, for the person to take the paper; `idle_s` is
    between two looks at a printer that nobody uses.
    """

    poll_s: float = 0.5
    print_s: float = 120.0
    take_s: float = 60.0
    idle_s: float = 60.0


PATIENT = Patience()


@dataclass(frozen=True, slots=True)
class PrintContent:
    """What an order's paper says: facts for its layout, or the PDF as it was received."""

    facts: Mapping[str, object] | None = field(default=None, repr=False)
    pdf: bytes | None = field(default=None, repr=False)


class Contents(Protocol):
    """Where contents are kept until their papers are out."""

    async def content(self, order: UUID) -> PrintContent:
        """Return it; raises RefusedError `paper_not_here`."""

    async def wipe(self, order: UUID) -> None:
        """Forget it for good, on the disk as well; does nothing when it is gone."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job for the screen. `faults` are the printer's words now, `seconds_left` what is left to take the paper."""

    step: PrintStep
    reason: str = ""
    faults: tuple[str, ...] = ()
    blank: str | None = None
    certificate: str = ""
    seconds_left: int | None = None


@dataclass(slots=True)
class Watched:
    """What is remembered of an open job while this process lives."""

    since: float
    seen: bool | None = None
    faults: tuple[str, ...] = ()
    troubled: str = ""
    printed_at: float | None = None
