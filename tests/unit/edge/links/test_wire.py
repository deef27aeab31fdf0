from __future__ import annotations

import asyncio
import os
import select
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.errors import LinkError
from edge.links.wire import SerialLink, open_link


def _block_until_readable(path: str) -> None:
    """Keep the loop from running until the kernel has handed bytes over, so that no link can have read them."""
    with open(path, "rb", buffering=0) as other:
        assert select.select([other], [], [], 5)[0]


ALL_BYTES = bytes(range(256))


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[tuple[int, str]]:
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    path = tmp_path / "tty"
    path.symlink_to(os.ttyname(slave))
    yield master, str(path)
    for fd in (master, slave):
        try:
            os.close(fd)
        except OSError:
            continue


async def test_every_byte_passes_both_ways(terminal: tuple[int, str]) -> None:
    master, path = terminal
    link = await open_link(path, 9600)
    await link.write(ALL_BYTES)
    assert os.read(master, 512) == ALL_BYTES
    os.write(master, ALL_BYTES)
    heard = b""
    while len(heard) < 256:
        part = await link.read(100, 2)
        assert 0 < len(part) <= 100
        heard += part
    assert heard == ALL_BYTES
    assert await link.read(1, 0.01) == b""
    await link.close()
    await link.close()
    assert not link.is_open


async def test_a_second_program_is_refused(terminal: tuple[int, str]) -> None:
    link = await SerialLink.open(terminal[1], 9600)
    with pytest.raises(LinkError):
        await SerialLink.open(terminal[1], 9600)
    await link.close()
    again = await SerialLink.open(terminal[1], 9600)
    await again.close()


async def test_discard_takes_what_the_kernel_holds(terminal: tuple[int, str]) -> None:
    link = await open_link(terminal[1], 9600)
    os.write(terminal[0], b"stale")
    _block_until_readable(terminal[1])
    assert await link.discard_input() == b"stale"
    assert await link.read(10, 0.01) == b""
    await link.close()


async def test_unplugged_while_reading(terminal: tuple[int, str]) -> None:
    link = await open_link(terminal[1], 9600)
    reading = asyncio.create_task(link.read(1, 5))
    await asyncio.sleep(0)
    os.close(terminal[0])
    with pytest.raises(LinkError):
        await reading
    await asyncio.wait_for(link.closed(), 5)
    with pytest.raises(LinkError):
        await link.write(b"x")


async def test_a_device_that_takes_no_bytes(terminal: tuple[int, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.links.wire._WRITE_SECONDS", 0.05)
    link = await open_link(terminal[1], 9600)
    with pytest.raises(LinkError, match="takes no bytes"):
        await link.write(bytes(1_000_000))
    assert not link.is_open


async def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(LinkError):
        await open_link(str(tmp_path / "nothing"), 9600)


async def test_tcp() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(256))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    link = await open_link(f"socket://127.0.0.1:{port}", 9600)
    await link.write(ALL_BYTES)
    heard = b""
    while len(heard) < 256:
        heard += await link.read(256, 2)
    assert heard == ALL_BYTES
    with pytest.raises(LinkError):
        await link.read(1, 2)
    await link.close()
    server.close()
    await server.wait_closed()
    with pytest.raises(LinkError):
        await open_link(f"socket://127.0.0.1:{port}", 9600)


async def test_a_wire_that_was_full_once_is_quiet_afterwards(terminal: tuple[int, str]) -> None:
    """The library watches on a wire that it has nothing more to write to: a loop without rest, and an error each."""
    master, path = terminal
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    link = await SerialLink.open(path, 9600)
    sent = ALL_BYTES * 256
    writing = asyncio.create_task(link.write(sent))
    heard = b""
    while len(heard) < len(sent):
        await asyncio.sleep(0)
        if select.select([master], [], [], 0)[0]:
            heard += os.read(master, 4096)
    await writing
    await asyncio.sleep(0.05)
    assert heard == sent
    assert complaints == []
    await link.write(b"\x00")
    assert os.read(master, 10) == b"\x00"
    await link.close()
