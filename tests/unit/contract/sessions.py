"""What tests of the session share: settings in a hurry, brokers, and waiting for connections and messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from contract.session import Connection, MqttSession, Received, SessionSettings
from hall.addresses import free_port
from hall.broker import BrokerName, make_broker
from hall.processes import Child


def settings(port: int, client_id: str = "st-1", **how: object) -> SessionSettings:
    quick: dict[str, object] = {"reconnect_min_s": 0.05, "reconnect_max_s": 0.2} | how
    return SessionSettings(url=f"mqtt://127.0.0.1:{port}", client_id=client_id, **quick)  # type: ignore[arg-type] # any field


async def next_connection(session: MqttSession, after: int = 0) -> Connection:
    async with asyncio.timeout(10):
        async for connection in session.connections():
            if connection.number > after:
                return connection
    raise AssertionError("the session ended")


async def take(session: MqttSession, count: int) -> list[Received]:
    taken: list[Received] = []
    async with asyncio.timeout(10):
        async for message in session.messages():
            taken.append(message)
            if len(taken) == count:
                break
    return taken


@asynccontextmanager
async def running(name: BrokerName, folder: Path) -> AsyncIterator[tuple[int, Child]]:
    port = free_port()
    child = make_broker(name, folder / name, port, folder / f"{name}.log")
    await child.start()
    try:
        yield port, child
    finally:
        await child.stop()
