"""What the desk asks about contents: which of these hashes are here, and the bytes of one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import reading
from hub.db.file_tables import files
from hub.services.file_disk import FileDisk
from hub.services.file_store import in_thread


@dataclass(frozen=True, slots=True)
class FileHere:
    """One content that is here and was verified."""

    sha256: str
    size: int
    media_type: str
    verified_at: datetime


class SubmissionFiles:
    """Reads the file store (`hub/services/file_store.py`)."""

    def __init__(self, engine: AsyncEngine, disk: FileDisk) -> None:
        self._engine, self._disk = engine, disk

    async def here(self, hashes: Collection[str]) -> dict[str, FileHere]:
        """Return those of `hashes` that are here, by hash."""
        f = files.c
        query = select(f.sha256, f.size, f.media_type, f.verified_at).where(
            f.sha256.in_(list(hashes)), f.state == "verified"
        )
        async with reading(self._engine) as connection:
            rows = list(await connection.execute(query))
        return {row.sha256: FileHere(row.sha256, row.size, row.media_type, row.verified_at) for row in rows}

    async def read(self, sha256: str) -> bytes:
        """Return a content; raises as `pieces`."""
        return b"".join([piece async for piece in self.pieces(sha256)])

    async def pieces(self, sha256: str) -> AsyncIterator[bytes]:
        """Yield a content; what was yielded is sound.

        Raises:
            FileNotFoundError: it is not here. DamagedError: it is not what was written.
        """
        with ExitStack() as stack:
            file = await in_thread(lambda: stack.enter_context(self._disk.whole(sha256)))
            pieces = file.pieces()
            while (piece := await in_thread(lambda: next(pieces, None))) is not None:
                yield piece
