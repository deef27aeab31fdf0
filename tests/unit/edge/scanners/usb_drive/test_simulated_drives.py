"""What the demonstration's drives hold, and what becomes of each file: the honest ones pass, the bad ones say why."""

from __future__ import annotations

import pytest

from edge.errors import FileRefusedError
from edge.scanners.intake.judge import judge
from edge.scanners.usb_drive.reader import DriveRefusedError, open_drive
from edge.scanners.usb_drive.simulator.drives import DRIVES
from edge.scanners.usb_drive.simulator.words import LINES, line


def verdicts(kind: str) -> dict[str, str]:
    """By path: `clean`, the note of what was taken out, or the reason of the refusal."""
    image = DRIVES[kind]()
    drive = open_drive(lambda offset, size: image[offset : offset + size], len(image))
    told = {}
    for each in drive.files:
        try:
            taken = judge(each.name, b"".join(drive.read(each)))
            told[f"{each.folder}/{each.name}".strip("/")] = ", ".join(taken.notes) or f"clean, {taken.pages}"
        except FileRefusedError as refusal:
            told[f"{each.folder}/{each.name}".strip("/")] = refusal.reason
    return told


def test_every_document_of_the_honest_drive_is_taken() -> None:
    assert verdicts("honest") == {
        "营业执照.pdf": "clean, 1",
        "食品经营许可申请表.tif": "clean, 2",
        "房屋租赁合同.docx": "clean, 1",
        "电子发票.ofd": "clean, 1",
        "照片/店面.jpg": "clean, 1",
        "照片/后厨.png": "clean, 1",
    }


def test_the_large_drive_is_read_too() -> None:
    told = verdicts("large")
    assert len(told) == 19
    assert set(told.values()) == {"clean, 1"}


def test_of_the_bad_drive_one_file_is_taken_one_cleaned_and_the_others_refused() -> None:
    assert verdicts("bad") == {
        "正常的申请表.pdf": "clean, 1",
        "带脚本的申请表.pdf": "scripts_removed",
        "加密的执照.pdf": "encrypted",
        "其实是程序.jpg": "not_allowed",
        "带宏的合同.docx": "macros",
        "压缩炸弹.docx": "bomb",
        "巨大的图.png": "too_many_pixels",
        "传了一半的发票.ofd": "broken",
    }


@pytest.mark.parametrize(("kind", "reason"), [("locked", "locked"), ("broken", "other")])
def test_what_cannot_be_read_is_refused_as_a_drive(kind: str, reason: str) -> None:
    image = DRIVES[kind]()
    with pytest.raises(DriveRefusedError) as refusal:
        open_drive(lambda offset, size: image[offset : offset + size], len(image))
    assert refusal.value.reason == reason


def test_every_line_of_the_pictures_has_ink() -> None:
    assert all(line(text, 40).width > 60 for text in LINES)
