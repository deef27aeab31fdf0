"""The keeper of the blanks over a real store: a commit for each act, refusals that change nothing, the count."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from contract.events import BlankInspected
from edge.clock import SystemClock
from edge.core import stock
from edge.core.stock import Place
from edge.services.keep_stock import KeepStock
from edge.services.refusals import RefusedError
from edge.services.stock_report import count_lines, is_balanced, list_lines, tell_count
from edge.store.unit_of_work import Store, Transaction

KIND, COPY, TRAYS = "licence_original", "licence_copy", {"tray-1": "licence_original", "tray-2": "licence_copy"}
TWO = ("B-7", "B-8")
NAMES = ("政务大厅", "Hall")


async def never(*_given: object, **_more: object) -> None:
    raise AssertionError("nothing is to be decided here")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(tmp_path / "station.db", SystemClock("Asia/Shanghai")) as store:
        yield store


@pytest.fixture
def keep(store: Store) -> KeepStock:
    return KeepStock(store, TRAYS, never)


async def told(store: Store) -> list[tuple[str, dict[str, object]]]:
    rows = [json.loads(row.body) for row in await store.pending(0, 1000)]
    return [(row["type"], row["data"]) for row in rows if row["type"] != "station_started"]


async def test_what_is_received_and_loaded_is_counted_and_told(store: Store, keep: KeepStock) -> None:
    assert await keep.receive(KIND, " b0001 ", "B0010", "B-7") == 10
    assert (await keep.look()).trays[0].proposed == ("B0001", "B0010")
    assert await keep.load("tray-1", "B0001", "B0004", "B-7") == 4
    view = await keep.look()
    assert [(each.tray, each.sheets, each.next, each.last, each.proposed) for each in view.trays] == [
        ("tray-1", 4, "B0001", "B0004", ("B0005", "B0010")),
        ("tray-2", 0, "", "", ("", "")),
    ]
    assert await keep.unload("tray-1", "B-7") == 4
    assert [kind for kind, _ in await told(store)] == ["stock_received", "stock_loaded", "stock_unloaded"]
    assert (await keep.look()).kinds[0].in_store == 10


async def test_two_persons_void_and_destroy_by_list(store: Store, keep: KeepStock) -> None:
    await keep.receive(KIND, "B0001", "B0003", "B-7")
    await keep.load("tray-1", "B0001", "B0002", "B-7")
    await keep.void(await keep.require_voidable("b0002"), "void_torn", TWO)
    await keep.void("B0003", "void_torn", TWO)
    assert (await keep.look()).voided == ("B0002", "B0003")
    await keep.destroy(["B0002", "B0003", "B0002"], TWO)
    count = (await keep.look()).kinds[0]
    assert (count.in_tray, count.voided, count.destroyed, is_balanced(count)) == (1, 2, 2, True)
    assert (await told(store))[-1] == ("blanks_destroyed", {"blanks": ["B0002", "B0003"], "staff": list(TWO)})


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (lambda keep: keep.receive("cheque", "C0001", "C0002", "B-7"), "wrong_stock"),
        (lambda keep: keep.receive(KIND, "B0003", "B0004", "B-7"), "known_number"),
        (lambda keep: keep.receive(KIND, "B0009", "B0004", "B-7"), "wrong_range"),
        (lambda keep: keep.receive(KIND, "B" * 30, "B0004", "B-7"), "wrong_range"),
        (lambda keep: keep.receive(KIND, "", "", "B-7"), "wrong_range"),
        (lambda keep: keep.load("tray-9", "B0003", "B0003", "B-7"), "wrong_stock"),
        (lambda keep: keep.load("tray-2", "B0003", "B0003", "B-7"), "wrong_stock"),
        (lambda keep: keep.load("tray-1", "B0004", "B0004", "B-7"), "unknown_number"),
        (lambda keep: keep.load("tray-1", "B0001", "B0001", "B-7"), "not_in_store"),
        (lambda keep: keep.unload("tray-2", "B-7"), "tray_empty"),
        (lambda keep: keep.require_voidable("B0007"), "unknown_number"),
        (lambda keep: keep.void("B0001", " ", TWO), "no_reason"),
        (lambda keep: keep.void("B0001", "void_torn", ("B-7", "B-7")), "two_persons"),
        (lambda keep: keep.destroy(["B0001"], TWO), "not_voided"),
        (lambda keep: keep.destroy([], TWO), "not_voided"),
        (lambda keep: keep.inspect("B0001", "blank", ("B-7",)), "not_to_inspect"),
    ],
)
async def test_bad_input_is_refused_and_nothing_is_consumed(
    store: Store, keep: KeepStock, act: object, why: str
) -> None:
    await keep.receive(KIND, "B0001", "B0003", "B-7")
    await keep.load("tray-1", "B0001", "B0001", "B-7")
    before = await store.read(lambda tx: (tx.blanks(), tx.received_blanks())), await told(store)
    with pytest.raises(RefusedError, match=f"blank_{why}"):
        await act(keep)  # type: ignore[operator]  # a table of calls
    assert (await store.read(lambda tx: (tx.blanks(), tx.received_blanks())), await told(store)) == before


async def test_a_sheet_that_is_lost_from_the_store_is_missed(store: Store, keep: KeepStock) -> None:
    await keep.receive(KIND, "B0001", "B0003", "B-7")
    await keep.receive(COPY, "C0001", "C0002", "B-7")
    await store.transact(tell_count)
    assert (await told(store))[-1][1]["balanced"] is True
    await store.transact(lambda tx: tx._connection.execute("DELETE FROM blanks WHERE number = 'B0002'"))
    await store.transact(tell_count)
    data = (await told(store))[-1][1]
    assert data["balanced"] is False
    lines = count_lines(NAMES, SystemClock("Asia/Shanghai").now(), (await keep.look()).kinds)
    assert "*** 不平 NOT BALANCED ***" in lines
    assert "平 BALANCED" in lines


async def test_a_station_without_blanks_counts_none(store: Store) -> None:
    await store.transact(tell_count)
    assert await told(store) == []


async def test_a_sheet_of_unknown_fate_is_looked_at_and_not_just_made_void(store: Store) -> None:
    decided: list[tuple[UUID, str, object]] = []

    async def decide(job: UUID, found: str, staff: object = None, *, also: object) -> None:
        decided.append((job, found, staff))
        await store.transact(also)  # type: ignore[arg-type]  # as IssuePapers.decide commits it

    keep = KeepStock(store, TRAYS, decide)
    await keep.receive(KIND, "B0001", "B0002", "B-7")
    await keep.load("tray-1", "B0001", "B0002", "B-7")

    def doubt(tx: Transaction) -> None:
        tx.save_blanks((stock.reserve(tx.blanks(), "tray-1", KIND, UUID(int=1)),))
        tx.save_blanks((stock.unverified(tx.blanks(), UUID(int=1)),))

    await store.transact(doubt)
    assert [blank.number for blank in (await keep.look()).to_inspect] == ["B0001"]
    for refused in (keep.require_voidable("B0001"), keep.void("B0001", "void_torn", TWO)):
        with pytest.raises(RefusedError, match="blank_to_inspect"):
            await refused
    with pytest.raises(RefusedError, match="blank_two_persons"):
        await keep.inspect("B0001", "spoiled", ("B-7",))
    assert decided == []
    await keep.inspect("B0001", "spoiled", TWO)
    assert decided == [(UUID(int=1), "spoiled", TWO)]
    assert [kind for kind, _ in (await told(store))[-2:]] == [BlankInspected.type, "blank_voided"]
    assert (await store.read(lambda tx: tx.blanks()))["B0001"].place is Place.TO_INSPECT


def test_the_list_is_signed_by_two() -> None:
    lines = list_lines(NAMES, SystemClock("Asia/Shanghai").now(), ["B0002", "B0003"])
    assert "  2. B0003" in lines
    assert "共 total: 2" in lines
    assert any("Staff 2" in line for line in lines)
