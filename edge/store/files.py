"""Contents on the station's disk until the hub has them: found by their SHA-256, encrypted, durable when `put` returns.

A file's name is an HMAC of the content's hash, so that the folder does not even say whether a known document is in it.
Written beside, synced, renamed, and the folder synced: a name is there whole or not at all. What a crash left half
written, and what no row of the store names, is swept at the start (`edge/store/shelf.py` knows the rows).
"""

from __future__ import annotations

import asyncio
import errno
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from edge.errors import FileLostError, StoreBusyError
from edge.store import file_disk
from edge.store.file_cipher import OVERHEAD_OF_64_MIB, Sealer, derive
from edge.store.file_disk import NewFile, OpenFile
from edge.store.room import TIGHT_BYTES, free_bytes

log = logging.getLogger(__name__)

T = TypeVar("T")
# What is handed to the thread at once: large enough to be worth the way there, small enough to be held many times.
PIECE = 512 * 1024
ASK_ROOM_EVERY = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A content that is on the disk."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Swept:
    """What a start found: files removed (half written, or wanted by nobody), and hashes whose file is not there."""

    removed: int
    missing: tuple[str, ...]


class Files:
    """One folder of contents. `key` comes from the station's secret, which lies elsewhere (`edge/keys.py`).

    Reading and writing run in one thread of its own: the store's thread commits within milliseconds and may not wait
    for megabytes. `free` tells the free bytes of a folder.
    """

    def __init__(self, directory: Path, key: bytes, free: Callable[[Path], int] = free_bytes) -> None:
        self._directory, self._free = directory, free
        self._key, self._name_key = derive(key, b"store"), derive(key, b"names")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="files")
        # Held while a file gets its name and its row, or loses both: another's row must not lose its file in between.
        self._naming = asyncio.Lock()
        file_disk.make_folder(directory)

    def close(self) -> None:
        """Let the thread end; safe to call twice."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def require_room(self, size: int = 0) -> None:
        """Ask before anything is taken.

        Raises:
            StoreBusyError: with `size` bytes more the disk would be nearly full.
        """
        if self._free(self._directory) < TIGHT_BYTES + size + OVERHEAD_OF_64_MIB:
            raise StoreBusyError("the disk is nearly full: no new files until there is room")

    async def put(
        self,
        content: bytes | AsyncIterator[bytes],
        claim: Callable[[StoredFile], Awaitable[object]] | None = None,
    ) -> StoredFile:
        """Keep a content; it is on the disk when this returns, and nothing of it is when this raises.

        `claim` is awaited once the file has its name, and before anybody may delete it: write its row there.

        Raises:
            StoreBusyError: no room, or the disk refuses.
        """
        self.require_room(len(content) if isinstance(content, bytes) else 0)
        new = NewFile(self._directory, Sealer(self._key))
        try:
            await self._run(new.begin)
            await self._fill(new, content)
            await self._run(new.finish)
            stored = StoredFile(new.sha256, new.size)
            async with self._naming:
                await self._run(lambda: new.take_name(self._path(stored.sha256)))
                if claim is not None:
                    await claim(stored)
        except BaseException:
            # Also when the caller was cancelled; the thread does it after what it is doing.
            self._afterwards(new.discard)
            raise
        return stored

    async def read(self, sha256: str) -> bytes:
        """Return the whole content; raises as `chunks`."""
        return b"".join([piece async for piece in self.chunks(sha256)])

    async def chunks(self, sha256: str, offset: int = 0) -> AsyncIterator[bytes]:
        """Yield the content from `offset` on; only what is asked for is read and opened.

        Raises:
            FileLostError: it is not there, or damaged; what was yielded before is sound.
            StoreBusyError: the disk refuses.
        """
        file = OpenFile(self._path(sha256), self._key)
        try:
            await self._run(lambda: file.open(sha256))
            while piece := await self._run(partial(file.read, offset, PIECE)):
                offset += len(piece)
                yield piece
        finally:
            self._afterwards(file.close)

    async def has(self, sha256: str) -> bool:
        """Whether a whole file of that content is there; its end is opened, the rest is not looked at."""
        file = OpenFile(self._path(sha256), self._key)
        try:
            await self._run(lambda: file.open(sha256))
        except FileLostError:
            return False
        finally:
            self._afterwards(file.close)
        return True

    async def delete(self, sha256: str, unless: Callable[[], Awaitable[bool]] | None = None) -> None:
        """Remove a file; one that is not there is no error. Kept when `unless` says that it is (still, again) needed.

        Raises:
            StoreBusyError: the disk refuses.
        """
        async with self._naming:
            if unless is None or not await unless():
                await self._run(lambda: file_disk.remove(self._path(sha256)))

    async def all(self) -> list[StoredFile]:
        """Return what is there whole, as each file's own end says; damaged ones are left out and logged."""
        return await self._run(
            lambda: [StoredFile(*each) for each in file_disk.look_through(self._directory, self._key)]
        )

    async def sweep(self, wanted: Collection[str]) -> Swept:
        """Remove half-written files and those that are none of `wanted`; say which of `wanted` are not there.

        At the start only: a file that is just being put has no row yet.
        """
        names = {self._name(each): each for each in wanted}
        async with self._naming:
            removed, found = await self._run(lambda: file_disk.sweep(self._directory, names.keys()))
        return Swept(removed, tuple(sha256 for name, sha256 in names.items() if name not in found))

    async def _fill(self, new: NewFile, content: bytes | AsyncIterator[bytes]) -> None:
        if isinstance(content, bytes):
            await self._run(lambda: new.write(content))
            return
        unasked = 0
        async for piece in content:
            if (unasked := unasked + len(piece)) >= ASK_ROOM_EVERY:
                self.require_room()
                unasked = 0
            await self._run(partial(new.write, piece))

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except FileNotFoundError as error:
            raise FileLostError("a stored file is not there") from error
        except OSError as error:
            # Nothing is tried again on the same file: whoever wants it kept puts it again.
            log.error("the disk refused a stored file: %s", errno.errorcode.get(error.errno or 0, "?"))  # noqa: TRY400  a traceback names paths and says no more
            raise StoreBusyError("the disk refused a stored file") from error

    def _afterwards(self, work: Callable[[], None]) -> None:
        """Have the thread do it after what it is doing: its caller may have been cancelled in the middle."""
        try:
            self._thread.submit(work)
        except RuntimeError:
            work()  # the thread has ended, so nothing else is at it

    def _path(self, sha256: str) -> Path:
        return self._directory / self._name(sha256)

    def _name(self, sha256: str) -> str:
        return hmac.digest(self._name_key, bytes.fromhex(sha256), "sha256").hex()
