"""A simulated device on a pseudo-terminal, and its real driver opened as the composition root opens it."""

from __future__ import annotations

import asyncio
import fcntl
import sys
import termios
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from edge.links.simulator import Pty
from edge.ports import BarcodeReader, IdReader
from edge.scanner_sections import BarcodeReaderConfig, IdReaderConfig
from edge.scanners.barcode_reader.simulator import ScannerSimulator
from edge.scanners.id_reader.simulator import SdtSimulator
from edge.scanners.registry import open_barcode_reader, open_id_reader
from edge.sections import Setting

QUICK: dict[str, Setting] = {"poll_ms": 50, "answer_ms": 300, "read_ms": 400, "body_ms": 300}
STATION = Path("station.toml")


@asynccontextmanager
async def card_reader(
    folder: Path, simulator: SdtSimulator, **settings: Setting
) -> AsyncIterator[tuple[IdReader, Pty]]:
    """Yield the reader and its wire."""
    pty = Pty(folder / "id-reader", lambda data: pty.send(answer) if (answer := simulator.receive(data)) else None)
    pty.plug()
    config = IdReaderConfig(port=str(folder / "id-reader"), settings=QUICK | settings)
    try:
        async with open_id_reader(STATION, config) as reader:
            yield reader, pty
    finally:
        pty.unplug()


@asynccontextmanager
async def code_reader(
    folder: Path, family: str, *, terminator: bytes = b"\r", **settings: Setting
) -> AsyncIterator[tuple[BarcodeReader, ScannerSimulator, Pty]]:
    """Yield the reader, what it looks at, and its wire."""
    pty = Pty(folder / "codes", lambda data: pty.send(answer) if (answer := simulator.receive(data)) else None)
    simulator = ScannerSimulator(family, pty.send, terminator=terminator)
    pty.plug()
    config = BarcodeReaderConfig.model_validate(
        {"family": family, "port": str(folder / "codes"), "settings": {"again_seconds": 0.5, **settings}}
    )
    try:
        async with open_barcode_reader(STATION, config) as reader:
            yield reader, simulator, pty
    finally:
        pty.unplug()


def unread(fd: int) -> int:
    """How many bytes lie in a wire or a pipe, sent and not yet read."""
    return int.from_bytes(fcntl.ioctl(fd, termios.FIONREAD, bytes(4)), sys.byteorder)


async def until(true: Callable[[], bool]) -> None:
    """Wait for a condition, five seconds at most."""
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - the simulator has no event for it
            await asyncio.sleep(0.005)


async def shown_until_read(simulator: ScannerSimulator, waiting: asyncio.Task[str | None], text: str) -> None:
    """Hold a code before a reader that sends by itself, again and again as people do, until it was read."""
    async with asyncio.timeout(5):
        while not waiting.done():
            simulator.show(text)
            await asyncio.wait({waiting}, timeout=0.2)
