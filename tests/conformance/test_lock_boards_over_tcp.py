"""RS-485 behind a serial server (`socket://`): the same driver, the same bus, the same promises as on a device path."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from edge.errors import LinkError, NoAnswerError
from edge.links.bus import SharedBus
from edge.lockers.coils import CoilPacer
from edge.lockers.simulator import SimulatedBank
from edge.ports import Door, LockBoard
from tests.conformance.bench import eventually
from tests.conformance.kinds import KINDS, Kind

pytestmark = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


class SerialServer:
    """One board behind a TCP port; frames leave in two portions, as a network cuts them. `mute` loses them."""

    def __init__(self, kind: Kind) -> None:
        self.bank = SimulatedBank(range(1, kind.channels + 1))
        self.mute = False
        self.heard = b""
        self._board = kind.simulator(1, self.bank)
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def start(self, port: int = 0) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        if self._writer is not None:
            self._writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        try:
            while data := await reader.read(256):
                self.heard += data
                for frame in self._board.receive(data, time.monotonic()):
                    await self._send(writer, frame)
        except OSError:
            return
        finally:
            writer.close()

    async def _send(self, writer: asyncio.StreamWriter, frame: bytes) -> None:
        if self.mute:
            return
        for part in (frame[:3], frame[3:]):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.002)

    def truth(self) -> dict[int, Door]:
        return {channel: Door(door.leaf) for channel, door in self.bank.doors.items()}

    def pulses(self) -> dict[int, int]:
        return {channel: door.pulses for channel, door in self.bank.doors.items() if door.pulses}


@asynccontextmanager
async def _behind(server: SerialServer, kind: Kind) -> AsyncIterator[tuple[LockBoard, SharedBus, int]]:
    port, settings = await server.start(), kind.settings
    bus = SharedBus(
        f"socket://127.0.0.1:{port}", settings.baud, quiet=settings.quiet_ms / 1000, late=settings.late_ms / 1000
    )
    async with bus:
        yield kind.board(1, bus, CoilPacer(settings)), bus, port
    await server.stop()


async def test_doors_and_one_frame_for_one_coil(kind: Kind) -> None:
    server = SerialServer(kind)
    async with _behind(server, kind) as (board, _, _port):
        assert await board.read_doors() == server.truth()
        server.bank.force(2)
        assert await board.read_doors() == server.truth()
        await board.unlock(5)
        assert await board.read_doors() == server.truth()
        assert server.pulses() == {5: 1}
        assert server.heard.count(kind.unlock_frame(1, 5)) == 1


async def test_silence_and_a_connection_that_breaks(kind: Kind) -> None:
    server = SerialServer(kind)
    async with _behind(server, kind) as (board, bus, port):
        assert await board.read_doors() == server.truth()
        server.mute = True
        with pytest.raises(NoAnswerError):
            await board.read_doors()
        server.mute = False
        await server.stop()
        await eventually(lambda: not bus.is_open)
        with pytest.raises(LinkError):
            await board.unlock(1)
        server.bank.force(3)
        await server.start(port)
        await eventually(lambda: bus.is_open)
        assert await board.read_doors() == server.truth()
        assert server.pulses() == {}, "nothing is sent again by itself"
        await board.unlock(1)
        await eventually(lambda: server.pulses() == {1: 1})
