"""Both sides of a card at true size on one A4, with the words that a copy of an identity card carries here.

The words 仅供办理政务服务使用 are a picture of one bit a pixel (`card_words.png`), painted as a stencil: no font is
needed at the station and none has to be embedded. They stand between the sides and cover nothing of the card.
The picture was drawn with WenQuanYi Micro Hei (Apache-2.0); it holds ten characters and no font.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

from edge.ports import Page
from edge.scanners.document_camera.pdf import append, image_of, points

A4_UM = (210_000, 297_000)
FIRST_TOP_UM = 60_000
BETWEEN_UM = 30_000
WORDS_HEIGHT_UM = 6_500
WORDS = Path(__file__).with_name("card_words.png")
INK = "0.35 0.35 0.35 rg"


def add_card(pdf: Pdf, sides: Sequence[Page]) -> None:
    """Append an A4 with one or two sides of a card, one below the other, each at its true size.

    Raises:
        ValueError: none or more than two sides, or sides too large for one A4.
    """
    if not 1 <= len(sides) <= 2:
        raise ValueError(f"a card has one or two sides, not {len(sides)}")
    tops = _tops(sides)
    content, images = [], {}
    for number, (side, top) in enumerate(zip(sides, tops, strict=True)):
        left = (A4_UM[0] - side.width_um) // 2
        content.append(_placed((side.width_um, side.height_um), (left, top), f"/Im{number}"))
        images[f"/Im{number}"] = image_of(pdf, side.jpeg)
    stencil, size = _stencil(pdf)
    words_width = WORDS_HEIGHT_UM * size[0] // size[1]
    below = tops[0] + sides[0].height_um + (BETWEEN_UM - WORDS_HEIGHT_UM) // 2
    content.append(
        INK + " " + _placed((words_width, WORDS_HEIGHT_UM), ((A4_UM[0] - words_width) // 2, below), "/Words")
    )
    images["/Words"] = stencil
    append(pdf, (points(A4_UM[0]), points(A4_UM[1])), " ".join(content).encode(), images)


def _tops(sides: Sequence[Page]) -> list[int]:
    """Return how far from the page's top each side begins, in micrometres."""
    heights = [side.height_um for side in sides]
    total = sum(heights) + BETWEEN_UM * len(sides)
    if max(side.width_um for side in sides) > A4_UM[0] or total > A4_UM[1]:
        raise ValueError("these sides do not fit on one A4 at their true size")
    first = min(FIRST_TOP_UM, (A4_UM[1] - total) // 2)
    return [first, first + heights[0] + BETWEEN_UM][: len(sides)]


def _placed(size: tuple[int, int], place: tuple[int, int], name: str) -> str:
    """Return the operators that paint a picture of this size with its upper left corner there (micrometres)."""
    bottom = A4_UM[1] - place[1] - size[1]
    return f"q {points(size[0])} 0 0 {points(size[1])} {points(place[0])} {points(bottom)} cm {name} Do Q"


@cache
def _words() -> tuple[bytes, tuple[int, int]]:
    """Return the words as rows of bits (0 paints) with their width and height."""
    with Image.open(WORDS) as image:
        bits = np.asarray(image.convert("1"))
    return np.packbits(bits, axis=1).tobytes(), (bits.shape[1], bits.shape[0])


def _stencil(pdf: Pdf) -> tuple[Stream, tuple[int, int]]:
    data, (width, height) = _words()
    stream = Stream(pdf, data)
    stream.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=width, Height=height, ImageMask=True, BitsPerComponent=1,
        Decode=Array([0, 1]),
    )  # fmt: skip
    return stream, (width, height)
