"""The optional virus scanner of the machine, by clamd's INSTREAM over its Unix socket.

Runs at the driver, after the worker has judged a file: the worker has no sockets. A configured scanner that does not
answer is a reason to refuse (`no_scanner`): whoever configures one wants no unscanned file. clamd closes the stream
at its own StreamMaxLength, which must not lie below `largest_file`.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from pathlib import Path

from edge.scanners.intake.limits import refuse

_CHUNK = 128 * 1024
_LONGEST_ANSWER = 4096


async def scan(socket: Path, content: bytes, deadline: float = 10.0) -> None:
    """Return if the scanner found nothing.

    Raises:
        FileRefusedError: `virus`, or `no_scanner` when it is away, slow, or answers anything but OK and FOUND.
    """
    try:
        async with asyncio.timeout(deadline):
            answer = await _ask(socket, content)
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        refuse("no_scanner")
    if answer.endswith(b" FOUND"):
        refuse("virus")
    if answer != b"stream: OK":
        refuse("no_scanner")


async def _ask(socket: Path, content: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(str(socket), limit=_LONGEST_ANSWER)
    try:
        # It may answer and hang up before everything was sent; the answer is what counts.
        with contextlib.suppress(ConnectionError):
            await _send(writer, content)
        return (await reader.readuntil(b"\0"))[:-1]
    finally:
        writer.close()


async def _send(writer: asyncio.StreamWriter, content: bytes) -> None:
    writer.write(b"zINSTREAM\0")
    for at in range(0, len(content), _CHUNK):
        piece = content[at : at + _CHUNK]
        writer.write(struct.pack(">L", len(piece)) + piece)
        await writer.drain()
    writer.write(struct.pack(">L", 0))
    await writer.drain()
