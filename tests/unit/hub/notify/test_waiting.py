"""Waiting places: told in turn when the station's picture shows room, ended with the night, the phone erased."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.sealed import new_sealing_key, seal
from hub.clock import SystemClock
from hub.core.waiting import CLAIM
from hub.db.engine import reading, writing
from hub.db.tables import compartments, sealed, stations, waiting
from hub.ingest.append import append
from hub.notify.gateway import LogGateway
from hub.notify.service import Notify
from hub.notify.texts import Wording
from tests.unit.hub.ingest.letters import NOW, STATION, batch, event, started

FIRST, SECOND = "00000000000", "7K3M9Q2T8XH"
PHONES = {FIRST: "13800138000", SECOND: "13900139000"}


class Clock(SystemClock):
    """Stands where it is put."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class Line:
    """Two people waiting for a small compartment at one station."""

    def __init__(self, engine: AsyncEngine, folder: Path) -> None:
        self.engine, self.log, self.clock = engine, folder / "sms.log", Clock()
        self.key: ECKey = new_sealing_key("notify-1")
        self.notify = Notify(engine, self.key, LogGateway(self.log, self.clock.now), self.clock, Wording())

    async def join(self, hours: int = 8) -> None:
        told = [started()]
        for seq, receipt in enumerate(PHONES, 2):
            of = uuid4()
            data = {
                "receipt_number": receipt, "size": "s", "expires_at": (NOW + timedelta(hours=hours)).isoformat(),
                "phone_sealed": seal(PHONES[receipt], self.key, station=STATION, event=of, field="phone_sealed"),
            }  # fmt: skip
            told.append(event(seq, "waiting_joined", data, id=str(of)))
        async with writing(self.engine) as connection:
            await append(connection, [batch(*told)], NOW)
            await connection.execute(update(stations).values(online=True))

    async def free(self, *numbers: int, door: str = "closed") -> None:
        async with writing(self.engine) as connection:
            await connection.execute(compartments.delete())
            for number in numbers:
                row = {"number": number, "size": "m", "allocation": "free", "door": door, "in_service": True}
                await connection.execute(compartments.insert().values(station=STATION, **row))

    async def states(self) -> dict[str, str]:
        async with reading(self.engine) as connection:
            return {row.receipt_number: row.state for row in await connection.execute(select(waiting))}

    async def phones_left(self) -> int:
        async with reading(self.engine) as connection:
            return sum(row.jwe is not None for row in await connection.execute(select(sealed)))

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


@pytest.fixture
async def line(engine: AsyncEngine, tmp_path: Path) -> Line:
    line = Line(engine, tmp_path)
    await line.join()
    return line


async def test_one_free_compartment_calls_the_first_and_after_half_an_hour_the_second(line: Line) -> None:
    assert await line.notify.work() == 0
    await line.free(4)
    assert await line.notify.work() == 1
    (message,) = line.messages
    assert message["to"] == PHONES[FIRST]
    assert "00000-00000-0" in message["text"]
    assert await line.states() == {FIRST: "called", SECOND: "waiting"}
    assert await line.phones_left() == 1
    assert await line.notify.work() == 0
    line.clock.at = NOW + CLAIM
    assert await line.notify.work() == 1
    assert [each["to"] for each in line.messages] == list(PHONES.values())
    assert await line.phones_left() == 0


async def test_two_free_compartments_call_both(line: Line) -> None:
    await line.free(4, 5)
    assert await line.notify.work() == 2


async def test_an_open_door_or_an_old_picture_calls_nobody(line: Line) -> None:
    await line.free(4, door="open")
    assert await line.notify.work() == 0
    await line.free(4)
    async with writing(line.engine) as connection:
        await connection.execute(update(stations).values(online=False))
    assert await line.notify.work() == 0
    assert await line.states() == dict.fromkeys(PHONES, "waiting")


async def test_the_night_ends_and_takes_the_phones_with_it(line: Line) -> None:
    line.clock.at = NOW + timedelta(hours=8)
    await line.free(4)
    assert await line.notify.work() == 0
    assert await line.states() == dict.fromkeys(PHONES, "expired")
    assert await line.phones_left() == 0
    assert line.messages == []
