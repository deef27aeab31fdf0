"""The uplink over real brokers and a broken network: nothing lost, nothing eaten, whatever happens on the way."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from contract import topics
from contract.commands import COMMAND_TYP
from contract.events import DoorClosed, DoorOpened
from contract.session import MqttSession, SessionSettings
from contract.signing import new_signing_key, sign
from edge.clock import SystemClock
from edge.services.door_control import Channel, Doors
from edge.services.picture import Picture
from edge.store.compartments import Fitted
from edge.store.unit_of_work import Store, Transaction
from edge.uplink import delivery as delivery_module
from edge.uplink import window as window_module
from edge.uplink.command_check import PinnedKey
from edge.uplink.documents import Source
from edge.uplink.uplink import Hooks, Uplink, UplinkSettings
from hall.addresses import free_port
from hall.broker import BrokerName, make_broker
from hall.network import Link, Network
from hall.processes import Child, until
from tests.integration.little_hub import LittleHub

STATION = "dc-24h-01"
KEY = new_signing_key("dispatch-1")
CLOCK = SystemClock("Asia/Shanghai")


@asynccontextmanager
async def a_broker(name: BrokerName, folder: Path, port: int | None = None) -> AsyncIterator[tuple[int, Child]]:
    port = port or free_port()
    child = make_broker(name, folder / name, port, folder / f"{name}.log")
    await child.start()
    try:
        yield port, child
    finally:
        await child.stop()


@asynccontextmanager
async def a_station(data: Path, port: int, station: str = STATION) -> AsyncIterator[tuple[Store, Uplink]]:
    """A real store with three compartments and its uplink; no doors, because none is needed here."""
    async with await Store.open(data / "station.db", CLOCK, software="test", simulated=("main",)) as store:
        await store.transact(lambda tx: tx.fit([Fitted(number, "s", "middle") for number in (1, 2, 3)]))
        picture = Picture(store, Doors({}, {number: Channel("main", number) for number in (1, 2, 3)}, CLOCK))
        await picture.load()
        settings = UplinkSettings(
            station=station,
            broker=f"mqtt://127.0.0.1:{port}",
            documents=Source("http://127.0.0.1:1", data / "token"),
            document_keys={},
            command_keys={"dispatch-1": PinnedKey(KEY, datetime.fromisoformat("2100-01-01T00:00:00Z"))},
            software="test",
            simulated=("main",),
            reconnect_min_s=0.05,
            reconnect_max_s=0.2,
        )
        hooks = Hooks(changed=picture.note, service_mode=lambda: False, document_applied=lambda _kind: None)
        uplink = Uplink(store, picture, CLOCK, settings, hooks)
        running = asyncio.create_task(uplink.run())
        try:
            yield store, uplink
        finally:
            running.cancel()
            await asyncio.wait({running})


async def happen(store: Store, count: int) -> set[UUID]:
    """Let so many things happen at the station; returns their ids."""

    def some(number: int, tx: Transaction) -> list[UUID]:
        return [tx.emit(DoorOpened(compartment=1)).id for _ in range(number)]

    sizes = [min(100, count - begun) for begun in range(0, count, 100)]
    groups = await asyncio.gather(*[store.transact(partial(some, size)) for size in sizes])
    return {each for group in groups for each in group}


async def acked(store: Store) -> bool:
    identity = await store.identity()
    return identity.acked_through == identity.last_seq


async def eventually(probe: Callable[[], Awaitable[bool]], what: str, within_s: float = 15) -> None:
    await until(probe, within_s, what)


@pytest.fixture(params=["mosquitto", "iotcore"])
def broker_name(request: pytest.FixtureRequest) -> BrokerName:
    name: BrokerName = request.param
    return name


@pytest.fixture(autouse=True)
def quick_resends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_module, "RESEND_MIN_S", 0.3)
    monkeypatch.setattr(window_module, "RESEND_MAX_S", 1.0)
    monkeypatch.setattr(window_module, "SPACING_S", 0.05)


async def test_a_backlog_drains_in_order_and_new_events_follow(tmp_path: Path, broker_name: BrokerName) -> None:
    async with AsyncExitStack() as stack:
        port, _ = await stack.enter_async_context(a_broker(broker_name, tmp_path))
        hub = await stack.enter_async_context(LittleHub(port))
        store, _ = await stack.enter_async_context(a_station(tmp_path, port))
        ids = await happen(store, 600)
        await eventually(partial(acked, store), "the backlog is acknowledged")
        ids |= await happen(store, 100)
        await eventually(partial(acked, store), "news is acknowledged")
        assert ids <= set(hub.events)
        epoch = (await store.identity()).epoch
        assert hub.through(epoch) == store.last_seq
        assert hub.refused_batches == 0
        order = list(dict.fromkeys(event.seq for batch in hub.batches for event in batch.events))
        assert order == list(range(1, store.last_seq + 1))


async def test_the_broker_dies_and_forgets_everything_in_the_middle(tmp_path: Path, broker_name: BrokerName) -> None:
    async with AsyncExitStack() as stack:
        port, child = await stack.enter_async_context(a_broker(broker_name, tmp_path))
        hub = await stack.enter_async_context(LittleHub(port))
        store, _ = await stack.enter_async_context(a_station(tmp_path, port))
        ids = await happen(store, 1200)
        for _ in range(2):
            await child.kill()
            ids |= await happen(store, 300)
            await child.start()
        await eventually(partial(acked, store), "everything is acknowledged")
        assert ids <= set(hub.events)


async def test_a_silent_hub_is_waited_for_and_its_return_is_enough(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        port, _ = await stack.enter_async_context(a_broker("mosquitto", tmp_path))
        hub = await stack.enter_async_context(LittleHub(port))
        hub.answers = False
        store, uplink = await stack.enter_async_context(a_station(tmp_path, port))
        ids = await happen(store, 600)
        await eventually(heard(hub, 8), "eight batches")
        assert await in_flight_only(hub, 8)
        assert uplink.delivery.waits_for_s is not None
        hub.answers = True
        await hub.ready()
        await eventually(partial(acked, store), "everything is acknowledged", 10)
        assert ids <= set(hub.events)


def heard(hub: LittleHub, count: int) -> Callable[[], Awaitable[bool]]:
    async def enough() -> bool:
        return len(hub.batches) >= count

    return enough


async def in_flight_only(hub: LittleHub, batches: int) -> bool:
    return len({event.seq for batch in hub.batches for event in batch.events}) <= batches * 50


@pytest.mark.parametrize("fault", ["cut", "refuse", "black_hole"])
async def test_whatever_breaks_between_nothing_is_lost(tmp_path: Path, fault: str) -> None:
    async with AsyncExitStack() as stack:
        port, _ = await stack.enter_async_context(a_broker("mosquitto", tmp_path))
        hub = await stack.enter_async_context(LittleHub(port))
        line = free_port()
        network = await stack.enter_async_context(Network([Link("mqtt", line, port)]))
        store, _ = await stack.enter_async_context(a_station(tmp_path, line))
        ids = await happen(store, 500)
        await eventually(heard(hub, 1), "something arrived")
        await getattr(network, fault)()
        ids |= await happen(store, 600)
        await network.heal()
        await eventually(partial(acked, store), "everything is acknowledged")
        assert ids <= set(hub.events)


async def test_an_old_store_put_back_is_noticed_and_nothing_is_eaten(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        port, _ = await stack.enter_async_context(a_broker("mosquitto", tmp_path))
        hub = await stack.enter_async_context(LittleHub(port))
        data = tmp_path / "data"
        async with a_station(data, port) as (store, _):
            await happen(store, 100)
            await eventually(partial(acked, store), "the first hundred")
        shutil.copytree(data, tmp_path / "old")
        async with a_station(data, port) as (store, _):
            await happen(store, 200)
            await eventually(partial(acked, store), "the second life")
            epoch = (await store.identity()).epoch
        async with a_station(tmp_path / "old", port) as (store, _):
            ids = await happen(store, 300)
            await eventually(partial(acked, store), "the old store's own events")
            identity = await store.identity()
            assert identity.epoch != epoch
            assert ids <= set(hub.events)
            await eventually(born(hub, identity.epoch), "the birth with the new epoch")


def born(hub: LittleHub, epoch: UUID) -> Callable[[], Awaitable[bool]]:
    async def said() -> bool:
        return bool(hub.presences) and hub.presences[-1].epoch == epoch and hub.presences[-1].online

    return said


async def test_an_old_store_that_wrote_less_than_the_hub_knows_opens_a_new_epoch_at_its_birth(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        port, _ = await stack.enter_async_context(a_broker("mosquitto", tmp_path))
        hub = await stack.enter_async_context(LittleHub(port))
        data = tmp_path / "data"
        async with a_station(data, port) as (store, _):
            await eventually(partial(acked, store), "the first event")
        shutil.copytree(data, tmp_path / "old")
        async with a_station(data, port) as (store, _):
            await happen(store, 500)
            await eventually(partial(acked, store), "the second life")
        async with a_station(tmp_path / "old", port) as (store, _):
            before = (await store.identity()).epoch

            async def renewed() -> bool:
                return (await store.identity()).epoch != before and await acked(store)

            await eventually(renewed, "a new epoch")
            assert hub.forks == [] or hub.forks[0][0] == before


async def test_a_hub_that_lost_its_database_gets_everything_again(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        port, _ = await stack.enter_async_context(a_broker("mosquitto", tmp_path))
        hub = await stack.enter_async_context(LittleHub(port))
        store, _ = await stack.enter_async_context(a_station(tmp_path, port))
        ids = await happen(store, 600)
        await eventually(partial(acked, store), "everything is acknowledged")
        hub.lose_everything()
        ids |= await happen(store, 100)

        async def again() -> bool:
            return ids <= set(hub.events) and await acked(store)

        await eventually(again, "everything is offered again")


async def test_one_event_that_no_hub_can_read_is_reported_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window_module, "RESEND_MIN_S", 0.1)
    monkeypatch.setattr(window_module, "RESEND_MAX_S", 0.4)
    async with AsyncExitStack() as stack:
        port, _ = await stack.enter_async_context(a_broker("mosquitto", tmp_path))
        hub = await stack.enter_async_context(LittleHub(port))
        hub.chokes_on = {"door_closed"}
        store, _ = await stack.enter_async_context(a_station(tmp_path, port))
        ids = await happen(store, 100)
        poison = await store.transact(lambda tx: tx.emit(DoorClosed(compartment=2)))
        ids |= await happen(store, 600)

        async def reported() -> bool:
            return any(event.type == "device_failed" for event in hub.events.values()) and ids <= set(hub.events)

        await eventually(reported, "the report and all the rest")
        faults = [event.data["fault"] for event in hub.events.values() if event.type == "device_failed"]
        assert faults == [f"no ack for seq {poison.seq}"]
        hub.chokes_on = set()
        await eventually(partial(acked, store), "the hub has learned to read it")


async def test_birth_live_picture_will_and_farewell(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        port, _ = await stack.enter_async_context(a_broker("mosquitto", tmp_path))
        hub = await stack.enter_async_context(LittleHub(port))
        line = free_port()
        network = await stack.enter_async_context(Network([Link("mqtt", line, port)]))
        async with a_station(tmp_path, line) as (store, _):
            identity = await store.identity()
            await eventually(born(hub, identity.epoch), "the birth")
            first = hub.presences[-1]
            assert (first.boot, first.conn, first.simulated, first.software) == (1, 1, ("main",), "test")

            async def pictured() -> bool:
                return len(hub.states) > 0

            await eventually(pictured, "the live picture")
            assert [(each.number, each.door) for each in hub.states[-1].compartments] == [
                (1, "unknown"),
                (2, "unknown"),
                (3, "unknown"),
            ]
            await network.cut()
            await network.heal()

            async def again() -> bool:
                return hub.presences[-1].online and hub.presences[-1].conn > 1

            await eventually(again, "a second birth")
            assert (await store.identity()).conn == hub.presences[-1].conn

        async def gone() -> bool:
            return not hub.presences[-1].online

        await eventually(gone, "the farewell")
        assert hub.presences[-1].boot == 1


async def test_commands_travel_and_a_retained_one_is_ignored(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        port, _ = await stack.enter_async_context(a_broker("mosquitto", tmp_path))
        hub = await stack.enter_async_context(LittleHub(port))
        async with await Store.open(tmp_path / "station.db", CLOCK) as store:
            epoch = (await store.identity()).epoch
        async for _connection in hub.session.connections():
            break
        await hub.ask(STATION, command(epoch, 3), retain=True)
        async with a_station(tmp_path, port) as (store, _):
            await eventually(born(hub, epoch), "the birth")
            await hub.ask(STATION, command(epoch, 2))
            await eventually(told(hub, "command_done", 1), "the outcome")
            await hub.ask(STATION, b"nonsense")
            await eventually(told(hub, "command_refused", 1), "the refusal")
            out = await store.read(lambda tx: [each.number for each in tx.compartments() if not each.in_service])
            assert out == [2]


def command(epoch: UUID, compartment: int) -> bytes:
    now = int(CLOCK.now().timestamp())
    claims = {
        "jti": str(uuid4()),
        "iss": "hub",
        "aud": STATION,
        "iat": now,
        "nbf": now,
        "exp": now + 60,
        "epoch": str(epoch),
        "cmd": {"type": "take_out", "params": {"compartment": compartment}},
    }
    return sign(json.dumps(claims).encode(), KEY, typ=COMMAND_TYP).encode()


def told(hub: LittleHub, kind: str, count: int) -> Callable[[], Awaitable[bool]]:
    async def enough() -> bool:
        return sum(event.type == kind for event in hub.events.values()) >= count

    return enough


async def test_nonsense_on_every_topic_of_the_station_stops_nothing(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        port, _ = await stack.enter_async_context(a_broker("mosquitto", tmp_path))
        hub = await stack.enter_async_context(LittleHub(port))
        store, _ = await stack.enter_async_context(a_station(tmp_path, port))
        vandal = await stack.enter_async_context(
            MqttSession(SessionSettings(f"mqtt://127.0.0.1:{port}", "vandal", clean_start=True))
        )
        async for _connection in vandal.connections():
            break
        for topic in (topics.ack(STATION), topics.desired(STATION), topics.hub_presence("x")):
            for payload in (b"", b"\x00\xff", b"{}", b"[]", b"x" * 100_000, b'{"v":1,"through":-1}'):
                await vandal.publish(topic, payload)
        foreign = {"v": 1, "ledger": str(uuid4()), "epoch": str(uuid4()), "through": 10**12, "seen": 10**12}
        await vandal.publish(topics.ack(STATION), json.dumps(foreign).encode())
        epoch = (await store.identity()).epoch
        ids = await happen(store, 200)
        await eventually(partial(acked, store), "everything is acknowledged")
        assert ids <= set(hub.events)
        assert (await store.identity()).epoch == epoch


async def test_a_lost_ack_is_asked_for_by_a_new_birth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_module, "WATCHDOG_S", 0.4)
    monkeypatch.setattr(window_module, "RESEND_MIN_S", 60.0)
    monkeypatch.setattr(window_module, "RESEND_MAX_S", 60.0)
    async with AsyncExitStack() as stack:
        port, _ = await stack.enter_async_context(a_broker("mosquitto", tmp_path))
        hub = await stack.enter_async_context(LittleHub(port))
        store, _ = await stack.enter_async_context(a_station(tmp_path, port))
        await eventually(partial(acked, store), "the start is acknowledged")
        hub.chokes_on = {"door_opened"}
        await happen(store, 1)

        async def arrived() -> bool:
            return any(event.type == "door_opened" for batch in hub.batches for event in batch.events)

        await eventually(arrived, "the event arrived")
        for batch in hub.batches:
            hub.numbers[batch.epoch].update({event.seq: event.id for event in batch.events})
        await eventually(partial(acked, store), "the hub answers the new birth")
