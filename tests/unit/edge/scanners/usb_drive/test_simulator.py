"""The simulated drives: what was put on one is read from it, and the file systems' own checkers find nothing wrong."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import get_args

import pytest

from edge.scanners.usb_drive.reader import open_drive
from edge.scanners.usb_drive.simulator import Kind, Table, write_image

FILES = {
    "营业执照.pdf": b"%PDF-1.4 " * 900,
    "照片/店面.jpg": b"\xff\xd8" + bytes(range(256)) * 700,
    "照片/" + "很长的名字" * 20 + ".png": b"png",
    "a/b/c/contract.docx": b"PK" * 5000,
    **{f"many/文件{number}.pdf": b"%d" % number * (number + 1) for number in range(120)},
}
CHECKERS = {"fat12": "fsck.fat", "fat16": "fsck.fat", "fat32": "fsck.fat", "exfat": "fsck.exfat"}


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("table", get_args(Table))
def test_what_was_put_on_a_drive_is_read_from_it(kind: Kind, table: Table) -> None:
    image = write_image(kind, FILES, table=table)
    drive = open_drive(lambda offset, size: image[offset : offset + size], len(image))
    read = {f"{each.folder}/{each.name}".strip("/"): b"".join(drive.read(each)) for each in drive.files}
    assert read == FILES


@pytest.mark.parametrize("kind", get_args(Kind))
def test_the_file_system_s_own_checker_finds_nothing_wrong(kind: Kind, tmp_path: Path) -> None:
    file = tmp_path / "drive.img"
    file.write_bytes(write_image(kind, FILES | {"empty.pdf": b"", "nothing/": b""}, table="none"))
    checked = subprocess.run([CHECKERS[kind], "-n", str(file)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_files_that_do_not_fit_are_refused() -> None:
    for kind in get_args(Kind):
        with pytest.raises(ValueError, match="fit"):
            write_image(kind, {"large.pdf": bytes(50 << 20)})
    with pytest.raises(ValueError, match="no fat32"):
        write_image("fat32", {}, size=8 << 20)
