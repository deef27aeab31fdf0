"""What lies on the hub's disk opens as it was written or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.services.file_disk import FileDisk, make_folder
from hub.services.file_format import Announced, DamagedError, FileKeys, WholeFile, walk
from tests.unit.hub.services.submission_samples import PDF, sha

PIECES = [bytes([n]) * 500 for n in range(4)]
CONTENT = b"".join(PIECES)
SAID = Announced(sha(CONTENT), len(CONTENT), PDF)


def a_file(folder: Path) -> tuple[FileDisk, Path]:
    """Four pieces of the same length."""
    disk = FileDisk(folder, FileKeys(b"k" * 32))
    disk.announce("dc-24h-01", SAID)
    part = disk.open_part("dc-24h-01", SAID.sha256)
    assert part is not None
    for each in PIECES:
        part.append(each)
    make_folder(disk.place(SAID.sha256).parent)
    part.place(disk.place(SAID.sha256))
    part.close()
    return disk, disk.place(SAID.sha256)


def records(path: Path) -> tuple[bytes, list[bytes]]:
    """The header, and each record's bytes."""
    content, file = path.read_bytes(), os.open(path, os.O_RDONLY)
    found = [content[record.place : record.ends] for record in walk(file)]
    os.close(file)
    return content[:36], found


def read(disk: FileDisk) -> bytes:
    with disk.whole(SAID.sha256) as file:
        assert file.hash() == SAID.sha256
        return b"".join(file.pieces())


def test_it_opens_as_it_was_written(tmp_path: Path) -> None:
    disk, path = a_file(tmp_path / "one")
    assert read(disk) == CONTENT
    assert len(records(path)[1]) == 6


SPOILT: dict[str, Callable[[bytes, list[bytes], list[bytes]], bytes]] = {
    "two pieces in another order": lambda h, r, _: h + b"".join([r[0], r[2], r[1], *r[3:]]),
    "a piece left out": lambda h, r, _: h + b"".join([*r[:2], *r[3:]]),
    "a piece twice": lambda h, r, _: h + b"".join([*r[:2], r[1], *r[2:]]),
    "a piece of another file": lambda h, r, o: h + b"".join([*r[:2], o[2], *r[3:]]),
    "all of another file but the header": lambda h, _, o: h + b"".join(o),
    "no end": lambda h, r, _: h + b"".join(r[:-1]),
    "the end of another file": lambda h, r, o: h + b"".join([*r[:-1], o[-1]]),
    "a piece that says that it is the end": lambda h, r, _: h + b"".join([*r[:4], b"\x02" + r[4][1:]]),
    "an end that says that it is a piece": lambda h, r, _: h + b"".join([*r[:5], b"\x01" + r[5][1:], r[5]]),
    "something behind the end": lambda h, r, _: h + b"".join(r) + bytes(33),
    "another header": lambda h, r, _: h[:-1] + bytes([h[-1] ^ 1]) + b"".join(r),
    "nothing": lambda *_: b"",
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_was_changed_does_not_open(tmp_path: Path, how: str) -> None:
    disk, path = a_file(tmp_path / "one")
    header, own = records(path)
    _, others = records(a_file(tmp_path / "two")[1])
    path.write_bytes(SPOILT[how](header, own, others))
    with pytest.raises(DamagedError):
        read(disk)


def test_another_key_opens_nothing_and_names_nothing_alike(tmp_path: Path) -> None:
    disk, path = a_file(tmp_path / "one")
    other = FileKeys(b"o" * 32)
    file = os.open(path, os.O_RDONLY)
    with pytest.raises(DamagedError):
        WholeFile(other, file)
    os.close(file)
    assert other.name(SAID.sha256) != disk.keys.name(SAID.sha256)
