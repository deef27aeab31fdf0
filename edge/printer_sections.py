"""The table of a station's file for its licence printer: where it is, what lies in which tray, what sees paper."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from edge.sections import FilePath, Section, Setting


def _ipp(text: str) -> str:
    """`ipp://host[:port]/path` of a driverless printer or of a queue of CUPS."""
    parts = urlsplit(text)
    try:
        whole = parts.scheme == "ipp" and bool(parts.hostname) and bool(parts.path.strip("/")) and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise ValueError("ipp://host/path, such as ipp://printer.local/ipp/print or ipp://localhost/printers/licences")
    return text


class TrayConfig(Section):
    """One tray: `stock` is the kind of blanks in it, left out for plain paper; sizes as the printer feeds them.

    `type` is the media type that the printer's panel calls it by.
    """

    stock: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")] | None = None
    width_mm: Annotated[float, Field(ge=50, le=500)]
    height_mm: Annotated[float, Field(ge=50, le=500)]
    type: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")] = "stationery"


class OutputConfig(Section):
    """A sensor at the output, wired to a lock board's channel that has no lock: what it says while paper lies there."""

    board: str
    channel: Annotated[int, Field(ge=1)]
    paper: Literal["open", "closed"] = "closed"


class LicencePrinterConfig(Section):
    """The printer of numbered stock. `socket` is a local one that is asked instead of the host, as that of CUPS.

    `pdf_roots` are the authorities whose signatures on received PDFs are trusted.
    """

    family: Annotated[str, Field(min_length=1)] = "ipp"
    uri: Annotated[str, AfterValidator(_ipp)]
    socket: FilePath | None = None
    trays: Annotated[dict[str, TrayConfig], Field(min_length=1)]
    output: OutputConfig | None = None
    pdf_roots: FilePath | None = None
    settings: dict[str, Setting] = {}

    @model_validator(mode="after")
    def _one_tray_each(self) -> Self:
        kinds = [tray.stock for tray in self.trays.values()]
        if len(set(kinds)) < len(kinds):
            raise ValueError("each stock in one tray: a job is bound to the tray of its stock")
        return self
