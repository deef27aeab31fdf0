"""Commands of code readers byte by byte as their manuals print them."""

from __future__ import annotations

import pytest

from edge.scanners.barcode_reader import codec


@pytest.mark.parametrize(
    ("frame", "printed"),
    [
        (codec.GM65_START, "7e 00 08 01 00 02 01 ab cd"),
        (codec.gm65(8, 0x0002, b"\x01"), "7e 00 08 01 00 02 01 02 da"),
        (codec.GM65_STOP, "7e 00 08 01 00 02 00 ab cd"),
        (codec.GM65_SAVE, "7e 00 09 01 00 00 00 de c8"),
        (codec.GM65_ASK_BAUD, "7e 00 07 01 00 2a 02 d8 0f"),
        (codec.gm65(8, 0x002A, b"\x39\x01"), "7e 00 08 02 00 2a 39 01 a7 ea"),
        (codec.gm65_ack(), "02 00 00 01 00 33 31"),
        (codec.SSI_START, "04 e4 04 00 ff 14"),
        (codec.SSI_STOP, "04 e5 04 00 ff 13"),
        (codec.SSI_ACK, "04 d0 00 00 ff 2c"),
    ],
)
def test_frames(frame: bytes, printed: str) -> None:
    assert frame.hex(" ") == printed
