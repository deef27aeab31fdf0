"""The gallery inside the test's own process; under limits of memory and time: `python -m tests.hostile`."""

from __future__ import annotations

import pytest

from edge.errors import FileRefusedError
from edge.scanners.intake.judge import judge
from tests.hostile.archives import docx, ofd
from tests.hostile.case import CLEAN, Case
from tests.hostile.gallery import cases
from tests.hostile.pdfs import saved, signed
from tests.hostile.pictures import encoded
from tests.hostile.second_look import harm


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name.encode("ascii", "replace").decode())
def test_no_hostile_file_gets_through(case: Case) -> None:
    verdict, left = _judged(case)
    assert verdict in case.expected
    assert left == []


def _judged(case: Case) -> tuple[str, list[str]]:
    try:
        kept = judge(case.name, case.build())
    except FileRefusedError as refused:
        return refused.reason, []
    return CLEAN, harm(kept.content, kept.media_type)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("营业执照.pdf", saved(lambda pdf: None)),
        ("照片.JPEG", encoded("JPEG")),
        ("photo.jpg", encoded("JPEG", "CMYK")),
        ("scan.png", encoded("PNG", "P")),
        ("scan.tiff", encoded("TIFF", "1")),
        *((f"{mode[0]}.tif", encoded("TIFF", mode, (2480, 3508))) for mode in ("1", "L", "P", "I;16", "CMYK")),
        ("申请表.docx", docx()),
        ("发票.ofd", ofd()),
    ],
)
def test_an_honest_file_is_kept_without_a_note(name: str, content: bytes) -> None:
    kept = judge(name, content)
    assert (kept.pages, kept.notes) == (1, ())
    assert judge(name, kept.content).media_type == kept.media_type


def test_a_signed_file_with_nothing_to_remove_is_kept_byte_for_byte() -> None:
    content = saved(signed)
    kept = judge("合同.pdf", content)
    assert (kept.content, kept.notes) == (content, ("signature_kept",))
