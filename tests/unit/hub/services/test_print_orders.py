"""Orders of papers: once each, sealed in the database, told to one station, and one live original of a company."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.documents import StationDocument, sign_document
from contract.print_orders import PrintBody
from contract.signing import new_signing_key
from hub.db.engine import reading, writing
from hub.db.print_tables import print_jobs, print_orders
from hub.db.tables import document_requests, documents, station_tokens
from hub.services.file_format import DamagedError, FileKeys
from hub.services.print_orders import NewOrder, PaperSeal, content_for, make_order, orders_of, withdraw_order
from hub.services.refusals import RefusedError, UnknownSubjectError
from tests.unit.hub.services.samples import NOW, STATION

SEAL = PaperSeal(FileKeys(b"k" * 32))
FACTS = '{"name": "欧阳标记"}'.encode()


def an_order(**other: object) -> NewOrder:
    new = NewOrder(
        uuid4(), STATION, "licence_original", "1101-0001", FACTS, NOW + timedelta(days=3),
        subject="91110101MA01ABCD0X", stock="licence_original", card_hash="c" * 64, mask="欧*",
    )  # fmt: skip
    return replace(new, **other)  # type: ignore[arg-type]  # whatever a case needs


@pytest.fixture
async def here(engine: AsyncEngine) -> AsyncEngine:
    async with writing(engine) as connection:
        row = {"station": STATION, "token_sha256": "t" * 64, "made_at": NOW}
        await connection.execute(insert(station_tokens).values(row))
    return engine


async def order(engine: AsyncEngine, new: NewOrder) -> bool:
    return await make_order(engine, SEAL, NOW, "office", new)


async def has_job(engine: AsyncEngine, new: NewOrder, state: str) -> None:
    row = {"job": str(uuid4()), "order_id": str(new.order), "station": STATION, "state": state, "at": NOW}
    async with writing(engine) as connection:
        await connection.execute(insert(print_jobs).values(row))


async def test_an_order_is_made_once_sealed_and_told(here: AsyncEngine) -> None:
    new = an_order()
    assert (await order(here, new), await order(here, new)) == (True, False)
    async with reading(here) as connection:
        row = (await connection.execute(select(print_orders))).one()
        told = (await connection.execute(select(document_requests.c.kind))).scalars().all()
        (listed,) = await orders_of(connection, STATION, NOW)
    assert FACTS not in row.sealed
    assert told == ["print"]
    assert (listed.order, listed.content.sha256) == (new.order, row.sha256)
    assert await content_for(here, SEAL, STATION, row.sha256) == FACTS
    assert await content_for(here, SEAL, "another-station", row.sha256) is None
    with pytest.raises(DamagedError):
        SEAL.open(row.sealed, "0" * 64)


@pytest.mark.parametrize("state", ["printed", "taken", "left"])
async def test_what_is_out_is_neither_listed_nor_served(here: AsyncEngine, state: str) -> None:
    new = an_order()
    await order(here, new)
    await has_job(here, new, "failed")
    async with reading(here) as connection:
        (listed,) = await orders_of(connection, STATION, NOW)
    await has_job(here, new, state)
    async with reading(here) as connection:
        assert await orders_of(connection, STATION, NOW) == ()
    assert await content_for(here, SEAL, STATION, listed.content.sha256) is None


async def test_what_expired_or_was_withdrawn_is_not_listed(here: AsyncEngine) -> None:
    late, gone = an_order(), an_order(subject="91110101MA01ABCD1X", certificate="1101-0002")
    await order(here, late)
    await order(here, gone)
    assert (
        await withdraw_order(here, NOW, "office", gone.order),
        await withdraw_order(here, NOW, "o", gone.order),
    ) == (
        True,
        False,
    )
    async with reading(here) as connection:
        assert [each.order for each in await orders_of(connection, STATION, NOW)] == [late.order]
        assert await orders_of(connection, STATION, NOW + timedelta(days=4)) == ()
    with pytest.raises(UnknownSubjectError):
        await withdraw_order(here, NOW, "office", uuid4())


@pytest.mark.parametrize("state", ["printing", "printed", "unverified", "taken", "left"])
async def test_a_second_original_needs_the_first_back(here: AsyncEngine, state: str) -> None:
    first = an_order()
    await order(here, first)
    await has_job(here, first, state)
    with pytest.raises(RefusedError, match="original_live"):
        await order(here, an_order(certificate="1101-0002"))
    second = an_order(certificate="1101-0002", returns=("1101-0001",))
    assert await order(here, second)
    with pytest.raises(RefusedError, match="original_live"):
        await order(here, an_order(certificate="1101-0003", returns=("1101-0001",)))
    assert await order(here, an_order(certificate="1101-0003", returns=("1101-0002",)))
    assert await order(here, an_order(certificate="1101-0009", layout="licence_copy", stock="licence_copy"))


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"content": b""}, "order_too_large"),
        ({"content": b"[]"}, "order_odd"),
        ({"content": b"{"}, "order_odd"),
        ({"media_type": "application/pdf", "layout": "received"}, "order_odd"),
        ({"layout": "received"}, "order_odd"),
        ({"layout": "no such/layout"}, "order_odd"),
        ({"card_hash": None}, "order_odd"),
        ({"certificate": "x\n"}, "order_odd"),
        ({"subject": None}, "order_odd"),
        ({"station": "nowhere-1"}, "station_unknown"),
    ],
)
async def test_an_odd_order_is_refused_and_nothing_kept(
    here: AsyncEngine, other: dict[str, object], reason: str
) -> None:
    with pytest.raises(RefusedError, match=reason):
        await order(here, an_order(**other))
    async with reading(here) as connection:
        assert (await connection.execute(select(print_orders))).all() == []


async def test_the_same_id_with_another_content_is_refused(here: AsyncEngine) -> None:
    new = an_order()
    await order(here, new)
    with pytest.raises(RefusedError, match="order_known"):
        await order(here, replace(new, content=b'{"name": "other"}'))


async def told(engine: AsyncEngine, version: int, applied: str | None, *orders: NewOrder) -> None:
    """A signed list of the station, as dispatch stores it."""
    async with reading(engine) as connection:
        listed = [each for each in await orders_of(connection, STATION, NOW) if each.order in {o.order for o in orders}]
    body = PrintBody(orders=tuple(listed)).model_dump(mode="json", exclude_none=True)
    document = StationDocument(kind="print", station=STATION, version=version, issued_at=NOW, body=body)
    token, sha256 = sign_document(document, new_signing_key("documents-1"))
    row = {"station": STATION, "kind": "print", "version": version, "sha256": sha256, "token": token, "signed_at": NOW}
    async with writing(engine) as connection:
        await connection.execute(insert(documents).values(**row, applied=applied))


@pytest.mark.parametrize("how", ["withdrawn", "expired"])
async def test_an_original_counts_until_its_station_let_go(here: AsyncEngine, how: str) -> None:
    first = an_order()
    await order(here, first)
    await told(here, 1, "applied", first)
    if how == "withdrawn":
        await withdraw_order(here, NOW, "office", first.order)
    now = NOW if how == "withdrawn" else first.expires_at
    second = an_order(certificate="1101-0002", expires_at=now + timedelta(days=1))
    for version, applied in ((2, None), (3, "refused")):
        with pytest.raises(RefusedError, match="original_live"):
            await make_order(here, SEAL, now, "office", second)
        await told(here, version, applied)
    with pytest.raises(RefusedError, match="original_live"):
        await make_order(here, SEAL, now, "office", second)
    await told(here, 4, "applied")
    assert await make_order(here, SEAL, now, "office", second)


async def test_an_original_printed_after_its_withdrawal_is_live(here: AsyncEngine) -> None:
    first = an_order()
    await order(here, first)
    await withdraw_order(here, NOW, "office", first.order)
    await has_job(here, first, "taken")
    with pytest.raises(RefusedError, match="original_live"):
        await order(here, an_order(certificate="1101-0002"))


async def test_of_two_originals_asked_for_at_once_one_is_made(here: AsyncEngine) -> None:
    both = [order(here, an_order(certificate=f"1101-000{n}")) for n in (1, 2)]
    ends = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(str(end) for end in ends) == ["True", "original_live"]
