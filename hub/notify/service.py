"""The notify process: it alone can unseal. It tells recipients their pickup codes, and who waits that a
compartment is free, then erases codes and phones.

A row of work is claimed by a short lease and sent outside any transaction; the gateway knows the row's id, so that a
crash between its acceptance and our commit repeats nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc.jwk import ECKey
from sqlalchemy import Row, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contract.sealed import UnsealError, unseal
from hub.clock import Clock
from hub.db.changes import ChangeFeed
from hub.db.engine import is_away, reading, writing
from hub.db.tables import cases, deposits, notifications, sealed
from hub.errors import GatewayError
from hub.notify import limits, reminders, waiting
from hub.notify.gateway import NotifyGateway
from hub.notify.texts import Wording

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
LEASE = timedelta(seconds=15)
RETRY_FIRST, RETRY_MOST = timedelta(seconds=10), timedelta(hours=1)
CODE, QR, PHONE = "code_sealed", "qr_sealed", "phone_sealed"
REMIND_EVERY = timedelta(minutes=1)
OVER = ("collected", "withdrawn")
FORGET_AT_ONCE = 500


class CannotTellError(Exception):
    """This message will never be sent; `state` and `problem` are shown at the desk."""

    def __init__(self, state: str, problem: str) -> None:
        super().__init__(problem)
        self.state, self.problem = state, problem


@dataclass(frozen=True)
class Message:
    """What goes to the gateway; lives in memory only."""

    to: str
    text: str
    qr: str | None = None


class Notify:
    """`run()` until cancelled."""

    def __init__(self, engine: AsyncEngine, key: ECKey, gateway: NotifyGateway, clock: Clock, wording: Wording) -> None:
        self._engine, self._key, self._gateway, self._clock, self._wording = engine, key, gateway, clock, wording
        self._reminded: datetime | None = None

    async def run(self, feed: ChangeFeed) -> None:
        """Work whenever something was committed, and every five seconds."""
        async for _ in feed.changes(pause_s=0.05, at_least_every_s=LOOK_EVERY_S):
            try:
                await self.work()
            except Exception as error:
                if not is_away(error):
                    raise
                log.warning("the database is away (%s)", type(error).__name__)

    async def work(self) -> int:
        """Send everything that is due; return how many were accepted. Then forget the phones of cases that are over."""
        await waiting.call(self._engine, self._clock.now())
        await self._remind()
        accepted = 0
        while (row := await self._claim()) is not None:
            accepted += await self._tell(row)
        await self._forget_phones()
        return accepted

    async def _remind(self) -> None:
        now = self._clock.now()
        if self._reminded is None or abs(now - self._reminded) >= REMIND_EVERY:
            await reminders.make(self._engine, now)
            self._reminded = now

    async def _forget_phones(self) -> None:
        """Erase the sealed phone of every case that is collected or withdrawn: nobody will be told anything more."""
        d, s = deposits.c, sealed.c
        ended = (
            select(cases.c.case_number, d.station, d.event)
            .join(deposits, d.receipt_number == cases.c.receipt_number)
            .where(cases.c.phone_event.is_not(None), ~cases.c.phone_forgotten, cases.c.state.in_(OVER))
        )
        async with reading(self._engine) as connection:
            rows = (await connection.execute(ended.limit(FORGET_AT_ONCE))).all()
        if not rows:
            return
        phones = update(sealed).where(tuple_(s.station, s.event).in_([(row.station, row.event) for row in rows]))
        done = update(cases).where(cases.c.case_number.in_([row.case_number for row in rows]))
        async with writing(self._engine) as connection:
            await connection.execute(phones.where(s.field == PHONE).values(jwe=None, erased_at=self._clock.now()))
            await connection.execute(done.values(phone_forgotten=True))

    async def _claim(self) -> Row[Any] | None:
        now, n = self._clock.now(), notifications.c
        due = (n.state == "waiting", n.next_at <= now)
        async with reading(self._engine) as connection:
            if await connection.scalar(select(n.id).where(*due).limit(1)) is None:
                return None
        oldest = select(notifications).where(*due).order_by(n.made_at).limit(1).with_for_update(skip_locked=True)
        async with writing(self._engine) as connection:
            row = (await connection.execute(oldest)).first()
            if row is not None:
                lease = update(notifications).where(n.id == row.id)
                await connection.execute(lease.values(next_at=now + LEASE, tries=n.tries + 1))
            return row

    async def _tell(self, row: Row[Any]) -> bool:
        try:
            message = await self._message(row)
            to_hash = limits.phone_hash(self._key, message.to)
            await self._keep_limits(row, to_hash)
            await self._gateway.send(row.id, message.to, message.text, message.qr)
        except CannotTellError as error:
            await self._finish(row, state=error.state, problem=error.problem)
            return False
        except GatewayError as error:
            await self._later(row, str(error))
            return False
        await self._finish(row, state="sent", sent_at=self._clock.now(), to_hash=to_hash, problem=None)
        return True

    async def _message(self, row: Row[Any]) -> Message:
        if row.kind == waiting.KIND:
            return await self._waiting_place(row)
        return await (self._reminder(row) if row.kind == reminders.KIND else self._code(row))

    async def _keep_limits(self, row: Row[Any], to_hash: str) -> None:
        async with reading(self._engine) as connection:
            over = await limits.is_over(connection, row.kind, to_hash, self._clock.now())
        if over and row.kind in limits.VERIFICATIONS:
            raise CannotTellError("failed", "too_many_messages")
        if over:
            raise GatewayError("this phone got all the messages that it may get for now")

    async def _reminder(self, row: Row[Any]) -> Message:
        if row.due is not None and row.due <= self._clock.now():
            raise CannotTellError("failed", "period_over")
        async with reading(self._engine) as connection:
            case = await self._case(connection, row)
            phone = await self._phone(connection, case)
        text = self._wording.reminder(station=row.station, compartment=row.compartment, due=case.due)
        return Message(phone, text)

    async def _waiting_place(self, row: Row[Any]) -> Message:
        if row.due <= self._clock.now():
            raise CannotTellError("failed", "night_over")
        async with reading(self._engine) as connection:
            phone = self._open(await _sealed(connection, row.station, row.id, PHONE), PHONE, "phone_gone")
        text = self._wording.waiting_place(station=row.station, receipt_number=row.case_number, until=row.due)
        return Message(phone, text)

    async def _code(self, row: Row[Any]) -> Message:
        once = row.kind in limits.VERIFICATIONS
        if once and row.due <= self._clock.now():
            raise CannotTellError("failed", "too_late")
        async with reading(self._engine) as connection:
            case = await self._case(connection, row)
            n = notifications.c
            same = (n.case_number == row.case_number, n.kind == row.kind)
            if await connection.scalar(select(n.id).where(*same, n.made_at > row.made_at).limit(1)) is not None:
                raise CannotTellError("failed", "replaced_by_a_newer_code")
            code = self._open(await _sealed(connection, row.station, row.id, CODE), CODE, "code_gone")
            token = await _sealed(connection, row.station, row.id, QR)
            qr = None if token is None else self._open(token, QR, "code_gone")
            phone = await self._phone(connection, case)
        if once:
            return Message(phone, self._wording.one_time_code(station=row.station, code=code))
        text = self._wording.pickup_code(
            station=row.station, title=case.title, code=code, compartment=row.compartment, due=row.due or case.due,
            second_factor=case.second_factor,
        )  # fmt: skip
        return Message(phone, text, qr)

    async def _case(self, connection: AsyncConnection, row: Row[Any]) -> Row[Any]:
        """Return the case whose item still lies where the message says."""
        case = (await connection.execute(select(cases).where(cases.c.case_number == row.case_number))).first()
        if case is None:
            raise CannotTellError("failed", "case_unknown")
        if case.state != "loaded" or (case.station, case.compartment) != (row.station, row.compartment):
            raise CannotTellError("failed", "not_there_any_more")
        return case

    async def _phone(self, connection: AsyncConnection, case: Row[Any]) -> str:
        if case.phone_event is None:
            raise CannotTellError("no_phone", "no_phone_left")
        return self._open(await _sealed(connection, None, case.phone_event, PHONE), PHONE, "phone_gone")

    def _open(self, value: Row[Any] | None, field: str, gone: str) -> str:
        if value is None or value.jwe is None:
            raise CannotTellError("failed", gone)
        try:
            return unseal(value.jwe, self._key, station=value.station, event=UUID(value.event), field=field)
        except UnsealError as error:
            raise CannotTellError("failed", f"{field}: {error}") from error

    async def _finish(self, row: Row[Any], **values: object) -> None:
        """Close the row and erase the code with its token, in one commit."""
        code = update(sealed).where(
            sealed.c.station == row.station, sealed.c.event == row.id, sealed.c.field.in_((CODE, QR))
        )
        async with writing(self._engine) as connection:
            await connection.execute(update(notifications).where(notifications.c.id == row.id).values(**values))
            await connection.execute(code.values(jwe=None, erased_at=self._clock.now()))
            if row.kind == waiting.KIND:
                await waiting.forget_phone(connection, row.station, row.id, self._clock.now())

    async def _later(self, row: Row[Any], problem: str) -> None:
        pause = min(RETRY_FIRST * 2 ** min(row.tries, 10), RETRY_MOST)
        change = update(notifications).where(notifications.c.id == row.id)
        async with writing(self._engine) as connection:
            await connection.execute(change.values(next_at=self._clock.now() + pause, problem=problem))


async def _sealed(connection: AsyncConnection, station: str | None, event: str, field: str) -> Row[Any] | None:
    """Return a sealed value; a phone may have been left at another station."""
    query = select(sealed).where(sealed.c.event == event, sealed.c.field == field)
    if station is not None:
        query = query.where(sealed.c.station == station)
    return (await connection.execute(query.limit(1))).first()
