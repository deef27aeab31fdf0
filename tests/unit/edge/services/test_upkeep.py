"""How often doors open is counted with the event itself; upkeep falls due once, and begins anew when it was done."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contract.events import DoorClosed, DoorForced, DoorOpened, EventData
from edge.cabinets import Fitting, Place
from edge.clock import SystemClock
from edge.services.changes import Changes
from edge.services.refusals import RefusedError
from edge.services.upkeep import Upkeep
from edge.store.unit_of_work import Store, Transaction
from tests.unit.edge.services.night import eventually

FITTINGS = {1: Fitting(Place("a", 450, 1800, 0, 0, 450, 150), maintenance_openings=3)}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(tmp_path / "station.db", SystemClock("Asia/Shanghai")) as store:
        yield store


@pytest.fixture
async def opened(store: Store) -> AsyncIterator[Changes]:
    """What the upkeep watches; it runs for the test."""
    changes = Changes()
    running = asyncio.create_task(Upkeep(store, FITTINGS, changes).run())
    yield changes
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _emit(store: Store, *events: EventData) -> None:
    def work(tx: Transaction) -> None:
        for event in events:
            tx.emit(event)

    await store.transact(work)


async def _told(store: Store, kind: str) -> list[dict[str, Any]]:
    events = [json.loads(row.body) for row in await store.pending(0, 1000)]
    return [event["data"] for event in events if event["type"] == kind]


async def test_every_opening_counts_and_closing_does_not(store: Store) -> None:
    await _emit(store, DoorOpened(compartment=1), DoorClosed(compartment=1), DoorForced(compartment=1))
    await _emit(store, DoorOpened(compartment=2))
    counts = await store.read(lambda tx: tx.door_counts())
    assert {number: each.openings for number, each in counts.items()} == {1: 2, 2: 1}


async def test_an_opening_that_is_rolled_back_was_none(store: Store) -> None:
    def work(tx: Transaction) -> None:
        tx.emit(DoorOpened(compartment=1))
        raise RefusedError("busy")

    with pytest.raises(RefusedError):
        await store.transact(work)
    assert await store.read(lambda tx: tx.door_counts()) == {}


async def test_upkeep_falls_due_once_and_again_after_it_was_done(store: Store, opened: Changes) -> None:
    async def due() -> list[str]:
        return [str(each["openings"]) for each in await _told(store, "maintenance_due")]

    await _emit(store, *[DoorOpened(compartment=1)] * 4, *[DoorOpened(compartment=2)] * 9)
    opened.notify()
    await eventually(due, "4")
    await Upkeep(store, FITTINGS, opened).serviced(1, "B-7")
    assert await _told(store, "door_serviced") == [{"compartment": 1, "openings": 4, "staff": "B-7"}]
    await _emit(store, *[DoorOpened(compartment=1)] * 3)
    opened.notify()
    await eventually(due, "7")
    assert await due() == ["4", "7"]


async def test_a_door_that_never_opened_needs_no_upkeep(store: Store) -> None:
    with pytest.raises(RefusedError):
        await Upkeep(store, FITTINGS, Changes()).serviced(1, "B-7")
