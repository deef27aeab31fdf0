"""Papers on the screen: a specimen shows the stock and says that it is one; a PDF that came is shown as it came."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pikepdf
import pytest
from PIL import Image, ImageChops

from edge.errors import LayoutRefusedError
from edge.printers.layouts.press import open_press
from edge.printers.layouts.received import MOST_BYTES, MOST_PAGES, pages_of
from tests.unit.edge.printers.layouts.examples import EXAMPLES

AT = datetime(2026, 11, 24, 22, 3, tzinfo=UTC)


def _picture(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def _alike(one: bytes, other: bytes) -> bool:
    return ImageChops.difference(_picture(one), _picture(other)).getbbox() is None


def _blank(pages: int, size: tuple[int, int] = (595, 842)) -> bytes:
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page(page_size=size)
        kept = io.BytesIO()
        pdf.save(kept)
    return kept.getvalue()


async def test_a_specimen_shows_the_stock_even_of_a_paper_for_production() -> None:
    real = {**EXAMPLES["licence_copy"], "production": True}
    async with open_press() as press:
        (shown,) = await press.png("licence_copy", real, specimen=True, dpi=50)
        (printed,) = await press.png("licence_copy", real, specimen=False, dpi=50)
        (drawn,) = await press.png("licence_copy", EXAMPLES["licence_copy"], specimen=True, dpi=50)
    assert _picture(shown).size == (585, 413)
    assert _alike(shown, drawn)
    assert not _alike(shown, printed)


async def test_a_specimen_of_a_notice_is_marked_and_a_long_paper_has_pages() -> None:
    rows = EXAMPLES["tax_record"]["rows"] * 20
    async with open_press() as press:
        (shown,) = await press.png("notice", EXAMPLES["notice"], specimen=True, dpi=40)
        (printed,) = await press.png("notice", EXAMPLES["notice"], specimen=False, dpi=40)
        pages = await press.png("tax_record", {**EXAMPLES["tax_record"], "rows": rows}, specimen=True, dpi=40)
    assert not _alike(shown, printed)
    assert len(pages) > 1


async def test_a_received_paper_is_shown_and_a_refusal_keeps_the_worker() -> None:
    async with open_press() as press:
        paper = await press.pdf("notice", EXAMPLES["notice"], AT)
        (page,) = await press.pdf_png(paper, dpi=72)
        with pytest.raises(LayoutRefusedError, match="wrong_value: document"):
            await press.pdf_png(b"%PDF-1.7 and then nothing")
        assert await press.pdf_png(paper, dpi=72) == [page]
    assert _picture(page).size == (596, 842)
    assert _picture(page).getextrema() != ((255, 255),) * 3


def test_what_a_signature_shows_is_shown() -> None:
    with pikepdf.open(io.BytesIO(_blank(1))) as pdf:
        seal = pdf.make_stream(b"1 0 0 rg 0 0 100 100 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
        seal.BBox = [0, 0, 100, 100]
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig, T=pikepdf.String("seal"),
            F=4, Rect=[100, 100, 200, 200], AP=pikepdf.Dictionary(N=seal),
        )  # fmt: skip
        widget = pdf.make_indirect(field)
        pdf.pages[0].Annots = pikepdf.Array([widget])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[widget], SigFlags=3)
        kept = io.BytesIO()
        pdf.save(kept)
    (page,) = pages_of(kept.getvalue(), 72)
    assert _picture(page).getpixel((150, 842 - 150)) == (255, 0, 0)


@pytest.mark.parametrize(
    ("pdf", "where"),
    [
        (b"", "document"),
        (b"PK\x03\x04", "document"),
        (_blank(MOST_PAGES + 1), "pages"),
        (_blank(1, (14400, 14400)), "size"),
        (b"%PDF" + bytes(MOST_BYTES), "size"),
    ],
    ids=["empty", "a zip", "too many pages", "too wide", "too large"],
)
def test_what_is_no_paper_is_refused(pdf: bytes, where: str) -> None:
    with pytest.raises(LayoutRefusedError) as refused:
        pages_of(pdf, 72)
    assert refused.value.where == where


def test_a_locked_paper_is_refused() -> None:
    with pikepdf.open(io.BytesIO(_blank(1))) as pdf:
        kept = io.BytesIO()
        pdf.save(kept, encryption=pikepdf.Encryption(owner="one", user="two"))
    with pytest.raises(LayoutRefusedError, match="document"):
        pages_of(kept.getvalue(), 72)
