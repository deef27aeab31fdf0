"""Every layout: exact size, declared PDF/A-2b, fonts inside, text that comes back, codes read from 203 dots an inch."""

from __future__ import annotations

import io
import re
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from edge.errors import LayoutRefusedError
from edge.paper_ports import Dots
from edge.printers.layouts.catalogue import LAYOUTS
from edge.printers.layouts.fonts import load_faces
from edge.printers.layouts.slips import DOTS, DOTS_PER_INCH
from edge.printers.layouts.typeset import Typesetter
from tests.unit.edge.printers.layouts.examples import EXAMPLES, LICENCE, LONG_NAME, RARE, SCOPE

AT = datetime(2026, 11, 24, 22, 3, tzinfo=UTC)
ROLLS = sorted(name for name, kind in LAYOUTS.items() if kind.height_mm is None)


@cache
def setter() -> Typesetter:
    return Typesetter(load_faces())


@cache
def paper(name: str) -> bytes:
    return setter().pdf(name, EXAMPLES[name], AT)


def _words(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    text = "".join(page.get_textpage().get_text_range() for page in pages)
    return re.sub(r"\s", "", unicodedata.normalize("NFC", text))


def _put_in(value: object, key: str = "") -> list[str]:
    if isinstance(value, str):
        return [] if key in {"qr", "kind", "quality", "amount", "paid"} else [value]
    if isinstance(value, dict):
        return [text for name, each in value.items() for text in _put_in(each, name)]
    return [text for each in value for text in _put_in(each)] if isinstance(value, list) else []


def test_the_clock_of_a_station_has_fractions_of_a_second_and_a_paper_is_set_all_the_same() -> None:
    assert setter().pdf("notice", EXAMPLES["notice"], AT.replace(microsecond=123456)).startswith(b"%PDF")


def test_every_layout_has_an_example() -> None:
    assert EXAMPLES.keys() == LAYOUTS.keys()


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_the_sheet_has_its_size(name: str) -> None:
    pages = pypdfium2.PdfDocument(paper(name))
    assert len(pages) == 1
    width, height = (Decimal(side) * Decimal("25.4") / 72 for side in pages[0].get_size())
    kind = LAYOUTS[name]
    assert abs(width - kind.width_mm) < Decimal("0.1")
    assert kind.height_mm is None or abs(height - kind.height_mm) < Decimal("0.1")


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_it_is_declared_pdf_a_2b_and_carries_its_fonts(name: str) -> None:
    with pikepdf.open(io.BytesIO(paper(name))) as pdf:
        with pdf.open_metadata() as said:
            assert (said["pdfaid:part"], said["pdfaid:conformance"]) == ("2", "B")
        assert [str(each.S) for each in pdf.Root.OutputIntents] == ["/GTS_PDFA1"]
        fonts = [
            each
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/FontDescriptor"
        ]
        assert fonts
        assert all("/FontFile2" in each or "/FontFile3" in each for each in fonts)


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_the_text_that_was_put_in_comes_back(name: str) -> None:
    words = _words(paper(name))
    for text in _put_in(EXAMPLES[name]):
        assert re.sub(r"\s", "", text) in words


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_its_codes_are_read_from_203_dots_an_inch(name: str) -> None:
    page = pypdfium2.PdfDocument(paper(name))[0].render(scale=DOTS_PER_INCH / 72).to_pil()
    told = EXAMPLES[name].get("qr") or EXAMPLES[name].get("item_number")
    assert [code.text for code in zxingcpp.read_barcodes(page)] == ([told] if told else [])


def _picture(dots: Dots) -> Image.Image:
    return Image.frombytes("1", (dots.width, dots.rows), bytes(byte ^ 0xFF for byte in dots.bits))


@pytest.mark.parametrize("name", ROLLS)
def test_a_roll_is_as_wide_as_the_head_and_its_code_is_read_from_the_dots(name: str) -> None:
    dots = setter().dots(name, EXAMPLES[name])
    assert dots.width == DOTS
    assert len(dots.bits) == dots.rows * dots.width // 8
    picture = _picture(dots).convert("L")
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == (
        [EXAMPLES[name]["qr"]] if "qr" in EXAMPLES[name] else []
    )


def test_dots_are_the_same_whatever_was_set_before() -> None:
    first = setter().dots("ticket", EXAMPLES["ticket"])
    setter().dots("ticket", {**EXAMPLES["ticket"], "number": "B777"})
    assert setter().dots("ticket", EXAMPLES["ticket"]) == first
    assert setter().dots("ticket", {**EXAMPLES["ticket"], "reprint": True}).rows > first.rows


STOCK = ("国徽", "营业执照", "登记机关公章", "国家市场监督管理总局监制", "http://www.gsxt.gov.cn", "样张")


@pytest.mark.parametrize("name", ["licence_original", "licence_copy"])
def test_on_stock_nothing_is_printed_that_the_stock_carries(name: str) -> None:
    shown, printed = _words(paper(name)), _words(setter().pdf(name, {**EXAMPLES[name], "production": True}, AT))
    for text in STOCK:
        assert text in shown
        assert text not in printed
    for text in (LICENCE["name"], LICENCE["uscc"], LICENCE["scope"], RARE):
        assert text in printed


LABELS = {
    "company": ("法定代表人", "注册资本", "住所"),
    "partnership": ("执行事务合伙人", "出资额", "主要经营场所"),
    "sole_proprietorship": ("投资人", "出资额", "住所"),
    "individual_business": ("经营者", "组成形式", "经营场所"),
    "branch": ("负责人", "经营场所"),
}


@pytest.mark.parametrize("kind", sorted(LABELS))
def test_labels_switch_by_type_of_business(kind: str) -> None:
    changes: dict[str, dict[str, Any]] = {
        "individual_business": {"composition": "个人经营", "capital": None},
        "branch": {"capital": None},
    }
    own = changes.get(kind, {})
    words = _words(setter().pdf("licence_original", {**LICENCE, "kind": kind, **own}, AT))
    for label in LABELS[kind]:
        assert label in words
    others = {label for labels in LABELS.values() for label in labels} - set(LABELS[kind])
    assert not [label for label in others if label in words and not any(label in mine for mine in LABELS[kind])]


def test_a_printer_that_is_off_moves_what_is_printed_and_nothing_else() -> None:
    moved = setter().pdf("licence_original", {**LICENCE, "shift_x_mm": "3.50", "shift_y_mm": "-2"}, AT)

    def place(pdf: bytes, text: str) -> tuple[float, float]:
        page = pypdfium2.PdfDocument(pdf)[0].get_textpage()
        index, _ = page.search(text).get_next()
        left, bottom, _, _ = page.get_charbox(index)
        return left, bottom

    for text, x_mm, y_mm in ((LICENCE["uscc"], 3.5, -2.0), ("营业执照", 0.0, 0.0)):
        (left, bottom), (new_left, new_bottom) = place(paper("licence_original"), text), place(moved, text)
        assert (new_left - left) * 25.4 / 72 == pytest.approx(x_mm, abs=0.05)
        assert (bottom - new_bottom) * 25.4 / 72 == pytest.approx(y_mm, abs=0.05)


@pytest.mark.parametrize(("name", "signs"), [("licence_copy", 1000), ("licence_original", 1300)])
def test_a_long_scope_shrinks_and_is_whole(name: str, signs: int) -> None:
    scope = (SCOPE * 40)[:signs]
    assert scope in _words(setter().pdf(name, {**EXAMPLES[name], "scope": scope}, AT))


_ROW = EXAMPLES["tax_record"]["rows"][0]
_REFUSAL = {"kind": "not_accepted", "gaps": [], "reason": "不属于本机关职权", "remedies": "可以申请行政复议。"}
REFUSED: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("a scope of 3,000 signs", "licence_copy", {"scope": (SCOPE * 80)[:3000]}, "too_long", "scope"),
    ("a scope of more", "licence_original", {"scope": (SCOPE * 80)[:3001]}, "too_long", "scope"),
    ("a type that there is not", "licence_original", {"kind": "cooperative"}, "wrong_value", "kind"),
    ("a sign that no face has", "licence_original", {"person": "\U00020000"}, "no_glyph", "person"),
    ("a sign that turns the text", "licence_original", {"person": "a\u202eb"}, "wrong_value", "person"),
    ("a sign in a row", "receipt", {"rows": [{"zh": "\U00020000", "en": "x", "value": "y"}]}, "no_glyph", "rows.0.zh"),
    ("a code with a wrong check", "licence_original", {"uscc": "91350100M000100Y4Z"}, "wrong_value", ""),
    ("a field nobody knows", "ticket", {"price": "3"}, "unknown_field", "price"),
    ("a phone in clear", "waybill", {"receiver_phone": "13800001234"}, "wrong_value", "receiver_phone"),
    ("a name in clear", "waybill", {"receiver": "张三丰"}, "wrong_value", "receiver"),
    ("a part of a fen", "tax_record", {"rows": [{**_ROW, "paid": "1.005"}]}, "wrong_value", "rows.0.paid"),
    ("a real tax paper", "tax_record", {"sample": False}, "wrong_value", "sample"),
    ("a request to complete nothing", "notice", {"gaps": []}, "wrong_value", ""),
    ("a refusal without remedies", "notice", {**_REFUSAL, "remedies": None}, "wrong_value", ""),
    ("a capital of a branch", "licence_original", {"kind": "branch"}, "wrong_value", ""),
    ("copy 3 of 2", "licence_copy", {"copy_number": 3}, "wrong_value", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "change", "reason", "where"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_makes_no_paper_is_refused_with_the_field(
    name: str, change: dict[str, Any], reason: str, where: str
) -> None:
    with pytest.raises(LayoutRefusedError) as refused:
        setter().pdf(name, {**EXAMPLES[name], **change}, AT)
    assert (refused.value.reason, refused.value.where) == (reason, where)


def test_a_missing_field_and_an_unknown_layout_are_refused() -> None:
    with pytest.raises(LayoutRefusedError, match="missing_field: person"):
        setter().pdf("licence_original", {key: value for key, value in LICENCE.items() if key != "person"}, AT)
    with pytest.raises(LayoutRefusedError, match="unknown_layout"):
        setter().pdf("banknote", {}, AT)


def test_a_refusal_tells_nothing_of_what_it_was_told() -> None:
    with pytest.raises(LayoutRefusedError) as refused:
        setter().pdf("licence_original", {**LICENCE, "person": "王\U00020000五"}, AT)
    assert "五" not in str(refused.value)


@pytest.mark.parametrize("kind", ["accepted", "not_accepted"])
def test_the_other_notices_say_what_they_must(kind: str) -> None:
    told = {"accepted": {"kind": kind, "gaps": [], "promised_on": "2026年12月22日"}, "not_accepted": _REFUSAL}[kind]
    words = _words(setter().pdf("notice", {**EXAMPLES["notice"], **told}, AT))
    assert {"accepted": "受理通知书", "not_accepted": "不予受理通知书"}[kind] in words
    assert {"accepted": "2026年12月22日", "not_accepted": "可以申请行政复议。"}[kind] in words


def test_text_is_never_markup() -> None:
    evil = '#panic("x") #include "house.typ" = Title $x^2$ `raw` <label> @ref \\u{41} //comment'
    words = _words(setter().pdf("receipt", {**EXAMPLES["receipt"], "next_zh": evil}, AT))
    assert re.sub(r"\s", "", evil) in words


def test_the_sums_of_a_tax_paper_are_its_rows() -> None:
    words = _words(paper("tax_record"))
    assert "负肆仟叁佰贰拾陆元捌角贰分" in words
    assert "-4326.82" in words
    assert "-6007.14" in words


def test_a_tax_record_of_many_pages_says_on_each_that_it_is_a_sample() -> None:
    rows = EXAMPLES["tax_record"]["rows"] * 40
    pages = pypdfium2.PdfDocument(setter().pdf("tax_record", {**EXAMPLES["tax_record"], "rows": rows}, AT))
    assert len(pages) > 1
    assert all("样张" in page.get_textpage().get_text_range() for page in pages)


def test_a_company_name_of_sixty_signs_is_whole() -> None:
    assert len(LONG_NAME) >= 60
    assert LONG_NAME[:60] in _words(paper("licence_copy"))
