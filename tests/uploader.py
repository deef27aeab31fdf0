"""A station's side of uploads as a process that tests may kill: `python -m tests.uploader FOLDER URL TOKEN_FILE`.

FOLDER is a station's data: its store and its encrypted files. Ends by itself when nothing is wanted any more.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing
from pathlib import Path

from edge.clock import SystemClock
from edge.store.files import Files
from edge.store.shelf import Shelf
from edge.store.unit_of_work import Store
from edge.uplink import upload
from edge.uplink.documents import Source

KEY = b"k" * 32
CLOCK = SystemClock("Asia/Shanghai")


async def hand_in(folder: Path, contents: list[bytes]) -> list[str]:
    """Keep contents at the station, wanted by the hub; return their hashes."""
    async with await Store.open(folder / "station.db", CLOCK) as store:
        with closing(Files(folder / "files", KEY)) as files:
            shelf = Shelf(store, files)
            stored = [await shelf.take(content, "application/pdf", "S") for content in contents]
            await store.transact(lambda tx: tx.want_files("S"))
            return [each.sha256 for each in stored]


async def run(folder: Path, source: Source) -> None:
    """Send until nothing is wanted, as the station does: swept at the start, short pauses."""
    upload.RETRY_MIN_S, upload.RETRY_MAX_S = 0.05, 0.1
    async with await Store.open(folder / "station.db", CLOCK) as store:
        with closing(Files(folder / "files", KEY)) as files:
            shelf = Shelf(store, files)
            await shelf.sweep()
            sending = asyncio.create_task(upload.Uploads(store, shelf, source).run())
            while not sending.done() and (await store.read(lambda tx: bool(tx.wanted_files())) or await files.all()):
                await asyncio.wait({sending}, timeout=0.1)
            sending.cancel()
            await asyncio.wait({sending})


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), Source(sys.argv[2], Path(sys.argv[3]))))
