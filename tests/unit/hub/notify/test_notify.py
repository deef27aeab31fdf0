from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import Table, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.sealed import new_sealing_key, seal
from hub.clock import SystemClock
from hub.db.engine import reading, writing
from hub.db.tables import cases, notifications, sealed
from hub.errors import GatewayError
from hub.ingest.append import append
from hub.notify.gateway import LogGateway
from hub.notify.service import LEASE, Notify
from hub.notify.texts import Wording
from tests.unit.hub.ingest.letters import CASE, NOW, STATION, batch, event, started

RECEIPT, PHONE, CODE = "00000000000", "13800138000", "48271936"


class Clock(SystemClock):
    """Stands where it is put."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class Desk:
    """One loaded item, its sealed code and phone, and a notify process to tell of it."""

    def __init__(self, engine: AsyncEngine, folder: Path) -> None:
        self.engine, self.log, self.clock = engine, folder / "sms.log", Clock()
        self.key: ECKey = new_sealing_key("notify-1")
        self.made, self.loaded = uuid4(), uuid4()

    def notify(self, key: ECKey | None = None) -> Notify:
        gateway = LogGateway(self.log, self.clock.now)
        return Notify(self.engine, key or self.key, gateway, self.clock, Wording())

    def seal(self, plain: str, of: UUID, field: str) -> str:
        return seal(plain, self.key, station=STATION, event=of, field=field)

    async def load(self, *, phone: bool = True) -> None:
        deposit: dict[str, Any] = {"receipt_number": RECEIPT, "compartment": 3, "size": "s"}
        if phone:
            deposit["phone_sealed"] = self.seal(PHONE, self.made, "phone_sealed")
        item = {
            "case_number": CASE, "compartment": 12, "staff": "S-1", "due": "2026-12-16T18:00:00+08:00",
            "code_sealed": self.seal(CODE, self.loaded, "code_sealed"),
        }  # fmt: skip
        case = {
            "case_number": CASE, "service_item": CASE[:31], "title": "通行证", "state": "ready", "station": STATION,
            "made_at": NOW, "phone_event": str(self.made) if phone else None, "receipt_number": RECEIPT,
        }  # fmt: skip
        plain = [
            started(),
            event(2, "deposit_made", deposit, id=str(self.made)),
            event(3, "item_loaded", item, id=str(self.loaded)),
        ]
        async with writing(self.engine) as connection:
            await connection.execute(cases.insert().values(case))
            await append(connection, [batch(*plain)], NOW)

    async def row(self, table: Table, **where: object) -> dict[str, Any]:
        query = select(table).where(*(table.c[name] == value for name, value in where.items()))
        async with reading(self.engine) as connection:
            (row,) = await connection.execute(query)
            return dict(row._mapping)

    async def code_left(self) -> str | None:
        row = await self.row(sealed, field="code_sealed")
        jwe: str | None = row["jwe"]
        assert (jwe is None) == (row["erased_at"] is not None)
        return jwe

    @property
    def messages(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


@pytest.fixture
def desk(engine: AsyncEngine, tmp_path: Path) -> Desk:
    return Desk(engine, tmp_path)


async def test_the_recipient_is_told_and_the_code_erased(desk: Desk) -> None:
    await desk.load()
    assert await desk.code_left() is not None
    assert await desk.notify().work() == 1
    (message,) = desk.messages
    assert (message["id"], message["to"]) == (str(desk.loaded), PHONE)
    assert f"取件码{CODE}于12月16日18时前" in message["text"]
    assert "12号柜" in message["text"]
    row = await desk.row(notifications)
    assert (row["state"], row["sent_at"], row["problem"]) == ("sent", NOW, None)
    assert await desk.code_left() is None
    assert (await desk.row(sealed, field="phone_sealed"))["jwe"] is not None
    assert await desk.notify().work() == 0


async def test_a_crash_after_acceptance_repeats_nothing(desk: Desk) -> None:
    await desk.load()
    await desk.notify().work()
    async with writing(desk.engine) as connection:  # as if the commit had never happened
        again = update(notifications).values(state="waiting", next_at=NOW, sent_at=None)
        await connection.execute(again)
        jwe = desk.seal(CODE, desk.loaded, "code_sealed")
        code = update(sealed).where(sealed.c.field == "code_sealed").values(jwe=jwe, erased_at=None)
        await connection.execute(code)
    assert await desk.notify().work() == 1
    assert len(desk.messages) == 1
    assert await desk.code_left() is None


async def test_a_claimed_row_is_left_alone_until_its_lease_ends(desk: Desk) -> None:
    await desk.load()
    await desk.notify()._claim()  # a process that dies now
    assert await desk.notify().work() == 0
    desk.clock.at += LEASE
    assert await desk.notify().work() == 1


async def test_a_gateway_that_refuses_is_tried_again_later(desk: Desk) -> None:
    class Refusing:
        async def send(self, key: str, to: str, text: str, qr: str | None = None) -> None:
            raise GatewayError("closed")

    await desk.load()
    refused = Notify(desk.engine, desk.key, Refusing(), desk.clock, Wording())
    assert await refused.work() == 0
    row = await desk.row(notifications)
    assert (row["state"], row["problem"], row["tries"]) == ("waiting", "closed", 1)
    assert row["next_at"] > NOW
    assert await desk.code_left() is not None
    desk.clock.at = row["next_at"]
    assert await desk.notify().work() == 1


@pytest.mark.parametrize("phone", [False])
async def test_without_a_phone_nobody_is_told_and_the_code_is_erased(desk: Desk, phone: bool) -> None:
    await desk.load(phone=phone)
    assert await desk.notify().work() == 0
    assert (await desk.row(notifications))["state"] == "no_phone"
    assert desk.messages == []
    assert await desk.code_left() is None


async def test_an_item_that_was_collected_meanwhile_is_not_announced(desk: Desk) -> None:
    await desk.load()
    async with writing(desk.engine) as connection:
        await connection.execute(update(cases).values(state="collected"))
    assert await desk.notify().work() == 0
    row = await desk.row(notifications)
    assert (row["state"], row["problem"]) == ("failed", "not_there_any_more")
    assert await desk.code_left() is None


async def test_only_the_newest_code_is_told(desk: Desk) -> None:
    await desk.load()
    name = uuid4()
    again = {"case_number": CASE, "compartment": 12, "code_sealed": desk.seal("11112222", name, "code_sealed")}
    async with writing(desk.engine) as connection:
        later = NOW + timedelta(seconds=1)
        await append(connection, [batch(event(4, "code_reissued", again, id=str(name)))], later)
    desk.clock.at += timedelta(seconds=1)
    assert await desk.notify().work() == 1
    assert ["11112222" in message["text"] for message in desk.messages] == [True]


async def test_a_code_sealed_to_another_key_is_a_finding(desk: Desk) -> None:
    await desk.load()
    assert await desk.notify(new_sealing_key("notify-1")).work() == 0
    row = await desk.row(notifications)
    assert row["state"] == "failed"
    assert "code_sealed" in row["problem"]


async def test_the_phone_is_forgotten_once_the_item_is_collected(desk: Desk) -> None:
    await desk.load()
    await desk.notify().work()
    collected = {"case_number": CASE, "compartment": 12, "means": "code"}
    async with writing(desk.engine) as connection:
        await append(connection, [batch(event(4, "item_collected", collected))], NOW)
    await desk.notify().work()
    row = await desk.row(sealed, field="phone_sealed")
    assert (row["jwe"], row["erased_at"]) == (None, NOW)
    # The seal's hash stays, so that the audit chain can still be verified.
    assert len(row["sha256"]) == 64
