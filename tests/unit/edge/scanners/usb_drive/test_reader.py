"""Real drives of every file system are read whole; broken ones end in a refusal or in fewer files, never in a loop."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from edge.scanners.usb_drive import reader
from edge.scanners.usb_drive.reader import Drive, DriveRefusedError, open_drive
from edge.scanners.usb_drive.simulator import write_image
from tests.real_drives import exfat, fat, ntfs, run

FILES = {
    "营业执照.pdf": b"%PDF-" + bytes(range(256)) * 900,
    "身份证正面复印件(加盖公章)最终版本.JPG": b"\xff\xd8\xff" * 100,
    "empty.docx": b"",
}


def opened(image: bytes) -> Drive:
    return open_drive(lambda offset, size: image[offset : offset + size], len(image))


def contents(drive: Drive) -> dict[str, bytes]:
    return {f"{each.folder}/{each.name}".strip("/"): b"".join(drive.read(each)) for each in drive.files}


def refused(image: bytes) -> str:
    with pytest.raises(DriveRefusedError) as refusal:
        opened(image)
    return refusal.value.reason


@pytest.mark.parametrize("bits", ["12", "16", "32"])
def test_a_real_fat_drive_is_read(tmp_path: Path, bits: str) -> None:
    files = {**FILES, "资料/扫描.tif": b"II*\0" * 3000, "资料/说明.txt": b"no", "程序.exe": b"MZ"}
    drive = opened(fat(tmp_path / "drive", bits, files).read_bytes())
    assert contents(drive) == {name: files[name] for name in files if not name.endswith((".txt", ".exe"))}
    # The two, and the volume's label.
    assert drive.skipped in {2, 3}


def test_a_real_ntfs_drive_is_read(tmp_path: Path) -> None:
    assert contents(opened(ntfs(tmp_path / "drive", FILES).read_bytes())) == FILES


def test_a_real_exfat_drive_with_a_long_contiguous_folder_is_read_whole(tmp_path: Path) -> None:
    drive = opened(exfat(tmp_path / "drive").read_bytes())
    read = contents(drive)
    assert len(read) == 92
    assert read["营业执照.pdf"] == b"one small file"
    assert read["材料/里面/扫描.tif"] == b"x" * 20000
    assert sorted(read)[-3].startswith("材料/第98页") or "材料/第99页身份证复印件.jpg" in read
    assert drive.skipped == 2


def test_hidden_files_and_links_are_not_offered(tmp_path: Path) -> None:
    image = fat(tmp_path / "drive", "16", {"a.pdf": b"1", "b.pdf": b"2", "._a.pdf": b"3", "~$c.docx": b"4"})
    run("mattrib", "-i", image, "+h", "::b.pdf")
    drive = opened(image.read_bytes())
    assert list(contents(drive)) == ["a.pdf"]
    assert drive.skipped >= 3


def test_what_holds_no_file_system_is_named() -> None:
    assert refused(b"") == "empty"
    assert refused(bytes(1 << 20)) == "other"
    assert refused(b"\xeb\x58\x90-FVE-FS-".ljust(512, b"\0") * 2048) == "locked"
    assert refused((b"\xeb\x58\x90MSDOS5.0\0\2\1\1\0\2\0\0\0\0\xf8".ljust(510, b"\0") + b"\x55\xaa") * 4) == "broken"


def test_a_fat_folder_within_itself_is_entered_once(tmp_path: Path) -> None:
    file = fat(tmp_path / "drive", "16", {"LOOP/IN.PDF": b"1"})
    run("mmd", "-i", file, "::LOOP/SUB")
    image = bytearray(file.read_bytes())
    loop, sub = (image.index(name.ljust(11)) for name in (b"LOOP", b"SUB"))
    image[sub + 26 : sub + 28] = image[loop + 26 : loop + 28]
    drive = opened(bytes(image))
    assert [each.folder for each in drive.files] == ["LOOP"]
    assert drive.skipped >= 1


@pytest.mark.parametrize("broken", [b"\xe5", b"\x7f", b"\x40", b"\x02"], ids=["deleted", "63", "0", "second"])
def test_a_long_name_that_is_broken_costs_its_file_the_name_only(broken: bytes) -> None:
    image = bytearray(write_image("fat12", {"a name of two entries.pdf": b"1", "执照.pdf": b"2"}, table="none"))
    place = image.index(b"ND00~001PDF") - 64
    image[place : place + 1] = broken
    assert contents(opened(bytes(image))) == {"ND00~001.PDF": b"1", "执照.pdf": b"2"}


def test_short_names_are_read_as_a_chinese_computer_writes_them() -> None:
    image = bytearray(write_image("fat16", {"a.pdf": b"1"}, table="none"))
    place = image.index(b"ND00~001PDF")
    image[place - 32] = 0xE5
    image[place : place + 11] = "执照".encode("gbk").ljust(8) + b"PDF"
    image[place + 12] = 0x10
    assert list(contents(opened(bytes(image)))) == ["执照.pdf"]
    image[place : place + 1] = b"\x05"
    assert list(contents(opened(bytes(image)))) == [(b"\xe5" + "执照".encode("gbk")[1:]).decode("gbk") + ".pdf"]


def test_an_exfat_folder_within_itself_is_entered_once() -> None:
    image = bytearray(write_image("exfat", {"loop/in.pdf": b"1", "loop/sub/x.pdf": b"2"}, table="none"))
    loop, sub = (image.index(name.encode("utf-16-le")) - 34 for name in ("loop", "sub"))
    image[sub + 20 : sub + 24] = image[loop + 20 : loop + 24]
    drive = opened(bytes(image))
    assert [each.folder for each in drive.files] == ["loop", "loop/sub"]
    assert drive.skipped >= 1


def test_a_file_s_size_is_a_claim(tmp_path: Path) -> None:
    image = bytearray(fat(tmp_path / "drive", "16", {"BIG.PDF": b"x" * 5000}).read_bytes())
    place = image.index(b"BIG     PDF")
    image[place + 28 : place + 32] = b"\xff\xff\xff\xff"
    drive = opened(bytes(image))
    (entry,) = drive.files
    assert entry.size == 0xFFFFFFFF
    with pytest.raises(OSError):  # noqa: PT011 - the library words it as it likes
        sum(len(piece) for piece in drive.read(entry))


def test_a_chain_that_returns_ends() -> None:
    image = bytearray(write_image("exfat", {"big.pdf": b"x" * 500_000}, table="none"))
    heads = [at for at in range(0, len(image) - 32, 32) if image[at] == 0xC0 and image[at + 3] == 7]
    (stream,) = heads
    first = struct.unpack_from("<I", image, stream + 20)[0]
    table = struct.unpack_from("<I", image, 80)[0] << image[108]
    image[stream + 1] = 1
    image[table + 4 * first : table + 4 * first + 4] = struct.pack("<I", first)
    drive = opened(bytes(image))
    (entry,) = drive.files
    with pytest.raises(OSError, match="chain"):
        list(drive.read(entry))


def test_entries_files_and_depth_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    image = write_image("fat32", {f"many/{number}.pdf": b"" for number in range(50)} | {"a/b/c/d.pdf": b""})
    monkeypatch.setattr(reader, "MOST_FILES", 10)
    drive = opened(image)
    assert (len(list(drive.files)), drive.skipped) == (10, 41)
    monkeypatch.setattr(reader, "MOST_ENTRIES", 20)
    assert len(list(opened(image).files)) <= 20
    monkeypatch.undo()
    monkeypatch.setattr(reader, "DEEPEST", 2)
    assert "d.pdf" not in [each.name for each in opened(image).files]


@pytest.mark.parametrize("kind", ["fat12", "fat16", "exfat"])
def test_a_damaged_drive_never_raises_anything_else(kind: str) -> None:
    whole = write_image(kind, {f"资料/{name}": each for name, each in FILES.items()}, table="none")  # type: ignore[arg-type]  # one of the kinds
    places = [at for at in range(0, len(whole), 512) if whole[at : at + 512].strip(b"\0")]
    for seed in range(60):
        dice, image = random.Random(seed), bytearray(whole)
        for _ in range(dice.choice((1, 4, 32))):
            at = dice.choice(places) + dice.randrange(508)
            image[at : at + 4] = dice.choice((dice.randbytes(4), b"\xff" * 4, bytes(4)))
        try:
            drive = opened(bytes(image))
            for entry in drive.files:
                if entry.size < 1 << 22:
                    _read(drive, entry)
        except DriveRefusedError:
            continue


def _read(drive: Drive, entry: reader.Entry) -> None:
    try:
        assert sum(map(len, drive.read(entry))) == entry.size
    except (OSError, ValueError, OverflowError):
        # The worker says `broken`.
        return
