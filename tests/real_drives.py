"""Drives made by the tools that real ones are made with: mkfs.fat and mtools, mkntfs and ntfscp; one exFAT recorded.

Nothing is mounted. exFAT has no tool that copies into an image; the recorded one was filled over FUSE by the kernel's
page cache and exfat-fuse 1.3, and found clean by fsck.exfat 1.2.0.
"""

from __future__ import annotations

import lzma
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

_RECORDED = Path(__file__).parent / "unit/edge/scanners/usb_drive/exfat.img.xz"
_FAT_SIZES = {"12": 2, "16": 20, "32": 40}
MIB = 1 << 20


def run(*command: str | Path) -> None:
    """Run a tool that must succeed."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def fat(image: Path, bits: str, files: Mapping[str, bytes], megabytes: int = 0) -> Path:
    """Make a FAT drive; a name may have one folder."""
    _make_empty(image, megabytes or _FAT_SIZES[bits])
    run("mkfs.fat", "-F", bits, "-n", "U", image)
    for folder in sorted({name.split("/")[0] for name in files if "/" in name}):
        run("mmd", "-i", image, f"::{folder}")
    for name, content in files.items():
        run("mcopy", "-i", image, _as_file(image, content), f"::{name}")
    return image


def ntfs(image: Path, files: Mapping[str, bytes]) -> Path:
    """Make an NTFS drive; ntfscp makes no folders."""
    _make_empty(image, 8)
    run("mkntfs", "-F", "-Q", "-q", "-s", "512", image)
    for name, content in files.items():
        run("ntfscp", "-q", image, _as_file(image, content), name)
    return image


def exfat(image: Path) -> Path:
    """Write the recorded exFAT drive: 92 files to offer, two to pass over."""
    image.write_bytes(lzma.decompress(_RECORDED.read_bytes()))
    return image


def _make_empty(image: Path, megabytes: int) -> None:
    with image.open("wb") as file:
        file.truncate(megabytes * MIB)


def _as_file(image: Path, content: bytes) -> Path:
    file = image.with_suffix(".copied")
    file.write_bytes(content)
    return file
