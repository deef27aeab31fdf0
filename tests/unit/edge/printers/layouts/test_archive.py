"""Archive copies: the mark on every page however it is turned, the page below as it was, no claim that is not true."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from edge.errors import LayoutRefusedError
from edge.printers.layouts.fonts import load_faces
from edge.printers.layouts.press import open_press
from edge.printers.layouts.typeset import Typesetter
from tests.unit.edge.printers.layouts.examples import EXAMPLES, RARE

AT = datetime(2026, 11, 24, 22, 3, tzinfo=UTC)
MARK = {key: value for key, value in EXAMPLES["archive_mark"].items() if key not in {"page", "pages"}}


@cache
def setter() -> Typesetter:
    return Typesetter(load_faces())


# 18 mm with the quiet zone of four modules on each side: a code of version 4.
_CODE_MM = 18 * 33 / 41


def _saved(pdf: pikepdf.Pdf) -> bytes:
    kept = io.BytesIO()
    pdf.save(kept)
    return kept.getvalue()


def _scan(*pages: tuple[int, int, int], claim: str = "") -> bytes:
    """Pages as (width, height, turned)."""
    with pikepdf.new() as pdf:
        for width, height, turned in pages:
            page = pdf.add_blank_page(page_size=(width, height))
            page.obj.Rotate = turned
        if claim:
            with pdf.open_metadata() as said:
                said["pdfaid:part"], said["pdfaid:conformance"] = claim, "B"
        return _saved(pdf)


def _drawn(pdf: bytes) -> list[Image.Image]:
    return [page.render(scale=203 / 72).to_pil() for page in pypdfium2.PdfDocument(pdf)]


def test_every_page_bears_its_number_and_a_code_that_is_read() -> None:
    copy = setter().archive_copy(_scan((595, 842, 0), (842, 595, 0), (420, 595, 0)), MARK, AT)
    for at, page in enumerate(pypdfium2.PdfDocument(copy), 1):
        words = re.sub(r"\s", "", page.get_textpage().get_text_range())
        assert f"第{at}页共3页" in words
        assert MARK["custodian"] in words
    assert [[code.text for code in zxingcpp.read_barcodes(page)] for page in _drawn(copy)] == [[MARK["qr"]]] * 3


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_the_mark_stands_bottom_left_as_the_page_is_read_and_keeps_its_size(turned: int) -> None:
    (page,) = _drawn(setter().archive_copy(_scan((595, 842, turned)), MARK, AT))
    (code,) = zxingcpp.read_barcodes(page)
    corner = code.position.top_left
    assert corner.x < page.width / 2
    assert corner.y > page.height * 0.8
    millimetres = (code.position.top_right.x - corner.x) * 25.4 / 203
    assert millimetres == pytest.approx(_CODE_MM, abs=0.2)
    assert abs(code.orientation) <= 2


def test_what_the_page_said_it_still_says() -> None:
    original = setter().pdf("notice", EXAMPLES["notice"], AT)
    copy = setter().archive_copy(original, MARK, AT)
    words = pypdfium2.PdfDocument(copy)[0].get_textpage().get_text_range()
    assert RARE in words
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        fonts = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and "/FontName" in each]
        assert fonts
        assert all("/FontFile2" in each or "/FontFile3" in each for each in fonts)


@pytest.mark.parametrize(("claim", "kept"), [("2", "2"), ("1", None), ("3", None)])
def test_a_claim_to_be_pdf_a_stays_only_where_it_stays_true(claim: str, kept: str | None) -> None:
    copy = setter().archive_copy(_scan((595, 842, 0), claim=claim), MARK, AT)
    with pikepdf.open(io.BytesIO(copy)) as pdf, pdf.open_metadata() as said:
        assert said.get("pdfaid:part") == kept


def _signed() -> bytes:
    with pikepdf.open(io.BytesIO(_scan((595, 842, 0)))) as pdf:
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(), SigFlags=3)
        return _saved(pdf)


@pytest.mark.parametrize(
    ("original", "where"),
    [
        (b"no paper", "document"), (_signed(), "signed"),
        (_scan((100, 100, 0)), "size"), (_scan(*[(595, 842, 0)] * 21), "pages"),
    ],
    ids=["no PDF", "signed", "too small", "too many"],
)  # fmt: skip
def test_what_cannot_bear_a_mark_is_refused(original: bytes, where: str) -> None:
    with pytest.raises(LayoutRefusedError) as refused:
        setter().archive_copy(original, MARK, AT)
    assert refused.value.where == where


async def test_the_press_makes_copies() -> None:
    async with open_press() as press:
        copy = await press.archive_copy(_scan((595, 842, 0)), MARK, AT)
    assert abs(Decimal(str(pypdfium2.PdfDocument(copy)[0].get_width())) - 595) < 1
