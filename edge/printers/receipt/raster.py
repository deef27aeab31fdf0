"""Dots as ESC/POS: GS v 0 in bands, so that a job can be stopped between two of them (facts on hardware, §4.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from edge.paper_ports import Dots

_INITIALISE = b"\x1b\x40"
_RASTER = b"\x1d\x76\x30\x00"
_FEED_AND_CUT = b"\x1d\x56\x42\x00"
# DLE DC4 8: clear the buffer; what a job without paper left there must not come out before the next.
CLEAR_BUFFER = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
BAND_ROWS = 48
# Real-time commands are obeyed inside a picture too: DLE EOT, DLE ENQ and DLE DC4 would answer, recover or clear.
_REALTIME = re.compile(rb"\x10(?=[\x04\x05\x14])")


def native_code(text: str, module: int = 6) -> bytes:
    """Return a QR code that the printer draws itself, in the middle: model 2, level Q, `module` dots a module.

    GS ( k: model, size, level, store, print. Raises UnicodeEncodeError for what is not ASCII: makes differ there.
    """
    data = text.encode("ascii")
    functions = (b"A2\x00", b"C" + bytes((module,)), b"E2", b"P0" + data, b"Q0")
    parts = (b"\x1d\x28\x6b" + (len(each) + 1).to_bytes(2, "little") + b"1" + each for each in functions)
    return b"\x1b\x61\x01" + b"".join(parts) + b"\x1b\x61\x00"


def job(dots: Dots, band_rows: int = BAND_ROWS, below: bytes = b"") -> Iterator[bytes]:
    """Yield one job in portions: initialise, the picture in bands, what comes `below` it, feed to the cutter and cut.

    White rows above and below are left out: paper is what runs out.
    """
    yield _INITIALISE
    across = (dots.width + 7) // 8
    lines = [dots.bits[at * across : (at + 1) * across] for at in range(dots.rows)]
    inked = [at for at, line in enumerate(lines) if any(line)]
    lines = lines[inked[0] : inked[-1] + 1] if inked else []
    for start in range(0, len(lines), band_rows):
        band = lines[start : start + band_rows]
        yield _RASTER + across.to_bytes(2, "little") + len(band).to_bytes(2, "little") + _harmless(b"".join(band))
    if below:
        yield below
    yield _FEED_AND_CUT


def _harmless(picture: bytes) -> bytes:
    """Return the picture with one dot more wherever its bytes would be a command."""
    return _REALTIME.sub(b"\x18", picture)
