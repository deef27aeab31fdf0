"""Names of a hostile drive become text that hides nothing; kinds are told by the true ending."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.scanners.usb_drive.names import LONGEST_SHOWN, kind_of, shown


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("营业执照.pdf", "营业执照.pdf"),
        ("e\u0301tude.pdf", "étude.pdf"),
        ("申请\u202efdp.exe", "申请_fdp.exe"),
        ("a\x00b\n.pdf", "a_b_.pdf"),
        ("\ud800\udfff.pdf", "__.pdf"),
        ("../../etc/passwd.pdf", ".._.._etc_passwd.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("com1", "_com1"),
        ("console.pdf", "console.pdf"),
        ("  a.pdf . ", "a.pdf"),
        ("\u200b", "_"),
        ("", "_"),
    ],
)
def test_a_name_is_made_printable(name: str, seen: str) -> None:
    assert shown(name) == seen


def test_a_long_name_keeps_its_end() -> None:
    text = shown("长" * 255 + ".pdf")
    assert len(text) == LONGEST_SHOWN
    assert text.endswith("长.pdf")


@given(st.text(max_size=300))
def test_no_name_raises_or_breaks_a_line(name: str) -> None:
    text = shown(name)
    assert 0 < len(text) <= LONGEST_SHOWN
    assert text.isprintable()
    text.encode()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.PDF", "pdf"), ("a.jpeg", "jpg"), ("a.TIFF", "tif"), ("a.pdf.exe", None), ("pdf", None), ("a.docm", None),
        ("a.pdf.lnk", None), ("autorun.inf", None), ("a.ofd", "ofd"), ("a.docx ", "docx"), ("a.\u202efdp", None),
    ],
)  # fmt: skip
def test_the_kind_is_the_ending(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind
