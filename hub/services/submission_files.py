"""What the desk asks about contents: which of these hashes are here, and the bytes of one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import reading
from hub.db.file_tables import files
from hub.services.file_disk import place_of
from hub.services.file_store import in_thread


@dataclass(frozen=True, slots=True)
class FileHere:
    """One content that is here and was verified."""

    sha256: str
    size: int
    media_type: str
    verified_at: datetime


class SubmissionFiles:
    """Reads the file store; `directory` is that of `hub/services/file_store.py`."""

    def __init__(self, engine: AsyncEngine, directory: Path) -> None:
        self._engine, self._directory = engine, directory

    async def here(self, hashes: Collection[str]) -> dict[str, FileHere]:
        """Return those of `hashes` that are here, by hash."""
        f = files.c
        query = select(f.sha256, f.size, f.media_type, f.verified_at).where(
            f.sha256.in_(list(hashes)), f.state == "verified"
        )
        async with reading(self._engine) as connection:
            rows = list(await connection.execute(query))
        return {row.sha256: FileHere(row.sha256, row.size, row.media_type, row.verified_at) for row in rows}

    async def open(self, sha256: str) -> BinaryIO | None:
        """Open one that is `here` for reading, or None; whoever asked closes it."""
        if sha256 not in await self.here([sha256]):
            return None
        try:
            return await in_thread(lambda: place_of(self._directory, sha256).open("rb"))
        except FileNotFoundError:
            return None
