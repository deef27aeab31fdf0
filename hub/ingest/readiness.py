"""Whether the database takes commits, and telling stations so: the hub's own retained presence.

`counter` rises each time the database is reachable again, so that stations offer at once what they hold. While it is
away nothing is acknowledged, neither to stations nor to the broker.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from uuid import UUID

from sqlalchemy import Integer, cast, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.session import MqttSession, SessionError, Will
from contract.state import HubPresence
from contract.topics import hub_presence
from hub.db.engine import is_away, reading, writing
from hub.db.tables import hub_meta

log = logging.getLogger(__name__)

CHECK_S = 2.0
RETRY_MIN_S, RETRY_MAX_S = 0.25, 5.0
PUBLISH_RETRY_S = 1.0


def presence_will(worker: str) -> Will:
    """Return what the broker says when this process dies: at once.

    While mosquitto 2.0.11 waits with a will, it also keeps handing the dead process its share of the events.
    """
    return Will(hub_presence(worker), HubPresence(ready=False, counter=0).to_bytes(), delay_s=0)


class Readiness:
    """Watches the database and publishes `nd1/hub/{worker}/presence`."""

    def __init__(self, engine: AsyncEngine, session: MqttSession, worker: str) -> None:
        self._engine, self._session, self._topic = engine, session, hub_presence(worker)
        self._back = asyncio.Event()
        self._lost = asyncio.Event()
        self._news = asyncio.Event()
        self._message = HubPresence(ready=False, counter=0)

    def lost(self, error: BaseException) -> None:
        """A transaction failed because the database is away."""
        if self._back.is_set():
            log.warning("the database is away (%s)", type(error).__name__)
        self._back.clear()
        self._lost.set()

    def ledger_renewed(self) -> None:
        """This hub took a new ledger: say so at once."""
        self._lost.set()

    async def wait(self) -> None:
        """Return when the database is (again) reachable."""
        await self._back.wait()

    async def run(self) -> None:
        """Watch and publish until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._publish_news(), name="hub presence")
            tasks.create_task(self._announce_connections(), name="hub presence on connect")
            await self._watch()

    async def _watch(self) -> None:
        while True:
            self._say(await self._reached())
            self._lost.clear()
            self._back.set()
            await self._until_lost()
            if not self._back.is_set():
                self._say(HubPresence(ready=False, counter=self._message.counter))

    async def _reached(self) -> HubPresence:
        """Commit a counter, as often as it takes: that proves that commits work."""
        pause = RETRY_MIN_S
        while True:
            try:
                return await self._count()
            except Exception as error:  # noqa: BLE001 -- whatever keeps the database from committing: say it, try again
                self._back.clear()
                log.warning("the database takes no commit (%s)", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, RETRY_MAX_S)

    async def _count(self) -> HubPresence:
        meta = hub_meta.c
        counter = update(hub_meta).where(meta.name == "presence_counter")
        raised = counter.values(value=cast(cast(meta.value, Integer) + 1, meta.value.type)).returning(meta.value)
        async with writing(self._engine) as connection:
            count = await connection.scalar(raised)
            ledger = await connection.scalar(select(meta.value).where(meta.name == "ledger"))
        return HubPresence(ready=True, counter=int(count or 0), ledger=UUID(ledger) if ledger else None)

    async def _until_lost(self) -> None:
        while not self._lost.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._lost.wait(), CHECK_S)
                return
            try:
                async with reading(self._engine) as connection:
                    ledger = await connection.scalar(select(hub_meta.c.value).where(hub_meta.c.name == "ledger"))
            except Exception as error:
                if not is_away(error):
                    raise
                self.lost(error)
                return
            if ledger != str(self._message.ledger):
                return  # another process took a new ledger

    def _say(self, message: HubPresence) -> None:
        self._message = message
        self._news.set()

    async def _announce_connections(self) -> None:
        async for _ in self._session.connections():
            self._news.set()

    async def _publish_news(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._session.publish(self._topic, self._message.to_bytes(), retain=True)
            except SessionError:
                await asyncio.sleep(PUBLISH_RETRY_S)
                if self._session.connected:
                    self._news.set()
