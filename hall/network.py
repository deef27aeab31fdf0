"""The network between station and hub: TCP links that a person can cut, refuse, black-hole, slow down and heal.

A link listens on loopback and forwards to one address. Its faults are the ones that a real line has, seen from the
station: connections reset (`cut`), connections refused (`refuse`), packets that vanish (`black_hole`) and delay.
Black-holed bytes are held and delivered after healing, as TCP's own retransmission would do.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

CHUNK_BYTES = 65536
# A slow reader must slow the sender down, as a real line does: so many chunks wait in one direction, then no more.
CHUNKS_WAITING = 64
# SO_LINGER with zero seconds: close sends RST at once instead of FIN.
_RESET = struct.pack("ii", 1, 0)


class Fault(StrEnum):
    """What is wrong with a link."""

    NONE = "none"
    CUT = "cut"
    REFUSE = "refuse"
    BLACK_HOLE = "black_hole"


class Direction(StrEnum):
    """Whose bytes a black hole swallows: the station's (`up`), the hub's (`down`) or both."""

    UP = "up"
    DOWN = "down"
    BOTH = "both"


@dataclass(frozen=True)
class Condition:
    """The state of a link. `delay_s` is added to each direction; `direction` matters to a black hole alone."""

    fault: Fault = Fault.NONE
    delay_s: float = 0.0
    direction: Direction = Direction.BOTH

    def swallows(self, direction: Direction) -> bool:
        """Whether bytes of that direction do not arrive now."""
        return self.fault is Fault.BLACK_HOLE and self.direction in (direction, Direction.BOTH)


class Link:
    """One listening port that forwards to one address while its condition allows."""

    def __init__(self, name: str, port: int, target_port: int, host: str = "127.0.0.1") -> None:
        self.name, self.port, self.target_port, self.host = name, port, target_port, host
        self.condition = Condition()
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Listen; raises OSError when the port is taken."""
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, self.host, self.port)

    async def close(self) -> None:
        """Stop listening and reset what stands; safe to call twice."""
        self._stop_listening()
        self._reset_all()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def set(self, condition: Condition) -> None:
        """Change the link's condition; returns when it is in force."""
        self.condition = condition
        if condition.fault in (Fault.CUT, Fault.REFUSE):
            self._reset_all()
        if condition.fault is Fault.REFUSE:
            self._stop_listening()
        else:
            await self.open()
        async with self._changed:
            self._changed.notify_all()

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _reset_all(self) -> None:
        for writer in list(self._writers):
            _reset(writer)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self.condition.fault in (Fault.CUT, Fault.REFUSE):
            _reset(writer)
            return
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            await self._forward(reader, writer)
        finally:
            self._tasks.discard(task)
            self._writers.discard(writer)
            _reset(writer)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._passable(Direction.UP)
        try:
            there_reader, there_writer = await asyncio.open_connection(self.host, self.target_port)
        except OSError:
            return  # nobody listens behind the link: the station sees its connection reset
        self._writers.add(there_writer)
        try:
            await asyncio.gather(
                self._pump(reader, there_writer, Direction.UP), self._pump(there_reader, writer, Direction.DOWN)
            )
        except OSError:
            pass  # one end was reset; the other follows in `finally`
        finally:
            self._writers.discard(there_writer)
            _reset(there_writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction) -> None:
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(CHUNKS_WAITING)
        delivery = asyncio.create_task(self._deliver(waiting, writer, direction))
        try:
            while data := await reader.read(CHUNK_BYTES):
                await waiting.put((time.monotonic() + self.condition.delay_s, data))
            await waiting.put((0.0, b""))
            await delivery
        finally:
            delivery.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await delivery

    async def _deliver(
        self, waiting: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter, direction: Direction
    ) -> None:
        while True:
            due, data = await waiting.get()
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await self._passable(direction)
            if not data:
                break
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    async def _passable(self, direction: Direction) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: not self.condition.swallows(direction))


class Network:
    """All links of a house; faults apply to all of them unless some are named."""

    def __init__(self, links: Iterable[Link], tell: Callable[[str], None] = lambda _: None) -> None:
        self.links = {link.name: link for link in links}
        self._tell = tell

    async def __aenter__(self) -> Self:
        for link in self.links.values():
            await link.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for link in self.links.values():
            await link.close()

    @property
    def condition(self) -> Condition:
        """The condition of the first faulty link, or a healthy one."""
        faulty = (link.condition for link in self.links.values() if link.condition != Condition())
        return next(faulty, Condition())

    async def cut(self, *names: str) -> None:
        """Reset every connection, now and until healed."""
        await self._set(Condition(Fault.CUT), names)

    async def refuse(self, *names: str) -> None:
        """Reset what stands and listen no more: connecting is refused at once."""
        await self._set(Condition(Fault.REFUSE), names)

    async def black_hole(self, *names: str, direction: Direction = Direction.BOTH) -> None:
        """Let packets vanish: connections stay, nothing arrives."""
        await self._set(Condition(Fault.BLACK_HOLE, direction=direction), names)

    async def delay(self, seconds: float, *names: str) -> None:
        """Let everything pass, so many seconds later each way."""
        await self._set(Condition(delay_s=seconds), names)

    async def heal(self, *names: str) -> None:
        """Let everything pass again."""
        await self._set(Condition(), names)

    async def _set(self, condition: Condition, names: tuple[str, ...]) -> None:
        for name in names or tuple(self.links):
            await self.links[name].set(condition)
        self._tell(f"network: {condition.fault} {', '.join(names) or 'all links'}")


def _reset(writer: asyncio.StreamWriter) -> None:
    connection: socket.socket | None = writer.get_extra_info("socket")
    if connection is not None and not writer.transport.is_closing():
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
