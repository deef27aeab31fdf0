"""Documents: JPEGs untouched, true sizes, what PDF/A-2b asks for, the same bytes again."""

from __future__ import annotations

import io

import numpy as np
import pikepdf
import pypdfium2
import pytest
from pikepdf import pdfa

from edge.ports import Joining, Page
from edge.scanners.document_camera.encode import jpeg
from edge.scanners.document_camera.pdf import join
from edge.scanners.document_camera.pdf_check import check_pdfa
from edge.scanners.document_camera.pdf_declare import srgb_profile


def page(width_um: int, height_um: int, shade: int = 200) -> Page:
    image = np.full((height_um // 2000, width_um // 2000, 3), shade, np.uint8)
    return Page(jpeg(image, 80), b"", width_um, height_um, 300, 230, "other")


A4, A3, CARD = page(210_000, 297_000), page(420_000, 297_000), page(85_600, 54_000)


def test_pages_have_their_true_size_and_their_own_bytes() -> None:
    document = join([A4, A3, CARD])
    assert check_pdfa(document) == []
    with pikepdf.open(io.BytesIO(document)) as pdf:
        for made, given in zip(pdf.pages, [A4, A3, CARD], strict=True):
            assert float(made.mediabox[2]) == pytest.approx(given.width_um / 25400 * 72, abs=0.001)
            assert float(made.mediabox[3]) == pytest.approx(given.height_um / 25400 * 72, abs=0.001)
            assert made.Resources.XObject.Im0.read_raw_bytes() == given.jpeg


@pytest.mark.parametrize(("pages", "how"), [([A4, A3, CARD], "pages"), ([CARD, CARD], "card")])
def test_a_validator_of_others_finds_nothing(pages: list[Page], how: Joining) -> None:
    """The one of pikepdf approves only what it knows to conform."""
    report = pdfa.validate_written(io.BytesIO(join(pages, how)), "2b")
    assert [finding.rule for finding in report.findings] == []
    assert report.passed


def test_the_same_pages_are_the_same_bytes() -> None:
    assert join([A4, CARD]) == join([A4, CARD])
    assert srgb_profile()[36:40] == b"acsp"


def test_both_sides_of_a_card_stand_on_one_a4_with_the_words_between() -> None:
    document = join([CARD, CARD], "card")
    assert check_pdfa(document) == []
    drawn = pypdfium2.PdfDocument(document)
    assert len(drawn) == 1
    picture = np.asarray(drawn[0].render(scale=2).to_pil().convert("L"))
    per_mm = picture.shape[0] / 297

    def is_card(x: float, y: float) -> bool:
        return 190 < int(picture[round(y * per_mm), round(x * per_mm)]) < 210

    assert is_card(105 - 42, 61)
    assert is_card(105 + 42, 113)
    assert is_card(105, 145)
    assert not is_card(105 - 44, 80)
    assert picture[round(116 * per_mm) : round(142 * per_mm)].min() < 130, "no words between the sides"


@pytest.mark.parametrize(("pages", "how"), [([], "pages"), ([CARD] * 3, "card"), ([A3], "card")])
def test_what_is_no_document_is_refused(pages: list[Page], how: str) -> None:
    with pytest.raises(ValueError, match=r"pages|sides"):
        join(pages, "card" if how == "card" else "pages")


def test_what_is_active_or_undeclared_is_named() -> None:
    with pikepdf.open(io.BytesIO(join([A4]))) as pdf:
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        del pdf.Root.OutputIntents
        out = io.BytesIO()
        pdf.save(out)
    problems = check_pdfa(out.getvalue())
    assert "active content: OpenAction" in problems
    assert "no output intent with a colour profile" in problems
    assert check_pdfa(b"%PDF-1.7 nothing")[0].startswith("not a readable PDF")
