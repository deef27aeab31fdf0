"""Which programs of the back office may speak to the hub: a token each, of which the hub keeps the SHA-256."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.client_tables import clients
from hub.db.engine import reading, writing
from hub.services.audit import record_user_action
from hub.services.refusals import RefusedError, UnknownSubjectError

EVERYWHERE = "*"
_NAME = re.compile(r"[a-z][a-z0-9-]{1,31}", re.ASCII)


class Scope(StrEnum):
    """What a program may do."""

    READ_PRINT_ORDERS = "print_orders:read"
    WRITE_PRINT_ORDERS = "print_orders:write"


@dataclass(frozen=True, slots=True)
class Client:
    """A program whose token came with a request."""

    name: str
    scopes: frozenset[str]
    stations: frozenset[str]

    @property
    def signature(self) -> str:
        """How the audit and what it made name it; no user of the desk can be called so."""
        return f"client:{self.name}"

    def may(self, scope: Scope, station: str | None = None) -> bool:
        """Whether it may do that, at that station."""
        return scope in self.scopes and (station is None or bool({EVERYWHERE, station} & self.stations))


async def give_client_token(
    engine: AsyncEngine, now: datetime, by: str, name: str, scopes: Iterable[Scope], stations: Iterable[str]
) -> str:
    """Return a new token of the program; an older one stops working, and scopes and stations are those given now.

    Raises:
        RefusedError: `client_name_odd`.
    """
    if not _NAME.fullmatch(name):
        raise RefusedError("client_name_odd")
    token = secrets.token_urlsafe(32)
    rights = {"scopes": json.dumps(sorted(scopes)), "stations": json.dumps(sorted(stations))}
    values = {"token_sha256": _hash(token), "made_at": now, "disabled_at": None, **rights}
    async with writing(engine) as connection:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        row = dialect.insert(clients).values(name=name, **values)
        await connection.execute(row.on_conflict_do_update(index_elements=[clients.c.name], set_=values))
        await record_user_action(connection, user=by, action="client_token_given", subject=name, body=rights, at=now)
    return token


async def disable_client(engine: AsyncEngine, now: datetime, by: str, name: str) -> None:
    """End a program's token at once.

    Raises:
        UnknownSubjectError: `client_unknown`.
    """
    async with writing(engine) as connection:
        done = await connection.execute(update(clients).where(clients.c.name == name).values(disabled_at=now))
        if not done.rowcount:
            raise UnknownSubjectError("client_unknown")
        await record_user_action(connection, user=by, action="client_disabled", subject=name, body={}, at=now)


async def find_client(engine: AsyncEngine, token: str) -> Client | None:
    """Return the program of a token; None for one that is unknown or ended."""
    # Found by hash: comparing takes the same time whatever of the token is right.
    query = select(clients).where(clients.c.token_sha256 == _hash(token), clients.c.disabled_at.is_(None))
    async with reading(engine) as connection:
        row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return Client(row.name, frozenset(json.loads(row.scopes)), frozenset(json.loads(row.stations)))


async def all_clients(engine: AsyncEngine) -> list[Row[Any]]:
    """Return every program, without its token's hash."""
    c = clients.c
    async with reading(engine) as connection:
        query = select(c.name, c.scopes, c.stations, c.made_at, c.disabled_at).order_by(c.name)
        return list(await connection.execute(query))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
