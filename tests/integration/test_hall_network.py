"""The links of the demonstration's network, with real sockets: what each fault looks like from the station's side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from hall.addresses import free_port
from hall.network import Direction, Link, Network


@asynccontextmanager
async def echo_behind_link() -> AsyncIterator[tuple[Network, int]]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    target = server.sockets[0].getsockname()[1]
    port = free_port()
    async with server, Network([Link("mqtt", port, target)]) as network:
        yield network, port


async def connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port)


async def test_passes_bytes_and_the_end_of_them() -> None:
    async with echo_behind_link() as (_, port):
        reader, writer = await connect(port)
        sent = bytes(range(256)) * 4096
        writer.write(sent)
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(-1), 5) == sent


async def test_cut_resets_what_stands_and_what_comes() -> None:
    async with echo_behind_link() as (network, port):
        reader, writer = await connect(port)
        writer.write(b"a")
        assert await reader.readexactly(1) == b"a"
        await network.cut()
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(1), 5)
        again, _ = await connect(port)
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(again.read(1), 5)


async def test_refuse_closes_the_port_and_healing_opens_it() -> None:
    async with echo_behind_link() as (network, port):
        await network.refuse()
        with pytest.raises(ConnectionRefusedError):
            await connect(port)
        await network.heal()
        reader, writer = await connect(port)
        writer.write(b"b")
        assert await reader.readexactly(1) == b"b"


@pytest.mark.parametrize("direction", list(Direction))
async def test_black_hole_keeps_the_connection_and_the_bytes(direction: Direction) -> None:
    async with echo_behind_link() as (network, port):
        reader, writer = await connect(port)
        writer.write(b"before")
        assert await reader.readexactly(6) == b"before"
        await network.black_hole(direction=direction)
        writer.write(b"held")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.2)
        await network.heal()
        assert await asyncio.wait_for(reader.readexactly(4), 5) == b"held"


async def test_delay_is_added_each_way() -> None:
    async with echo_behind_link() as (network, port):
        reader, writer = await connect(port)
        await network.delay(0.1)
        began = time.monotonic()
        writer.write(b"c")
        assert await reader.readexactly(1) == b"c"
        assert 0.2 <= time.monotonic() - began < 2


async def test_one_link_can_be_faulty_alone() -> None:
    async with echo_behind_link() as (network, port):
        await network.refuse("mqtt")
        assert network.condition.fault == "refuse"
        await network.heal("mqtt")
        assert network.condition.fault == "none"
        await connect(port)
