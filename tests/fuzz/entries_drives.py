"""What a drive says of itself: partition tables, and file systems read by libraries that may die of it.

The readers run in a process of their own, which is started again after it has died: that is a finding, not the end.
"""

from __future__ import annotations

import contextlib
import select
import signal
import struct
import subprocess
import sys
import weakref

from edge.scanners.usb_drive.simulator import write_image
from edge.scanners.usb_drive.volumes import MOST_VOLUMES, find_volumes
from tests.fuzz.drive_images import NAMES, Sectors
from tests.fuzz.mutate import mutate_in_place
from tests.fuzz.runner import ElsewhereError, Entry

_DRIVE_SIZE = 1 << 30
_HANGS_S = 20.0


class RefusedError(Exception):
    """A drive that is not read."""


def _tables(data: bytes) -> None:
    volumes = find_volumes(lambda offset, size: data[offset : offset + size].ljust(size, b"\0"), _DRIVE_SIZE)
    assert len(volumes) <= MOST_VOLUMES
    ends = 0
    for volume in sorted(volumes, key=lambda each: each.offset):
        assert ends <= volume.offset
        ends = volume.offset + volume.size
        assert volume.size > 0
    assert ends <= _DRIVE_SIZE


class DriveReader:
    """Feeds a child, and starts another when it has died."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.child: subprocess.Popen[bytes] | None = None

    def feed(self, data: bytes) -> None:
        child = self.child or self._start()
        assert child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(struct.pack("<I", len(data)) + data)
            child.stdin.flush()
        answer = self._answer(child)
        if answer == "refused":
            raise RefusedError
        if answer:
            raise ElsewhereError(answer)

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.fuzz.drive_child", self._name]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        weakref.finalize(self, self.child.kill)
        # It says so when it is ready; starting is not what is measured.
        self._answer(self.child)
        return self.child

    def _answer(self, child: subprocess.Popen[bytes]) -> str:
        assert child.stdout is not None
        ready = select.select([child.stdout], [], [], _HANGS_S)[0]
        line = child.stdout.readline() if ready else b""
        if line:
            return line.decode().strip()
        child.kill()
        self.child = None
        status = child.wait()
        return f"hung {_HANGS_S}" if not ready else f"died by {signal.strsignal(-status) if status < 0 else status}"


ENTRIES = [
    Entry(
        "partition tables",
        _tables,
        [
            write_image("fat12", {}, table="mbr", size=4 << 20)[:1024],
            write_image("fat12", {}, table="gpt", size=4 << 20)[:4096],
            write_image("fat12", {}, table="none")[:1024],
        ],
    ),
    *(
        Entry(f"drive {name}", DriveReader(name).feed, Sectors(name), (RefusedError,), mutate_in_place, slow_s=4.0)
        for name in NAMES
    ),
]
