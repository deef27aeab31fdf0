"""How much paper bytes of ESC/POS move: rows of dots, lines of text, feeding to the cutter.

203 dots an inch. A line of text is 1/6 inch high as printers are switched on, and a double-byte character is as wide
as its two bytes in columns, of which a 58 mm head has 32. The way to the cutter and the size of a code that the
printer draws are UNCONFIRMED (per model); they are taken large, so that a roll is thought to end too early rather
than too late.
"""

from __future__ import annotations

from dataclasses import replace

from edge.paper_ports import PaperMeter

_RASTER, _CUT, _QR = b"\x1d\x76\x30\x00", b"\x1d\x56", b"\x1d\x28\x6b"
_COLUMNS = 32
_LINE_UM, _TO_CUTTER_UM, _CODE_UM = 4_234, 15_000, 40_000


def rows_um(rows: int) -> int:
    """Return the height of rows of dots in micrometres, rounded up."""
    return -(-rows * 25_400 // 203)


def fed(meter: PaperMeter, portion: bytes) -> PaperMeter:
    """Return the meter after one portion of a job: a band of a picture, a text, a code, or a cut."""
    if portion.startswith(_RASTER):
        # Nothing else is looked for: dots may have any bytes.
        return replace(meter, fed_um=meter.fed_um + rows_um(int.from_bytes(portion[6:8], "little")))
    text, cut, _ = portion.partition(_CUT)
    if _QR in text:
        moved = _CODE_UM
    else:
        moved = _LINE_UM * sum(max(1, -(-len(line) // _COLUMNS)) for line in text.split(b"\n")[:-1])
    return replace(meter, fed_um=meter.fed_um + moved + _TO_CUTTER_UM * bool(cut), cuts=meter.cuts + bool(cut))
