"""QR tokens, one-time codes and reminders; and how many messages one phone may get."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import reading, writing
from hub.db.tables import cases, notifications, sealed
from hub.ingest.append import append
from hub.notify import limits
from hub.notify.reminders import by_day
from hub.notify.texts import Wording
from tests.unit.hub.ingest.letters import CASE, NOW, batch, event
from tests.unit.hub.notify.test_notify import CODE, PHONE, Desk

ONCE, TOKEN = "314159", "head.body.signature"


@pytest.fixture
def desk(engine: AsyncEngine, tmp_path: Path) -> Desk:
    return Desk(engine, tmp_path)


async def tell(desk: Desk, seq: int, kind: str, name: UUID, **data: object) -> None:
    async with writing(desk.engine) as connection:
        await append(connection, [batch(event(seq, kind, data, id=str(name)))], desk.clock.at)


async def one_time(desk: Desk, seq: int, *, lives: timedelta = timedelta(minutes=5)) -> None:
    name = uuid4()
    await tell(
        desk, seq, "one_time_code_issued", name, case_number=CASE, compartment=12,
        code_sealed=desk.seal(ONCE, name, "code_sealed"), expires_at=(desk.clock.at + lives).isoformat(),
    )  # fmt: skip


async def test_a_token_goes_to_the_gateway_and_is_erased_with_the_code(desk: Desk) -> None:
    await desk.load()
    name = uuid4()
    desk.clock.at += timedelta(seconds=1)
    await tell(
        desk, 4, "code_reissued", name, case_number=CASE, compartment=12,
        code_sealed=desk.seal("11112222", name, "code_sealed"), qr_sealed=desk.seal(TOKEN, name, "qr_sealed"),
    )  # fmt: skip
    assert await desk.notify().work() == 1
    (message,) = desk.messages
    assert message["qr"] == TOKEN
    assert TOKEN not in message["text"]
    assert (await desk.row(sealed, field="qr_sealed"))["jwe"] is None


async def test_a_one_time_code_is_sent_at_once_and_names_no_item(desk: Desk) -> None:
    await desk.load()
    await desk.notify().work()
    await one_time(desk, 4)
    assert await desk.notify().work() == 1
    told = desk.messages[-1]
    assert (told["to"], ONCE in told["text"], "qr" in told) == (PHONE, True, False)
    assert CODE not in told["text"]
    assert "通行证" not in told["text"]


async def test_a_one_time_code_does_not_replace_a_pickup_code_that_waits(desk: Desk) -> None:
    await desk.load()
    desk.clock.at += timedelta(seconds=1)
    await one_time(desk, 4)
    assert await desk.notify().work() == 2
    assert {CODE in each["text"] for each in desk.messages} == {True, False}


async def test_a_one_time_code_that_comes_too_late_is_not_sent(desk: Desk) -> None:
    await desk.load()
    await desk.notify().work()
    await one_time(desk, 4, lives=timedelta(0))
    assert await desk.notify().work() == 0
    row = await desk.row(notifications, kind="one_time_code")
    assert (row["state"], row["problem"]) == ("failed", "too_late")


async def test_one_phone_gets_one_verification_code_a_minute_five_an_hour_ten_a_day(desk: Desk) -> None:
    await desk.load()
    await desk.notify().work()
    sent = []
    for step in range(40):
        await one_time(desk, 4 + step)
        sent.append(await desk.notify().work())
        desk.clock.at += timedelta(seconds=30)
    assert sent == [1, 0] * 5 + [0] * 30
    for step in range(40, 60):
        desk.clock.at += timedelta(hours=1, seconds=1) if step % 5 == 0 else timedelta(minutes=2)
        await one_time(desk, 4 + step)
        sent.append(await desk.notify().work())
    assert sum(sent) == 10
    assert all(PHONE not in str(value) for value in (await _hashes(desk)))


async def _hashes(desk: Desk) -> set[str]:
    async with reading(desk.engine) as connection:
        rows = await connection.execute(notifications.select())
        return {row.to_hash for row in rows if row.to_hash is not None}


async def test_the_forty_first_message_of_a_day_waits(desk: Desk) -> None:
    await desk.load()
    to_hash = limits.phone_hash(desk.key, PHONE)
    row = {"kind": "pickup_code", "station": "x", "case_number": "x", "state": "sent", "tries": 1}
    times = {"made_at": NOW, "next_at": NOW, "sent_at": NOW - timedelta(hours=23), "to_hash": to_hash}
    async with writing(desk.engine) as connection:
        await connection.execute(insert(notifications), [row | times | {"id": str(uuid4())} for _ in range(40)])
    assert await desk.notify().work() == 0
    assert (await desk.row(notifications, kind="pickup_code", state="waiting"))["problem"]
    desk.clock.at += timedelta(hours=2)
    assert await desk.notify().work() == 1


async def test_reminders_come_after_one_and_two_days_once_each_and_by_day(desk: Desk) -> None:
    await desk.load()
    await desk.notify().work()
    desk.clock.at += timedelta(hours=23)
    assert await desk.notify().work() == 0
    desk.clock.at += timedelta(hours=1)  # 06:04 in Shanghai
    notify = desk.notify()
    assert await notify.work() == 0
    desk.clock.at += timedelta(hours=2)
    assert await notify.work() == await notify.work() + 1 == 1
    desk.clock.at += timedelta(hours=22)
    assert await notify.work() == 0
    desk.clock.at += timedelta(hours=2)
    assert await notify.work() == 1
    desk.clock.at += timedelta(hours=24)
    assert await desk.notify().work() == 0
    reminders = desk.messages[1:]
    assert [each["to"] for each in reminders] == [PHONE, PHONE]
    for each in reminders:
        assert "12号柜待领" in each["text"]
        assert CODE not in each["text"]
        assert "通行证" not in each["text"]


@pytest.mark.parametrize("state", ["collected", "overdue"])
async def test_nobody_is_reminded_of_what_is_gone_or_over(desk: Desk, state: str) -> None:
    await desk.load()
    await desk.notify().work()
    desk.clock.at += timedelta(hours=25)
    await desk.notify().work()  # made in the early morning, to be sent later
    async with writing(desk.engine) as connection:
        await connection.execute(update(cases).values(state=state))
    desk.clock.at += timedelta(hours=3)
    await desk.notify().work()
    assert len(desk.messages) <= 2
    assert (await desk.notify().work()) == 0


@pytest.mark.parametrize(("at", "then"), [
    ("2026-11-24T22:00", "2026-11-25T00:00"),  # six in the morning: at eight
    ("2026-11-24T04:00", "2026-11-24T04:00"),  # noon
    ("2026-11-24T13:00", "2026-11-25T00:00"),  # nine in the evening: tomorrow
    ("2026-11-24T12:59", "2026-11-24T12:59"),
])  # fmt: skip
def test_nobody_is_woken(at: str, then: str) -> None:
    def read(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert by_day(read(at)) == read(then)


def test_who_needs_a_second_factor_is_told_before_the_way() -> None:
    text = Wording().pickup_code(
        station="dc-24h-01", title="通行证", code=CODE, compartment=1, due=None, second_factor=True
    )
    assert text.endswith("开柜时还需身份证或短信验证码。")
