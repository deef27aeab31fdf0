"""Signing in and out, and who is signed in: five wrong tries lock for 15 minutes, 30 idle minutes end a login.

The browser holds a random token, the database only its SHA-256; a copy of the database signs nobody in.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Update, case, delete, insert, literal, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import reading, writing
from hub.db.tables import logins, users
from hub.db.types import UtcTime
from hub.services.audit import record_user_action
from hub.services.passwords import LONGEST_PASSWORD, Passwords
from hub.services.people import Person, read_roles

WRONG_TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
IDLE_FOR = timedelta(minutes=30)
LONGEST_LOGIN = timedelta(hours=12)
# Not every page of a busy person needs a write.
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Login:
    """One person signed in at one browser; `form_token` must come back with every form."""

    person: Person
    form_token: str
    made_at: datetime
    seen_at: datetime


def token_hash(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class SignIn:
    """Opens, finds and ends logins."""

    def __init__(self, engine: AsyncEngine, passwords: Passwords) -> None:
        self._engine = engine
        self._passwords = passwords

    async def sign_in(self, now: datetime, name: str, password: str) -> str | None:
        """Return a new login's token, or None: wrong name or password, account locked or disabled.

        The try is counted before the password is looked at, so that tries at the same moment count as well.
        """
        hashed = await self._take_a_try(now, name)
        right = await self._passwords.matches(hashed, password[: LONGEST_PASSWORD + 1])
        if not right:
            await self._note_refusal(now, name, known=hashed is not None)
            return None
        token = secrets.token_urlsafe(32)
        await self._open(now, name, token)
        return token

    async def _take_a_try(self, now: datetime, name: str) -> str | None:
        async with writing(self._engine) as connection:
            hashed: str | None = await connection.scalar(_count_a_try(now, name).returning(users.c.password))
            return hashed

    async def _note_refusal(self, now: datetime, name: str, *, known: bool) -> None:
        if not known:
            return
        async with writing(self._engine) as connection:
            await record_user_action(connection, user=name, action="sign_in_refused", subject=name, body={}, at=now)

    async def _open(self, now: datetime, name: str, token: str) -> None:
        login = {"token_sha256": token_hash(token), "form_token": secrets.token_urlsafe(32), "user": name}
        async with writing(self._engine) as connection:
            await connection.execute(
                update(users).where(users.c.name == name).values(wrong_tries=0, locked_until=None),
            )
            await connection.execute(delete(logins).where(logins.c.seen_at < now - IDLE_FOR))
            await connection.execute(insert(logins).values(**login, made_at=now, seen_at=now))
            await record_user_action(connection, user=name, action="signed_in", subject=name, body={}, at=now)

    async def find(self, now: datetime, token: str) -> Login | None:
        """Return the login of a browser's token if it has not ended."""
        columns = (
            logins.c.form_token,
            logins.c.made_at,
            logins.c.seen_at,
            users.c.name,
            users.c.shown_as,
            users.c.roles,
        )
        query = (
            select(*columns)
            .join_from(logins, users, logins.c.user == users.c.name)
            .where(logins.c.token_sha256 == token_hash(token), users.c.disabled_at.is_(None))
        )
        async with reading(self._engine) as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _living(row, now)

    async def touch(self, now: datetime, token: str, login: Login) -> None:
        """Note that the person did something; at most one write a minute."""
        if now - login.seen_at < TOUCH_EVERY:
            return
        async with writing(self._engine) as connection:
            await connection.execute(
                update(logins).where(logins.c.token_sha256 == token_hash(token)).values(seen_at=now),
            )

    async def sign_out(self, now: datetime, token: str, person: Person) -> None:
        """End a login."""
        async with writing(self._engine) as connection:
            await connection.execute(delete(logins).where(logins.c.token_sha256 == token_hash(token)))
            await record_user_action(
                connection, user=person.name, action="signed_out", subject=person.name, body={}, at=now
            )


def _living(row: Row[*tuple[Any, ...]], now: datetime) -> Login | None:
    if now - row.seen_at >= IDLE_FOR or now - row.made_at >= LONGEST_LOGIN:
        return None
    return Login(Person(row.name, row.shown_as, read_roles(row.roles)), row.form_token, row.made_at, row.seen_at)


def _count_a_try(now: datetime, name: str) -> Update:
    """Count one try of an account that is neither disabled nor locked; the fifth locks it until a right password."""
    was_locked = users.c.locked_until.is_not(None)
    tries = case((was_locked, 1), else_=users.c.wrong_tries + 1)
    return (
        update(users)
        .where(
            users.c.name == name,
            users.c.disabled_at.is_(None),
            or_(users.c.locked_until.is_(None), users.c.locked_until <= now),
        )
        .values(
            wrong_tries=tries,
            locked_until=case((tries >= WRONG_TRIES, literal(now + LOCKED_FOR, UtcTime())), else_=null()),
        )
    )
