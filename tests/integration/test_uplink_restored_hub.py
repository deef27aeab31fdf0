"""A hub that comes back, perhaps with an older database, learns from the stations' births what it lacks."""

from __future__ import annotations

from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from tests.integration.little_hub import LittleHub
from tests.integration.test_uplink import a_broker, a_station, acked, eventually, happen


async def test_a_hub_that_is_ready_again_hears_how_far_an_idle_station_was_acknowledged(tmp_path: Path) -> None:
    """It may have been put back from a backup: nothing but the birth tells it that rows are missing."""
    async with AsyncExitStack() as stack:
        port, _ = await stack.enter_async_context(a_broker("mosquitto", tmp_path))
        hub = await stack.enter_async_context(LittleHub(port))
        store, _ = await stack.enter_async_context(a_station(tmp_path, port))
        await happen(store, 5)
        await eventually(partial(acked, store), "everything is acknowledged")
        hub.presences.clear()
        await hub.ready()

        async def told() -> bool:
            last = (await store.identity()).last_seq
            return [each.acked_through for each in hub.presences] == [last]

        await eventually(told, "the station is born again with its watermark", 5)


async def test_a_hub_that_misses_what_it_acknowledged_is_told_so_at_once(tmp_path: Path) -> None:
    """Put back under its running processes it says nothing of itself; the gap that it reports gives it away."""
    async with AsyncExitStack() as stack:
        port, _ = await stack.enter_async_context(a_broker("mosquitto", tmp_path))
        hub = await stack.enter_async_context(LittleHub(port))
        store, _ = await stack.enter_async_context(a_station(tmp_path, port))
        await happen(store, 5)
        await eventually(partial(acked, store), "everything is acknowledged")
        identity = await store.identity()
        hub.forget_above(identity.epoch, 2)
        hub.presences.clear()
        await happen(store, 1)

        async def told() -> bool:
            return [each.acked_through for each in hub.presences] == [identity.last_seq]

        await eventually(told, "the station is born again with its watermark", 5)
