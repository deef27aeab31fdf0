"""One sweep of a hub's contents that kills itself: `python -m tests.file_sweeper URL FOLDER POINT`.

POINT: `taken` (out of its place, not committed), `committed` (nothing unlinked yet), `none`. Grace: what is older than
200 days by the tests' clock.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path

from hub.db.engine import make_engine
from hub.services.file_disk import FileDisk
from hub.services.file_format import FileKeys
from hub.services.file_store import FileStore
from hub.services.file_sweep import FileSweep
from tests.unit.hub.services.samples import NOW

KEYS = FileKeys(b"k" * 32)


class Clock:
    """Stands 200 days after NOW."""

    def now(self) -> datetime:
        return NOW + timedelta(days=200)

    def monotonic(self) -> float:
        return 0.0


class KilledSweep(FileSweep):
    """Killed by the kernel in the middle of a sweep."""

    point = "none"

    def _take_out(self, gone: list[str]) -> None:
        super()._take_out(gone)
        self._die("taken")

    def _drop(self, gone: list[str]) -> None:
        self._die("committed")
        super()._drop(gone)

    def _die(self, point: str) -> None:
        if self.point == point:
            os.kill(os.getpid(), signal.SIGKILL)


async def main(url: str, folder: Path, point: str) -> None:
    engine = make_engine(url)
    sweep = KilledSweep(FileStore(engine, FileDisk(folder, KEYS), Clock()))
    sweep.point = point
    await sweep.once(0.0)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
