"""A hub's upload routes on a folder and a database, without a server."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from hub.api.uploads import Uploads
from hub.clock import SystemClock
from hub.db.engine import writing
from hub.db.tables import station_tokens
from hub.services.file_disk import FileDisk
from hub.services.file_format import FileKeys
from hub.services.file_store import FileStore

STATIONS = ("dc-24h-01", "dc-24h-02")


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Hub:
    """Speaks HTTP for `station`; `free` is what the disk is said to have."""

    engine: AsyncEngine
    folder: Path
    free: list[int] = field(default_factory=lambda: [10**12])

    def __post_init__(self) -> None:
        self.disk = FileDisk(self.folder, FileKeys(b"k" * 32))
        self.store = FileStore(self.engine, self.disk, SystemClock(), free=lambda _: self.free[0])
        self._app = Starlette(routes=[*Uploads(self.engine, self.store).routes()])

    def client(self, station: str = STATIONS[0]) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer token of {station}", "Tus-Resumable": "1.0.0"}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://hub", headers=headers)

    def names(self) -> list[str]:
        """Every file below the folder."""
        return sorted(str(each.relative_to(self.folder)) for each in self.folder.rglob("*") if each.is_file())


async def announce(client: httpx.AsyncClient, sha256: str, size: int, media_type: str = "image/jpeg") -> httpx.Response:
    pairs = [
        f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in (("sha256", sha256), ("media_type", media_type))
    ]
    return await client.post("/uploads", headers={"Upload-Length": str(size), "Upload-Metadata": ",".join(pairs)})


async def piece(client: httpx.AsyncClient, sha256: str, offset: int, content: bytes) -> httpx.Response:
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return await client.patch(f"/uploads/{sha256}", headers=headers, content=content)


async def status_of(client: httpx.AsyncClient, sha256: str) -> int:
    return (await client.head(f"/files/{sha256}")).status_code


@pytest.fixture
async def hub(engine: AsyncEngine, tmp_path: Path) -> Hub:
    async with writing(engine) as connection:
        for station in STATIONS:
            digest = hashlib.sha256(f"token of {station}".encode()).hexdigest()
            values = {"station": station, "token_sha256": digest, "made_at": SystemClock().now()}
            await connection.execute(insert(station_tokens).values(values))
    return Hub(engine, tmp_path / "files")


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[httpx.AsyncClient]:
    async with hub.client() as opened:
        yield opened


@pytest.fixture
def failing_call(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """Let one call of `os` fail with an error number from now on."""

    def fail(name: str, code: int) -> None:
        def refuse(*_arguments: object) -> None:
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(os, name, refuse)

    return fail
