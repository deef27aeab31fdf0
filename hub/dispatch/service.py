"""The dispatch process: it alone holds the signing keys, and works through rows that others left for it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from joserfc.jwk import OKPKey
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.session import MqttSession, SessionError, SessionSettings, Tls
from hub.clock import Clock
from hub.config import BrokerConfig
from hub.db.changes import ChangeFeed
from hub.db.engine import is_away
from hub.dispatch.commands import Commands
from hub.dispatch.desired import DesiredDocuments
from hub.dispatch.documents import serve_requests

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
BROKER_USER = "dispatch"


@dataclass(frozen=True)
class SigningKeys:
    """`commands` signs commands, `documents` signs `expected` and `staff`."""

    commands: OKPKey
    documents: OKPKey


def session_settings(broker: BrokerConfig, worker: str) -> SessionSettings:
    """Return dispatch's broker session: it only publishes."""
    return SessionSettings(
        url=broker.url,
        client_id=f"dispatch-{worker}",
        username=BROKER_USER,
        clean_start=True,
        session_expiry_s=0,
        tls=Tls(broker.ca_file, broker.cert_file, broker.key_file) if broker.ca_file else None,
        reconnect_max_s=5.0,
    )


class Dispatch:
    """`run()` until cancelled."""

    def __init__(self, engine: AsyncEngine, session: MqttSession, keys: SigningKeys, clock: Clock) -> None:
        self._engine, self._session, self._keys, self._clock = engine, session, keys, clock
        self._desired = DesiredDocuments(engine, session)
        self._commands = Commands(engine, session, keys.commands)

    async def run(self, feed: ChangeFeed) -> None:
        """Look at the rows whenever something was committed, and every two seconds."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow_connections(feed), name="dispatch connections")
            async for _ in feed.changes(pause_s=0.05, at_least_every_s=LOOK_EVERY_S):
                await self._once()

    async def _follow_connections(self, feed: ChangeFeed) -> None:
        async for _ in self._session.connections():
            self._desired.forget()
            feed.wake()

    async def _once(self) -> None:
        try:
            await serve_requests(self._engine, self._keys.documents, self._clock.now())
            await self._commands.expire(self._clock.now())
            if self._session.connected:
                await self._commands.send(self._clock.now())
                await self._desired.publish()
        except SessionError as error:
            log.warning("the broker is away (%s)", error)
        except Exception as error:
            if not is_away(error):
                raise
            log.warning("the database is away (%s)", type(error).__name__)
