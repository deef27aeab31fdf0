"""Archive copies: the custodian's mark laid over every page of a scanned or born-digital original (facts, §4, §9 58).

The page itself is not touched: the mark is an object of its own above it. What was PDF/A-2 stays it; an older claim
would no longer be true and is taken out. A signed file is refused: any mark would break its signature.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal

import pikepdf

from edge.errors import LayoutRefusedError
from edge.printers.layouts.received import MOST_BYTES, MOST_PAGES

_KEPT_PART, _CLAIMS = "2", ("pdfaid:part", "pdfaid:conformance", "pdfaid:amd")
_MM_PER_POINT = Decimal("25.4") / 72
# A mark is 120 mm wide; what is smaller than A6 cannot bear it, what is larger than A0 is no page.
_SMALLEST_MM, _LARGEST_MM = 105, 1200

Mark = Callable[[int, int, Decimal, Decimal], bytes]
"""Sets the mark: page, pages, width and height in millimetres."""


def marked(pdf: bytes, mark: Mark) -> bytes:
    """Return the original with the mark on each page, bottom left as the page is read.

    Raises:
        LayoutRefusedError: `document`: no PDF or locked; `signed`; `pages`, `size`: more than is ever copied.
    """
    if len(pdf) > MOST_BYTES:
        raise LayoutRefusedError("too_long", "size")
    try:
        with pikepdf.open(io.BytesIO(pdf)) as original:
            return _marked(original, mark)
    except (pikepdf.PdfError, pikepdf.PasswordError):
        raise LayoutRefusedError("wrong_value", "document") from None


def _marked(original: pikepdf.Pdf, mark: Mark) -> bytes:
    if original.is_encrypted:
        raise LayoutRefusedError("wrong_value", "document")
    if _signed(original):
        raise LayoutRefusedError("wrong_value", "signed")
    pages = len(original.pages)
    if not 1 <= pages <= MOST_PAGES:
        raise LayoutRefusedError("too_long", "pages")
    for at, page in enumerate(original.pages, 1):
        width, height = _size_mm(page)
        with pikepdf.open(io.BytesIO(mark(at, pages, width, height))) as laid:
            page.add_overlay(laid.pages[0], None)
    with original.open_metadata(set_pikepdf_as_editor=False) as said:
        if said.get("pdfaid:part") != _KEPT_PART:
            for claim in _CLAIMS:
                said.pop(claim, None)
    kept = io.BytesIO()
    original.save(kept)
    return kept.getvalue()


def _signed(original: pikepdf.Pdf) -> bool:
    form = original.Root.get("/AcroForm")
    return (form is not None and int(form.get("/SigFlags", 0)) & 1 == 1) or "/Perms" in original.Root


def _size_mm(page: pikepdf.Page) -> tuple[Decimal, Decimal]:
    """Return width and height as the page is read: turned as it says."""
    left, bottom, right, top = (Decimal(str(each)) for each in page.trimbox)
    sides = abs(right - left) * _MM_PER_POINT, abs(top - bottom) * _MM_PER_POINT
    if not all(_SMALLEST_MM <= side <= _LARGEST_MM for side in sides):
        raise LayoutRefusedError("wrong_value", "size")
    return sides if int(page.obj.get("/Rotate", 0)) % 180 == 0 else (sides[1], sides[0])
