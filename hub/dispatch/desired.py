"""Tell each station which documents it should hold: retained, published again when it changes or the broker forgot."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.session import MqttSession
from contract.state import Desired, WantedDocument
from contract.topics import desired
from hub.db.engine import reading
from hub.db.tables import documents


class DesiredDocuments:
    """Publishes `nd1/{station}/desired`."""

    def __init__(self, engine: AsyncEngine, session: MqttSession) -> None:
        self._engine, self._session = engine, session
        self._published: dict[str, Desired] = {}

    def forget(self) -> None:
        """The broker may have lost what it retained: publish everything again."""
        self._published.clear()

    async def publish(self) -> None:
        """Publish what changed.

        Raises:
            SessionError: no broker; the rest is published by the next call.
        """
        for station, wanted in (await self._wanted()).items():
            if self._published.get(station) != wanted:
                await self._session.publish(desired(station), wanted.to_bytes(), retain=True)
                self._published[station] = wanted

    async def _wanted(self) -> dict[str, Desired]:
        d = documents.c
        newest = select(d.station, d.kind, func.max(d.version).label("version")).group_by(d.station, d.kind).subquery()
        same = and_(d.station == newest.c.station, d.kind == newest.c.kind, d.version == newest.c.version)
        query = select(d.station, d.kind, d.version, d.sha256).join(newest, same).order_by(d.station, d.kind)
        found: dict[str, dict[str, WantedDocument]] = defaultdict(dict)
        async with reading(self._engine) as connection:
            for row in await connection.execute(query):
                found[row.station][row.kind] = WantedDocument(version=row.version, sha256=row.sha256)
        return {station: Desired(station=station, documents=kinds) for station, kinds in found.items()}
