"""Who may work at the stations themselves: badge, PIN and rights, which dispatch signs into each station's list."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.db.engine import reading, writing
from hub.db.tables import staff, stations
from hub.services.audit import record_user_action
from hub.services.mark_ready import ask_documents
from hub.services.passwords import Passwords
from hub.services.refusals import RefusedError, UnknownSubjectError

RIGHTS = ("load", "clear", "service")
EVERYWHERE = "*"

_BADGE = re.compile(r"^[A-Za-z0-9-]{1,32}$")
_PIN = re.compile(r"^[0-9]{6,12}$")


@dataclass(frozen=True)
class StaffDraft:
    """One person at the stations; `stations` are ids or `*` for every station."""

    badge: str
    name: str
    rights: tuple[str, ...]
    stations: tuple[str, ...]
    valid_until: datetime

    def check(self) -> None:
        """Refuse what a station would refuse.

        Raises:
            RefusedError: odd badge, no right, unknown right, or no station.
        """
        if not _BADGE.match(self.badge):
            raise RefusedError("badge_odd")
        if not self.rights or not set(self.rights) <= set(RIGHTS):
            raise RefusedError("rights_odd")
        if not self.stations:
            raise RefusedError("staff_needs_station")


class Staff:
    """Adds and removes the people of the stations; every station concerned gets a new list."""

    def __init__(self, engine: AsyncEngine, passwords: Passwords) -> None:
        self._engine = engine
        self._passwords = passwords

    async def add(self, by: str, now: datetime, draft: StaffDraft, pin: str) -> None:
        """Add a person, or give the person of this badge new rights and PIN.

        Raises:
            RefusedError: see `StaffDraft.check`; or the PIN is not 6 to 12 digits.
        """
        draft.check()
        if not _PIN.match(pin):
            raise RefusedError("pin_odd")
        values = {
            "name": draft.name,
            "pin": await self._passwords.hash(pin),
            "rights": json.dumps(list(draft.rights)),
            "stations": json.dumps(list(draft.stations)),
            "valid_until": draft.valid_until,
        }
        body = {"rights": list(draft.rights), "stations": list(draft.stations)}
        async with writing(self._engine) as connection:
            before = await _stations_of(connection, draft.badge)
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            row = dialect.insert(staff).values(badge=draft.badge, **values)
            await connection.execute(row.on_conflict_do_update(index_elements=[staff.c.badge], set_=values))
            await _renew_lists(connection, now, before | set(draft.stations))
            await record_user_action(connection, user=by, action="staff_added", subject=draft.badge, body=body, at=now)

    async def remove(self, by: str, now: datetime, badge: str) -> None:
        """Take a person off the list of every station.

        Raises:
            UnknownSubjectError: no such badge.
        """
        async with writing(self._engine) as connection:
            before = await _stations_of(connection, badge)
            if (await connection.execute(delete(staff).where(staff.c.badge == badge))).rowcount == 0:
                raise UnknownSubjectError("badge_unknown")
            await _renew_lists(connection, now, before)
            await record_user_action(connection, user=by, action="staff_removed", subject=badge, body={}, at=now)

    async def everyone(self) -> list[Row[Any]]:
        """Return all rows without their PINs, by badge."""
        columns = (staff.c.badge, staff.c.name, staff.c.rights, staff.c.stations, staff.c.valid_until)
        async with reading(self._engine) as connection:
            return list(await connection.execute(select(*columns).order_by(staff.c.badge)))


async def _stations_of(connection: AsyncConnection, badge: str) -> set[str]:
    text = await connection.scalar(select(staff.c.stations).where(staff.c.badge == badge))
    return set(json.loads(text)) if text else set()


async def _renew_lists(connection: AsyncConnection, now: datetime, names: set[str]) -> None:
    if EVERYWHERE in names:
        names = names | set(await connection.scalars(select(stations.c.station)))
    await ask_documents(connection, now, "staff", sorted(names - {EVERYWHERE}))
