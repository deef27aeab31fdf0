"""Acknowledgement by number, forks, ledgers, epochs and pruning (contract of the wire, section 1)."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from contract.envelope import EventBatch, join_batch
from contract.events import DeviceFailed, DoorOpened
from contract.state import Ack
from edge.store.outbox import AckOutcome, OutboxRow
from edge.store.unit_of_work import Store
from tests.unit.edge.hand_clock import HandClock

EVENT = DoorOpened(compartment=1)
LEDGER = uuid4()
DAYS = 86_400


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "station.db"


@pytest.fixture
async def store(path: Path, clock: HandClock) -> AsyncIterator[Store]:
    async with await Store.open(path, clock, software="1.2.3", simulated=("main",)) as opened:
        await _emit(opened, 9)
        yield opened


async def _emit(store: Store, count: int) -> None:
    for _ in range(count):
        await store.transact(lambda tx: tx.emit(EVENT))


async def _held(store: Store) -> list[OutboxRow]:
    return await store.pending(0, 1000)


async def _ack(
    store: Store,
    through: int,
    *,
    ledger: UUID = LEDGER,
    foreign: bool = False,
    fork: bool = False,
    epoch: UUID | None = None,
) -> Ack:
    def row_id(seq: int) -> UUID | None:
        return next((row.id for row in rows if row.seq == seq), None)

    def read(tx: object) -> list[OutboxRow]:
        found = tx._all("SELECT seq, id, body FROM outbox")  # type: ignore[attr-defined]  # acknowledged rows too
        return [OutboxRow(seq, UUID(id_), body) for seq, id_, body in found]

    rows = await store.read(read)
    through_id = uuid4() if foreign else row_id(through)
    mine = (await store.identity()).epoch
    return Ack(ledger=ledger, epoch=epoch or mine, through=through, through_id=through_id, seen=through, fork=fork)


async def test_the_first_event_of_a_store_says_who_it_is(store: Store) -> None:
    first = json.loads((await _held(store))[0].body)
    assert (first["seq"], first["type"], first["boot"]) == (1, "station_started", 1)
    assert first["data"] == {"software": "1.2.3", "epoch_origin": "created", "simulated": ["main"]}


async def test_rows_are_the_contracts_bytes(store: Store) -> None:
    identity = await store.identity()
    event = await store.transact(lambda tx: tx.emit(EVENT, uuid4()))
    rows = await _held(store)
    assert rows[-1] == OutboxRow(11, event.id, event.to_bytes())
    batch = EventBatch.model_validate_json(join_batch("dc-24h-01", identity.epoch, (row.body for row in rows)))
    assert [each.seq for each in batch.events] == list(range(1, 12))
    assert batch.events[-1] == event


async def test_pending_pages_in_order(store: Store) -> None:
    assert [row.seq for row in await store.pending(3, 4)] == [4, 5, 6, 7]
    await store.accept_ack(await _ack(store, 6))
    assert [row.seq for row in await store.pending(0, 2)] == [7, 8]


async def test_an_ack_marks_what_it_names_and_older_news_are_ignored(store: Store) -> None:
    result = await store.accept_ack(await _ack(store, 6))
    assert result[:4] == (AckOutcome.ACCEPTED, 6, 6, 10)
    assert (await store.accept_ack(await _ack(store, 4))).outcome is AckOutcome.OLD
    assert (await store.accept_ack(await _ack(store, 6))).outcome is AckOutcome.OLD
    assert (await store.accept_ack(await _ack(store, 10))).marked == 4
    assert await _held(store) == []
    assert (await store.accept_ack(await _ack(store, 10, epoch=uuid4(), fork=True))).outcome is AckOutcome.OLD
    nameless = (await _ack(store, 10)).model_copy(update={"through_id": None})
    assert (await store.accept_ack(nameless)).outcome is AckOutcome.OLD


async def test_acks_survive_a_restart(path: Path, clock: HandClock, store: Store) -> None:
    await store.accept_ack(await _ack(store, 7))
    assert await store.count_connection() == 1
    assert await store.count_connection() == 2
    await store.close()
    async with await Store.open(path, clock) as again:
        identity = await again.identity()
        assert (identity.acked_through, identity.last_seq, identity.ledger) == (7, 11, LEDGER)
        assert (identity.boot, identity.conn) == (2, 0)
        started = json.loads((await _held(again))[-1].body)
        assert (started["type"], started["boot"]) == ("station_started", 2)


@pytest.mark.parametrize("how", ["fork", "foreign", "foreign_old", "above"])
async def test_a_fork_opens_a_new_epoch(store: Store, how: str) -> None:
    await store.accept_ack(await _ack(store, 6))
    before, old = await _held(store), await store.identity()
    through = {"fork": 6, "foreign": 8, "foreign_old": 5, "above": 11}[how]
    ack = await _ack(store, through, foreign=how != "fork", fork=how == "fork")
    result = await store.accept_ack(ack)
    assert result.outcome is AckOutcome.NEW_EPOCH
    assert result[2:4] == (0, 5)
    assert result.epoch == (await store.identity()).epoch != old.epoch
    after = await _held(store)
    started = json.loads(after[0].body)
    assert (started["seq"], started["type"]) == (1, "station_started")
    assert started["data"]["epoch_origin"] == "fork"
    assert started["data"]["previous_epoch"] == str(old.epoch)
    assert [(row.seq, row.id) for row in after[1:]] == [(index + 2, row.id) for index, row in enumerate(before)]
    for was, now in zip(before, after[1:], strict=True):
        assert now.body == was.body.replace(f'{{"seq":{was.seq},'.encode(), f'{{"seq":{now.seq},'.encode(), 1)
    # The same answer about the old epoch comes again: it is over.
    assert (await store.accept_ack(ack)).outcome is AckOutcome.OLD
    event = await store.transact(lambda tx: tx.emit(EVENT))
    assert event.seq == 6
    assert (await store.accept_ack(await _ack(store, 6))).marked == 6


async def test_bytes_with_every_script_survive_renumbering(store: Store) -> None:
    fault = '纸, "seq":9,\\ \u0000 𠮷 {"seq":3,}'
    event = await store.transact(lambda tx: tx.emit(DeviceFailed(device="printer", fault=fault)))
    await store.new_epoch()
    row = (await _held(store))[-1]
    assert (row.id, row.seq) == (event.id, 12)
    assert json.loads(row.body) == {**json.loads(event.to_bytes()), "seq": 12}


async def test_an_old_copy_put_back_is_noticed(path: Path, clock: HandClock, store: Store, tmp_path: Path) -> None:
    await store.close()
    shutil.copy(path, tmp_path / "old.db")
    async with await Store.open(path, clock) as newer:
        await _emit(newer, 20)
        hub_has = await _ack(newer, 25)
    shutil.copy(tmp_path / "old.db", path)
    async with await Store.open(path, clock) as old:
        await _emit(old, 30)
        assert (await old.accept_ack(hub_has)).outcome is AckOutcome.NEW_EPOCH
        assert len(await _held(old)) == 1 + 10 + 1 + 30


async def test_a_new_ledger_is_offered_everything_still_held(store: Store) -> None:
    await store.accept_ack(await _ack(store, 8))
    restored = uuid4()
    result = await store.accept_ack(await _ack(store, 3, ledger=restored))
    assert (result.outcome, result.acked_through) == (AckOutcome.OFFERED_AGAIN, 3)
    assert [row.seq for row in await _held(store)] == [4, 5, 6, 7, 8, 9, 10]
    assert (await store.identity()).ledger == restored
    assert (await store.accept_ack(await _ack(store, 10, ledger=restored))).outcome is AckOutcome.ACCEPTED


async def test_an_empty_new_ledger_gets_all(store: Store) -> None:
    await store.accept_ack(await _ack(store, 10))
    result = await store.accept_ack(await _ack(store, 0, ledger=uuid4()))
    assert result.outcome is AckOutcome.OFFERED_AGAIN
    assert len(await _held(store)) == 10


async def test_a_new_ledger_also_gets_older_epochs_under_new_numbers_in_order(store: Store) -> None:
    ids = [row.id for row in await _held(store)]
    await store.accept_ack(await _ack(store, 6))
    await store.new_epoch()
    ids.insert(6, (await _held(store))[0].id)
    await store.accept_ack(await _ack(store, 3))
    result = await store.accept_ack(await _ack(store, 0, ledger=uuid4()))
    assert result.outcome is AckOutcome.NEW_EPOCH
    rows = await _held(store)
    assert [row.id for row in rows[1:]] == ids
    assert [json.loads(row.body)["seq"] for row in rows] == [row.seq for row in rows] == list(range(1, 13))


async def test_only_what_was_acknowledged_a_week_ago_is_pruned(store: Store, clock: HandClock) -> None:
    await store.accept_ack(await _ack(store, 4))
    clock.wait(6.5 * DAYS)
    await store.accept_ack(await _ack(store, 8))
    clock.wait(0.4 * DAYS)
    assert await store.transact(lambda tx: tx.prune()) == 0
    clock.wait(0.2 * DAYS)
    clock.synced = False
    assert await store.transact(lambda tx: tx.prune()) == 0
    clock.synced = True
    assert await store.transact(lambda tx: tx.prune()) == 4
    clock.wait(30 * DAYS)
    # The row that the hub answered last stays: the next answer is compared with it.
    assert await store.transact(lambda tx: tx.prune()) == 3
    assert (await store.accept_ack(await _ack(store, 8, foreign=True))).outcome is AckOutcome.NEW_EPOCH
    assert len(await _held(store)) == 3


async def test_numbers_go_on_after_everything_was_pruned(store: Store, clock: HandClock) -> None:
    await store.accept_ack(await _ack(store, 10))
    clock.wait(8 * DAYS)
    assert await store.transact(lambda tx: tx.prune()) == 9
    assert (await store.transact(lambda tx: tx.emit(EVENT))).seq == 11


async def test_a_hub_that_lost_what_is_pruned_here_is_healed_by_a_new_epoch(store: Store, clock: HandClock) -> None:
    await store.accept_ack(await _ack(store, 10))
    clock.wait(8 * DAYS)
    await store.transact(lambda tx: tx.prune())
    await _emit(store, 2)
    result = await store.accept_ack(await _ack(store, 0, ledger=uuid4()))
    assert result.outcome is AckOutcome.NEW_EPOCH
    assert len(await _held(store)) == 4


async def test_past_rows_are_pruned_too(store: Store, clock: HandClock) -> None:
    await store.accept_ack(await _ack(store, 6))
    await store.new_epoch()
    clock.wait(8 * DAYS)
    assert await store.transact(lambda tx: tx.prune()) == 6
