"""Orders of the back office over HTTP: tokens, scopes, the same request again, other programs' orders, bad input."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from contract.ids import card_hash
from contract.pdf_signatures import PdfSignatures
from hub.api.print_contents import PrintContents
from hub.api.print_orders import PrintOrdersApi
from hub.clock import SystemClock
from hub.db.engine import reading, writing
from hub.db.print_tables import print_jobs, print_orders
from hub.db.tables import audit, station_tokens
from hub.services.clients import Scope, disable_client, give_client_token
from hub.services.file_format import FileKeys
from hub.services.issuing_keys import make_key
from hub.services.paper_codes import PaperCodes
from hub.services.print_orders import PaperSeal, orders_of
from tests.signed_pdfs import identity, plain, roots_file, signed

STATION, CARD_KEY = "dc-24h-01", b"c" * 32
NUMBER = "11010519491231002X"
NOW = SystemClock().now()
FACTS = {"name": "北京𠮷祥㐂商贸有限公司", "amount": "1.50"}
KEY = "key-000001"
BUREAU_ROOT = identity("Authority of today", first=NOW - timedelta(days=2))
SIGNED = signed(plain(), identity("Bureau of today", BUREAU_ROOT, first=NOW - timedelta(days=1)))


def an_order(**other: object) -> dict[str, Any]:
    order = {
        "station": STATION, "layout": "licence_original", "certificate": "1101-0001", "subject": "91110101MA01ABCD0X",
        "stock": "licence_original", "card_hash": "c" * 64, "mask": "李*敏", "facts": FACTS,
        "expires_at": (NOW + timedelta(days=3)).isoformat(),
    }  # fmt: skip
    return {name: value for name, value in (order | other).items() if value is not None}


class Office:
    """A program that speaks HTTP to the hub's routes."""

    def __init__(self, engine: AsyncEngine, app: Starlette) -> None:
        self.engine, self._app = engine, app

    async def program(self, name: str, *scopes: Scope, stations: tuple[str, ...] = ("*",)) -> httpx.AsyncClient:
        token = await give_client_token(self.engine, NOW, "console:test", name, scopes or (*Scope,), stations)
        return self.with_token(token)

    def with_token(self, token: str) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://hub", headers=headers)

    async def rows(self) -> int:
        async with reading(self.engine) as connection:
            return len((await connection.execute(select(print_orders.c.order_id))).all())


@pytest.fixture
async def office(engine: AsyncEngine, tmp_path: Path) -> Office:
    await make_key(engine, tmp_path, NOW - timedelta(days=1), "console:test", 900)
    async with writing(engine) as connection:
        digest = hashlib.sha256(b"station token").hexdigest()
        await connection.execute(insert(station_tokens).values(station=STATION, token_sha256=digest, made_at=NOW))
    seal = PaperSeal(FileKeys(b"k" * 32))
    signatures = PdfSignatures(roots_file(tmp_path, BUREAU_ROOT))
    api = PrintOrdersApi(engine, seal, SystemClock(), PaperCodes(tmp_path, "", signatures), CARD_KEY)
    return Office(engine, Starlette(routes=[*api.routes(), *PrintContents(engine, seal).routes()]))


async def send(client: httpx.AsyncClient, key: str = KEY, **other: Any) -> httpx.Response:  # noqa: ANN401  fields of any type, right and wrong
    return await client.post("/print-orders", json=an_order(**other), headers={"Idempotency-Key": key})


async def test_an_order_is_made_once_shown_and_taken_back(office: Office) -> None:
    client = await office.program("licensing")
    first, again = await send(client), await send(client)
    assert (first.status_code, again.status_code, await office.rows()) == (201, 200, 1)
    assert first.json() == again.json()
    place = first.headers["Location"]
    shown = (await client.get(place)).json()
    assert (shown["state"], shown["certificate"], shown["jobs"]) == ("ordered", "1101-0001", [])
    assert "祥" not in first.text
    assert "李" not in first.text
    assert [each["order"] for each in (await client.get("/print-orders")).json()["orders"]] == [shown["order"]]
    gone, twice = await client.delete(place), await client.delete(place)
    assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
    assert twice.json() == gone.json()


async def test_its_station_fetches_the_content_and_no_other_token_does(office: Office) -> None:
    client = await office.program("licensing")
    sha256 = (await send(client)).json()["sha256"]
    async with office.with_token("station token") as station:
        answer = await station.get(f"/print-contents/{sha256}")
        assert (answer.status_code, answer.json() | FACTS) == (200, answer.json())
        assert answer.json()["qr"]
        assert hashlib.sha256(answer.content).hexdigest() == sha256
        assert (await station.get("/print-contents/" + "0" * 64)).status_code == 404
        assert (await station.post("/print-orders", json=an_order())).status_code == 401
    assert (await client.get(f"/print-contents/{sha256}")).status_code == 401


async def test_a_pdf_is_kept_byte_for_byte(office: Office) -> None:
    pdf = SIGNED
    client = await office.program("tax")
    said: dict[str, Any] = {"layout": "received", "stock": None, "facts": None, "pdf": base64.b64encode(pdf).decode()}
    answer = await send(client, **said)
    assert (answer.status_code, answer.json()["sha256"]) == (201, hashlib.sha256(pdf).hexdigest())


@pytest.mark.parametrize(
    ("pdf", "says"), [(plain(), "没有签名"), (SIGNED[:-9] + b"\n\n%%EOF\n", "PDF"), (b"%PDF-", "PDF")]
)
async def test_a_pdf_that_is_not_rightly_signed_is_refused(office: Office, pdf: bytes, says: str) -> None:
    client = await office.program("tax")
    told: dict[str, Any] = {"layout": "received", "stock": None, "facts": None, "pdf": base64.b64encode(pdf).decode()}
    answer = await send(client, **told)
    assert answer.status_code == 422
    assert says in answer.text
    assert await office.rows() == 0


async def test_a_citizen_number_is_hashed_and_kept_nowhere(office: Office) -> None:
    client = await office.program("licensing")
    answer = await send(client, card_hash=None, mask=None, citizen_number=f" {NUMBER} ")
    assert answer.status_code == 201
    async with reading(office.engine) as connection:
        (row,) = (await connection.execute(select(print_orders))).all()
        bodies = (await connection.execute(select(audit.c.body))).scalars().all()
    assert row.card_hash == card_hash(CARD_KEY, NUMBER)
    assert "*" in row.mask
    assert all(NUMBER not in str(text) for text in (row, *bodies, answer.text))


async def test_scopes_stations_and_other_programs_orders(office: Office) -> None:
    mine, other = await office.program("licensing"), await office.program("tax")
    reader = await office.program("board", Scope.READ_PRINT_ORDERS)
    elsewhere = await office.program("other-town", stations=("dc-24h-02",))
    place = (await send(mine)).headers["Location"]
    assert (await send(reader)).status_code == 403
    assert (await send(elsewhere)).status_code == 403
    assert (await reader.delete(place)).status_code == 403
    assert [(await other.request(how, place)).status_code for how in ("GET", "DELETE")] == [404, 404]
    assert (await other.get("/print-orders")).json()["orders"] == []
    assert await office.rows() == 1
    async with office.with_token("x") as stranger:
        asked = [await stranger.request(how, place) for how in ("GET", "DELETE")]
        asked += [await stranger.get("/print-orders"), await send(stranger)]
    assert {each.status_code for each in asked} == {401}
    await disable_client(office.engine, NOW, "console:test", "licensing")
    assert (await mine.get(place)).status_code == 401


async def test_two_programs_with_one_key_make_two_orders(office: Office) -> None:
    mine, other = await office.program("licensing"), await office.program("tax")
    answers = [await send(mine), await send(other, subject="91110101MA01ABCD1X", certificate="1101-0002")]
    assert [each.status_code for each in answers] == [201, 201]


@pytest.mark.parametrize(
    "changed", [{"facts": {"name": "other"}}, {"certificate": "2"}, {"subject": "91110101MA01ABCD9X"}]
)
async def test_a_key_used_for_another_order_is_refused(office: Office, changed: dict[str, Any]) -> None:
    client = await office.program("licensing")
    await send(client)
    answer = await send(client, **changed)
    assert (answer.status_code, answer.json()["reason"], await office.rows()) == (422, "order_known", 1)


async def test_a_second_original_is_refused_and_its_replacement_taken(office: Office) -> None:
    client = await office.program("licensing")
    await send(client)
    second = await send(client, "key-000002", certificate="1101-0002")
    assert (second.status_code, second.json()["reason"]) == (409, "original_live")
    third = await send(client, "key-000003", certificate="1101-0002", returns=["1101-0001"])
    assert (third.status_code, third.json()["returns"]) == (201, ["1101-0001"])


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"facts": None}, 422),
        ({"pdf": "JVBERi0="}, 422),
        ({"facts": [1]}, 422),
        ({"layout": "../etc"}, 422),
        ({"surprise": 1}, 422),
        ({"mask": "a\x00b"}, 422),
        ({"subject": "x\x00"}, 422),
        ({"expires_at": "tomorrow"}, 422),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 422),
        ({"expires_at": "2026-01-01T00:00:00"}, 422),
        ({"card_hash": None}, 422),
        ({"card_hash": None, "citizen_number": "110105194912310021"}, 422),
        ({"citizen_number": NUMBER}, 422),
        ({"station": "nowhere-1"}, 422),
        ({"case_number": "1"}, 422),
        ({"delivery": "pickup"}, 422),
    ],
)
async def test_bad_orders_are_refused_with_the_field_and_without_its_value(
    office: Office, changed: dict[str, Any], status: int
) -> None:
    client = await office.program("licensing")
    answer = await send(client, **changed)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "祥" not in answer.text
    assert NUMBER not in answer.text
    assert await office.rows() == 0


async def test_bodies_that_are_none(office: Office) -> None:
    client = await office.program("licensing")
    headers = {"Idempotency-Key": KEY}
    for body, status in ((b"", 422), (b"{", 422), (b"\xff", 422), (b"[" * 5000, 422), (b" " * (13 << 20), 413)):
        assert (await client.post("/print-orders", content=body, headers=headers)).status_code == status
    nan = b'{"facts": {"a": NaN}, ' + (await _json(client))[1:]
    assert (await client.post("/print-orders", content=nan, headers=headers)).status_code == 422
    for key in ("", "short", "x" * 65, "with space1"):
        assert (await send(client, key)).status_code == 400
    assert (await client.get("/print-orders?page=x")).status_code == 400
    assert (await client.get("/print-orders/not-an-id")).status_code == 404
    assert (await client.get(f"/print-orders/{uuid4()}")).status_code == 404
    assert await office.rows() == 0


async def _json(client: httpx.AsyncClient) -> bytes:
    return client.build_request("POST", "/", json=an_order(facts=None)).content


async def test_an_old_paper_is_given_back_once_and_the_station_is_told(office: Office) -> None:
    client = await office.program("licensing")
    made = await send(client, returns=["1101-0000", "1100-9999"])
    place = made.headers["Location"]
    async with reading(office.engine) as connection:
        (before,) = await orders_of(connection, STATION, NOW)
    answers = [await client.post(f"{place}/returned", json={"certificate": "1101-0000"}) for _ in range(2)]
    assert [(each.status_code, each.json()["returned"]) for each in answers] == [(200, ["1101-0000"])] * 2
    async with reading(office.engine) as connection:
        (after,) = await orders_of(connection, STATION, NOW)
    assert (before.returns, after.returns) == (("1101-0000", "1100-9999"), ("1100-9999",))
    assert (await send(client, returns=["1101-0000", "1100-9999"])).status_code == 200, "the same request, still"
    other = await office.program("tax")
    for who, body, status in (
        (client, {"certificate": "1101-0001"}, 422),
        (client, {"certificate": "a\n"}, 422),
        (client, {}, 422),
        (other, {"certificate": "1100-9999"}, 404),
    ):
        assert (await who.post(f"{place}/returned", json=body)).status_code == status
    async with office.with_token("x") as stranger:
        assert (await stranger.post(f"{place}/returned", json={})).status_code == 401


async def test_jobs_of_the_station_are_told(office: Office) -> None:
    client = await office.program("licensing")
    order = (await send(client)).json()["order"]
    row = {"order_id": order, "station": STATION, "blank": "A0001", "paper_sha256": "d" * 64, "at": NOW}
    async with writing(office.engine) as connection:
        await connection.execute(insert(print_jobs).values(job=str(uuid4()), state="failed", reason="jam", **row))
        await connection.execute(
            insert(print_jobs).values(
                job=str(uuid4()), state="taken", reason=None, **row | {"at": NOW + timedelta(seconds=9)}
            )
        )
    shown = (await client.get(f"/print-orders/{order}")).json()
    assert shown["state"] == "taken"
    assert [(job["state"], job["blank"], job["reason"]) for job in shown["jobs"]] == [
        ("failed", "A0001", "jam"), ("taken", "A0001", None),
    ]  # fmt: skip
    assert (await client.delete(f"/print-orders/{order}")).json()["state"] == "taken"
