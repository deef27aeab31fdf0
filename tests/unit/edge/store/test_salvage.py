"""A malformed store is moved aside, what can be read goes on, and somebody is told. Never silently empty."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from contract.events import DoorOpened, Purpose
from contract.state import Ack
from edge.core.codes import PickupCode
from edge.core.compartment import Allocation, Compartment, Deposit
from edge.store import salvage
from edge.store.compartments import Fitted
from edge.store.outbox import OutboxRow
from edge.store.unit_of_work import Store, Transaction
from tests.unit.edge.hand_clock import HandClock

FIT = [Fitted(1, "s", "low"), Fitted(2, "m", "low"), Fitted(3, "m", "low")]
KEPT = Compartment(1, "s", "low", Allocation.OCCUPIED, content=Deposit("7K3M9Q2T8X4"))
ORPHAN = Compartment(2, "m", "low", Allocation.RESERVED, purpose=Purpose.DEPOSIT, visit=uuid4())
CODE = PickupCode(3, "0" * 43, b"m" * 32)
EVENTS = 1500
ACKED = 100


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def path(tmp_path: Path, clock: HandClock) -> Path:
    """A closed store with enough rows to have many pages."""
    file = tmp_path / "station.db"

    def fill(tx: Transaction) -> None:
        tx.fit(FIT)
        tx.save(KEPT)
        tx.save(ORPHAN)
        tx.save_code(CODE)
        for number in range(EVENTS):
            tx.emit(DoorOpened(compartment=number % 3 + 1))

    async with await Store.open(file, clock) as store:
        await store.transact(fill)
        through_id = (await store.pending(ACKED - 1, 1))[0].id
        epoch = (await store.identity()).epoch
        await store.accept_ack(Ack(ledger=uuid4(), epoch=epoch, through=ACKED, through_id=through_id, seen=ACKED))
    return file


def _break_outbox_leaf(path: Path) -> None:
    """Overwrite the page that holds the event in the middle."""
    marker = f'{{"seq":{EVENTS // 2},'.encode()
    data = path.read_bytes()
    page = data.index(marker) // 4096
    with path.open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xa5" * 4096)


def _damage(path: Path, how: str) -> None:
    if how == "header":
        path.write_bytes(b"\xa5" * 4096 + path.read_bytes()[4096:])
    elif how == "garbage":
        path.write_bytes(b"not a database at all" * 1000)
    elif how == "empty":
        path.write_bytes(b"")
    else:
        path.unlink()


def _stop_between_the_renames(path: Path) -> None:
    salvage.new_place(path).write_bytes(path.read_bytes())
    salvage.move_aside(path, salvage.aside_name(path))


def _types(rows: list[OutboxRow]) -> list[str]:
    return [json.loads(row.body)["type"] for row in rows]


async def test_a_broken_page_costs_its_rows_alone(path: Path, clock: HandClock) -> None:
    _break_outbox_leaf(path)
    async with await Store.open(path, clock) as store:
        rows = await store.pending(0, 10_000)
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        assert [json.loads(row.body)["seq"] for row in rows] == [row.seq for row in rows]
        lost = EVENTS + 1 - ACKED - _types(rows).count("door_opened")
        assert 0 < lost < 60
        first = json.loads(rows[0].body)
        assert (first["type"], first["data"]["epoch_origin"]) == ("station_started", "salvaged")
        assert _types(rows)[-3:] == ["device_failed", "compartment_doubtful", "station_started"]
        alarm = json.loads(rows[-3].body)["data"]
        assert alarm["device"] == "store"
        assert "station.db.broken-1" in alarm["fault"]
        assert (await store.identity()).boot == 2
        compartments = await store.read(lambda tx: tx.compartments())
        assert compartments[0] == KEPT
        assert compartments[1].allocation is Allocation.DOUBTFUL, "held by a visit that nobody knows"
        assert await store.read(lambda tx: tx.codes()) == [CODE]
    assert (path.parent / "station.db.broken-1").exists()
    assert not list(path.parent.glob("*.salvaged*"))


@pytest.mark.parametrize("damage", ["header", "garbage", "empty", "gone"])
async def test_a_store_that_cannot_be_read_at_all_is_not_silently_empty(
    path: Path, clock: HandClock, damage: str
) -> None:
    _damage(path, damage)
    async with await Store.open(path, clock) as store:
        assert _types(await store.pending(0, 100)) == ["station_started", "device_failed", "station_started"]
        new = await store.transact(lambda tx: tx.fit(FIT))
        assert {each.allocation for each in new} == {Allocation.DOUBTFUL}
        assert _types(await store.pending(3, 100)) == ["compartment_doubtful"] * 3
        assert await store.transact(lambda tx: tx.fit([*FIT, Fitted(4, "s", "low")])) == [Compartment(4, "s", "low")]
    async with await Store.open(path, clock) as again:
        assert (await again.identity()).boot == 2
    assert len(list(path.parent.glob("*.broken-*"))) == 1


async def test_rows_that_make_no_sense_are_dropped(path: Path, clock: HandClock) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE outbox SET body = '{\"seq\":700}' WHERE seq = 700")
        connection.execute("UPDATE compartments SET allocation = 'sideways' WHERE number = 3")
        connection.execute("UPDATE meta SET value = 'x' WHERE key = 'boot'")
    connection.close()
    _break_outbox_leaf(path)
    async with await Store.open(path, clock) as store:
        rows = await store.pending(0, 10_000)
        assert all(UUID(json.loads(row.body)["id"]) == row.id for row in rows)
        assert [each.number for each in await store.read(lambda tx: tx.compartments())] == [1, 2]
        new = await store.transact(lambda tx: tx.fit(FIT))
        assert [(each.number, each.allocation) for each in new] == [(3, Allocation.DOUBTFUL)]


async def test_a_power_cut_between_the_renames_loses_nothing(path: Path, clock: HandClock) -> None:
    _stop_between_the_renames(path)
    async with await Store.open(path, clock) as store:
        assert (await store.read(lambda tx: tx.compartments()))[0] == KEPT


_WRITER = """
import asyncio, pathlib, sys
from edge.clock import SystemClock
from edge.store.unit_of_work import Store
from contract.events import DoorOpened

async def main():
    async with await Store.open(pathlib.Path(sys.argv[1]), SystemClock("Asia/Shanghai"), free=lambda _: 0) as store:
        while True:
            event = await store.transact(lambda tx: tx.emit(DoorOpened(compartment=1)))
            print(event.id, flush=True)

asyncio.run(main())
"""


def _write_until_killed(path: Path, call: str, number: int) -> list[str]:
    """Return the ids of the events that were told to be durable before the kill at that system call."""
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=rename,fdatasync"]
    strace += ["-e", f"inject={call}:signal=SIGKILL:when={number}"]
    command = [*strace, sys.executable, "-c", _WRITER, str(path)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60).stdout.split()


def _break_page(path: Path, table: str) -> None:
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xa5" * 4096)


# Reading the broken file folds its log into it; a store that is gone leaves its log behind, to be renamed as well.
@pytest.mark.parametrize(
    ("damage", "rename"), [("inbox", 1), ("inbox", 2), ("gone", 1), ("gone", 2), ("gone", 3), ("gone", 4)]
)
async def test_killed_at_any_rename_of_a_salvage_it_keeps_what_was_in_the_log(
    path: Path, clock: HandClock, rename: int, damage: str
) -> None:
    told = _write_until_killed(path, "fdatasync", 30)
    assert len(told) > 20
    if damage == "gone":
        _damage(path, "gone")
    else:
        _break_page(path, damage)
    told += _write_until_killed(path, "rename", rename)
    async with await Store.open(path, clock) as store:
        rows = await store.pending(0, 100_000)
        kept = {str(row.id) for row in rows}
        assert "device_failed" in _types(rows)
        if damage != "gone":
            assert set(told) <= kept


async def test_a_half_built_attempt_is_thrown_away(path: Path, clock: HandClock) -> None:
    shutil.copy(__file__, salvage.new_place(path))
    _break_outbox_leaf(path)
    async with await Store.open(path, clock) as store:
        assert (await store.read(lambda tx: tx.compartments()))[0] == KEPT
    assert not salvage.new_place(path).exists()


async def test_every_break_keeps_its_own_copy(path: Path, clock: HandClock) -> None:
    for _ in range(2):
        _damage(path, "garbage")
        await (await Store.open(path, clock)).close()
    assert {each.name for each in path.parent.glob("*.broken-*")} == {"station.db.broken-1", "station.db.broken-2"}
