"""Who may work at the hub desk: one account per person, never shared; roles say what each may do."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.db.engine import writing
from hub.db.tables import logins, users
from hub.services.audit import record_user_action
from hub.services.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD, Passwords
from hub.services.refusals import RefusedError, UnknownSubjectError

_NAME = re.compile(r"^[\w.-]{1,64}$")


class Role(StrEnum):
    """Clerks work on cases, technicians on stations, admins read the audit; none includes another."""

    CLERK = "clerk"
    TECHNICIAN = "technician"
    ADMIN = "admin"


@dataclass(frozen=True)
class Person:
    """Someone with an account."""

    name: str
    shown_as: str
    roles: frozenset[Role]

    def is_any(self, *roles: Role) -> bool:
        """Whether the person has one of the roles."""
        return not self.roles.isdisjoint(roles)


def read_roles(text: str) -> frozenset[Role]:
    """Read the JSON list of a user's row."""
    return frozenset(Role(name) for name in json.loads(text))


class People:
    """Makes, disables and renews accounts; each change is in the users' audit chain."""

    def __init__(self, engine: AsyncEngine, passwords: Passwords) -> None:
        self._engine = engine
        self._passwords = passwords

    async def add(self, by: str, now: datetime, person: Person, password: str) -> None:
        """Make an account.

        Raises:
            RefusedError: the name is taken or odd, there is no role, or the password is too short or too long.
        """
        _check_name(person.name)
        if not person.roles:
            raise RefusedError("user_needs_role")
        hashed = await self._hash(password)
        roles = sorted(person.roles)
        async with writing(self._engine) as connection:
            if await _exists(connection, person.name):
                raise RefusedError("user_exists")
            row = {"name": person.name, "shown_as": person.shown_as, "password": hashed, "made_at": now}
            await connection.execute(insert(users).values(**row, roles=json.dumps(roles), wrong_tries=0))
            body = {"roles": list(roles)}
            await record_user_action(connection, user=by, action="user_added", subject=person.name, body=body, at=now)

    async def disable(self, by: str, now: datetime, name: str) -> None:
        """Close an account at once; its open logins end.

        Raises:
            UnknownSubjectError: there is no such account.
        """
        async with writing(self._engine) as connection:
            await _change(connection, name, disabled_at=now)
            await record_user_action(connection, user=by, action="user_disabled", subject=name, body={}, at=now)

    async def set_password(self, by: str, now: datetime, name: str, password: str) -> None:
        """Give an account a new password and unlock it; its open logins end.

        Raises:
            UnknownSubjectError: there is no such account.
            RefusedError: the password is too short or too long.
        """
        hashed = await self._hash(password)
        async with writing(self._engine) as connection:
            await _change(connection, name, password=hashed, wrong_tries=0, locked_until=None)
            await record_user_action(connection, user=by, action="user_password_set", subject=name, body={}, at=now)

    async def _hash(self, password: str) -> str:
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise RefusedError("password_length")
        return await self._passwords.hash(password)


def _check_name(name: str) -> None:
    if not _NAME.match(name):
        raise RefusedError("user_name_odd")


async def _exists(connection: AsyncConnection, name: str) -> bool:
    return await connection.scalar(select(users.c.name).where(users.c.name == name)) is not None


async def _change(connection: AsyncConnection, name: str, **values: object) -> None:
    changed = await connection.execute(update(users).where(users.c.name == name).values(**values))
    if changed.rowcount == 0:
        raise UnknownSubjectError("user_unknown")
    await connection.execute(delete(logins).where(logins.c.user == name))
