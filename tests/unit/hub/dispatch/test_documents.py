from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OKPKey
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.documents import DOCUMENT_TYP, ExpectedBody, StaffBody, StationDocument, read_body
from contract.signing import new_signing_key, verify
from hub.db.engine import reading, writing
from hub.db.tables import cases, document_requests, documents, staff
from hub.dispatch.documents import serve_requests
from hub.dispatch.offline import add_token, read_body_file, sign_apart, sign_into, station_name
from hub.errors import ConfigError
from tests.unit.hub.ingest.letters import CASE, NOW, STATION

KEY = new_signing_key("documents-1")
FIRST = int(NOW.timestamp())


async def ask(engine: AsyncEngine, kind: str, station: str = STATION) -> None:
    async with writing(engine) as connection:
        row = {"station": station, "kind": kind, "asked_at": NOW}
        await connection.execute(document_requests.insert(), [row, row])


async def make_case(engine: AsyncEngine, number: str = CASE, **columns: object) -> None:
    row = {
        "case_number": number, "service_item": number[:31], "title": "边境管理区通行证", "state": "ready",
        "station": STATION, "made_at": NOW, "recipient_mask": "张*", "due": NOW + timedelta(days=3),
    }  # fmt: skip
    async with writing(engine) as connection:
        await connection.execute(cases.insert().values(row | columns))


async def stored(engine: AsyncEngine) -> list[StationDocument]:
    async with reading(engine) as connection:
        rows = (await connection.execute(select(documents).order_by(documents.c.kind, documents.c.version))).all()
    return [opened(row.token, row.sha256) for row in rows]


def opened(token: str, sha256: str, key: OKPKey = KEY) -> StationDocument:
    assert hashlib.sha256(token.encode()).hexdigest() == sha256
    kid, payload = verify(token, {str(key.kid): key}, typ=DOCUMENT_TYP)
    assert kid == key.kid
    return StationDocument.model_validate_json(payload)


async def test_many_cases_wait_for_one_station(engine: AsyncEngine) -> None:
    for n in range(1, 601):
        await make_case(engine, f"{CASE[:39]}{n:04d}")
    for expected in (1, 0):
        await ask(engine, "expected")
        assert await serve_requests(engine, KEY, NOW) == expected
    async with reading(engine) as connection:
        token = await connection.scalar(select(documents.c.token))
    _, payload = verify(str(token), {"documents-1": KEY}, typ=DOCUMENT_TYP)
    body = read_body(StationDocument.model_validate_json(payload))
    assert isinstance(body, ExpectedBody)
    assert len(body.cases) == 600


async def test_a_hub_restored_from_a_backup_still_draws_versions_above_what_stations_hold(engine: AsyncEngine) -> None:
    await make_case(engine)
    await ask(engine, "expected")
    await serve_requests(engine, KEY, NOW)
    async with writing(engine) as connection:
        await connection.execute(update(cases).values(title="换发"))
    await ask(engine, "expected")
    later = NOW + timedelta(hours=1)
    await serve_requests(engine, KEY, later)
    held = (await stored(engine))[-1].version
    async with writing(engine) as connection:  # the backup was made in between
        await connection.execute(documents.delete().where(documents.c.version == held))
        await connection.execute(update(cases).values(title="补发"))
    await ask(engine, "expected")
    await serve_requests(engine, KEY, later + timedelta(minutes=1))
    assert (await stored(engine))[-1].version > held


async def test_expected_names_the_cases_that_are_ready_for_this_station(engine: AsyncEngine) -> None:
    await make_case(engine)
    await make_case(engine, CASE[:-1] + "2", state="made")
    await make_case(engine, CASE[:-1] + "3", station="another-01")
    await ask(engine, "expected")
    assert await serve_requests(engine, KEY, NOW) == 1
    (document,) = await stored(engine)
    assert (document.station, document.kind, document.version) == (STATION, "expected", FIRST)
    body = read_body(document)
    assert isinstance(body, ExpectedBody)
    assert [(case.case_number, case.recipient_mask) for case in body.cases] == [(CASE, "张*")]
    assert body.cases[0].due == NOW + timedelta(days=3)
    async with reading(engine) as connection:
        assert await connection.scalar(select(func.count()).select_from(document_requests)) == 0


async def test_expected_says_who_may_collect_and_names_what_was_loaded_without_a_name(engine: AsyncEngine) -> None:
    claim: dict[str, Any] = {"card_hash": "a" * 64, "collectors": '["' + "b" * 64 + '"]', "second_factor": True}
    await make_case(engine, **claim)
    await make_case(engine, CASE[:-1] + "2", state="loaded", recipient_unknown=True)
    await make_case(engine, CASE[:-1] + "3", state="loaded")
    await ask(engine, "expected")
    await serve_requests(engine, KEY, NOW)
    body = read_body((await stored(engine))[-1])
    assert isinstance(body, ExpectedBody)
    assert [case.case_number[-1] for case in body.cases] == [CASE[-1], "2"]
    first = body.cases[0]
    assert (first.card_hash, first.collectors, first.second_factor) == ("a" * 64, ("b" * 64,), True)


async def test_versions_rise_only_when_something_changed(engine: AsyncEngine) -> None:
    await make_case(engine)
    for _ in range(2):
        await ask(engine, "expected")
        await serve_requests(engine, KEY, NOW)
    assert [document.version for document in await stored(engine)] == [FIRST]
    async with writing(engine) as connection:
        await connection.execute(update(cases).values(state="loaded"))
    await ask(engine, "expected")
    assert await serve_requests(engine, KEY, NOW) == 1
    assert [(d.version, len(d.body.get("cases", []))) for d in await stored(engine)] == [(FIRST, 1), (FIRST + 1, 0)]


async def test_staff_names_who_may_work_there_today(engine: AsyncEngine) -> None:
    def person(badge: str, stations: list[str], days: int = 1) -> dict[str, Any]:
        return {
            "badge": badge, "name": "王", "pin": "$argon2id$x", "rights": json.dumps(["load", "clear"]),
            "stations": json.dumps(stations), "valid_until": NOW + timedelta(days=days),
        }  # fmt: skip

    people = [person("S-1", [STATION]), person("S-2", ["*"]), person("S-3", ["other"]), person("S-4", ["*"], -1)]
    async with writing(engine) as connection:
        await connection.execute(staff.insert(), people)
    await ask(engine, "staff")
    await serve_requests(engine, KEY, NOW)
    (document,) = await stored(engine)
    body = read_body(document)
    assert isinstance(body, StaffBody)
    assert [member.badge for member in body.staff] == ["S-1", "S-2"]


async def test_a_config_is_never_signed_by_dispatch(engine: AsyncEngine) -> None:
    await ask(engine, "config")
    assert await serve_requests(engine, KEY, NOW) == 0
    assert await stored(engine) == []


async def test_nothing_asked_is_nothing_done(engine: AsyncEngine) -> None:
    assert await serve_requests(engine, KEY, NOW) == 0


async def test_a_config_signed_by_hand_is_stored(engine: AsyncEngine) -> None:
    first = await sign_into(engine, KEY, "config", STATION, {"idle_seconds": 30}, NOW)
    assert first is not None
    assert await sign_into(engine, KEY, "config", STATION, {"idle_seconds": 30}, NOW) is None
    second = await sign_into(engine, KEY, "config", STATION, {"idle_seconds": 60}, NOW)
    assert [document.version for document in await stored(engine)] == [1, 2]
    assert second is not None


async def test_a_token_signed_elsewhere_must_rise(engine: AsyncEngine) -> None:
    token = sign_apart(KEY, "config", STATION, 7, {"idle_seconds": 30}, NOW)
    sha256 = hashlib.sha256(token.encode()).hexdigest()
    assert (await add_token(engine, token, sha256)).version == 7
    older = sign_apart(KEY, "config", STATION, 6, {"idle_seconds": 20}, NOW)
    with pytest.raises(ConfigError, match="above 7"):
        await add_token(engine, older, hashlib.sha256(older.encode()).hexdigest())
    with pytest.raises(ConfigError, match="signed station document"):
        await add_token(engine, "garbage", "0" * 64)


@pytest.mark.parametrize("content", ["not json", '{"idle_seconds": "many"}', '{"idle_seconds": 1}'])
def test_a_wrong_body_names_file_and_field(tmp_path: Path, content: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        read_body_file(path, "config")
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("name", ["hub", "AB", "a b", ""])
def test_a_name_that_no_station_has_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="--station"):
        station_name(name)
