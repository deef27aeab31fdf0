"""The virus scanner's INSTREAM, byte for byte, against a server that keeps to clamd's description or breaks it."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge.errors import FileRefusedError
from edge.scanners.intake.clamd import scan

_MARK = b"found " + b"by this"


async def _stream(reader: asyncio.StreamReader) -> bytes:
    assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
    data = b""
    while size := struct.unpack(">L", await reader.readexactly(4))[0]:
        data += await reader.readexactly(size)
    return data


@asynccontextmanager
async def clamd(path: Path, answer: bytes | None = None) -> AsyncIterator[Path]:
    """Listen as clamd does; `answer` is said whatever comes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await _stream(reader)
        found = b"stream: Test.Mark.UNOFFICIAL FOUND\0" if _MARK in data else b"stream: OK\0"
        writer.write(found if answer is None else answer)
        writer.close()

    server = await asyncio.start_unix_server(serve, str(path / "clamd"))
    async with server:
        yield path / "clamd"


async def test_a_sound_file_passes(tmp_path: Path) -> None:
    async with clamd(tmp_path) as socket:
        await scan(socket, b"x" * 400_000)
        await scan(socket, b"")


async def test_a_virus_is_found_across_pieces(tmp_path: Path) -> None:
    async with clamd(tmp_path) as socket:
        with pytest.raises(FileRefusedError, match="virus"):
            await scan(socket, b"x" * (128 * 1024 - 3) + _MARK)


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK", b"\xff" * 9000])
async def test_any_other_answer_refuses(tmp_path: Path, answer: bytes) -> None:
    async with clamd(tmp_path, answer) as socket:
        with pytest.raises(FileRefusedError, match="no_scanner"):
            await scan(socket, b"x")


async def test_a_scanner_that_is_away_or_silent_refuses(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="no_scanner"):
        await scan(tmp_path / "nobody", b"x")
    ended = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    async with await asyncio.start_unix_server(silent, str(tmp_path / "silent")):
        with pytest.raises(FileRefusedError, match="no_scanner"):
            await scan(tmp_path / "silent", b"x", deadline=0.05)
        ended.set()
