"""`python -m hub run` with a client that somebody else wrote from the contract."""

from __future__ import annotations

import itertools
import json
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.broker import Mosquitto
from tests.hubs import HubProcess
from tests.integration.hub_records import assert_all_on_record, rows
from tests.integration.outsider import Outsider

_names = itertools.count(1)


class Running:
    """One hub with its broker and database, shared by the tests of this file."""

    def __init__(self, broker: Mosquitto, hub: HubProcess, database: str) -> None:
        self.broker, self.hub, self.database = broker, hub, database

    def station(self) -> Outsider:
        return Outsider(self.broker.port, f"out-{next(_names):03d}")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = Mosquitto(folder)
        broker.start()
        make: Callable[[], str] = request.getfixturevalue("new_postgres")
        database = make() if request.param == "postgresql" else f"sqlite:///{folder}/hub.db"
        hub = HubProcess(folder, database, broker.url)
        hub.start()
        hub.wait_until_ready()
        yield Running(broker, hub, database)
        assert hub.stop() == 0
        broker.kill()


def test_a_batch_is_acknowledged_after_its_commit(running: Running) -> None:
    with running.station() as station:
        station.send([station.start(), station.door(3)])
        station.wait_through(2)
        ack = station.last_ack
        assert (ack["v"], ack["epoch"], ack["seen"], ack["missing"], ack["fork"]) == (1, station.epoch, 2, [], False)
        assert ack["through_id"] == station.events[1]["id"]
        uuid.UUID(ack["ledger"])
        assert_all_on_record(running.database, [station])


def test_a_hub_says_that_it_is_ready(running: Running) -> None:
    with running.station() as station:
        topic = "nd1/hub/hub-1/presence"
        station.wait(lambda: topic in station.said, "the hub's presence")
        presence = station.said[topic]
        assert (presence["ready"], presence["_retained"]) == (True, True)
        assert presence["counter"] >= 1


def test_a_duplicate_gets_the_same_answer(running: Running) -> None:
    with running.station() as station:
        station.send([station.start(), station.door(3)])
        station.wait_through(2)
        station.send(station.events)
        station.wait(lambda: len(station.acks) >= 2, "a second ack")
        assert station.acks[0] == station.acks[1]
        assert_all_on_record(running.database, [station])


def test_a_gap_is_named_after_two_seconds_and_filled(running: Running) -> None:
    with running.station() as station:
        events = [station.start(), *(station.door(3) for _ in range(5))]
        station.send([*events[:1], *events[3:5]])
        station.wait(lambda: station.last_ack["seen"] == 5, "an ack")
        assert (station.last_ack["through"], station.last_ack["missing"]) == (1, [])
        station.wait(lambda: station.last_ack["missing"] == [[2, 3]], "the gap is named")
        station.send(events[1:3])
        station.wait_through(5)
        station.send(events[5:])
        station.wait_through(6)
        assert_all_on_record(running.database, [station])


def test_unknown_types_fields_and_versions_are_kept_and_counted(running: Running) -> None:
    with running.station() as station:
        station.send([station.start(), station.event("soup_served", {"salt": 1}), station.door(3)], mood="good")
        station.wait_through(3)
        station.send([station.event("door_opened", {"compartment": 3, "hinge": "left"}, weather="rain")])
        station.wait_through(4)
        station.send([station.event("door_opened", {"compartment": 4})], v=2)
        station.wait_through(5)
        kept = rows(running.database, "SELECT * FROM events WHERE station = :s ORDER BY seq", s=station.station)
        assert [row["state"] for row in kept] == ["done", "unknown", "done", "done", "unknown"]
        assert json.loads(kept[3]["body"])["weather"] == "rain"
        assert_all_on_record(running.database, [station])


def test_an_invalid_event_is_judged_alone(running: Running) -> None:
    with running.station() as station:
        station.send([station.start(), station.event("door_opened", {"compartment": "third"}), station.door(3)])
        station.wait_through(3)
        assert_all_on_record(running.database, [station])


def test_a_fork_is_answered_and_a_new_epoch_goes_on(running: Running) -> None:
    with running.station() as station:
        station.send([station.start(), station.door(3)])
        station.wait_through(2)
        other = {**station.events[1], "id": str(uuid.uuid4())}
        station.send([other])
        station.wait(lambda: station.last_ack["fork"], "the fork is answered")
        assert station.last_ack["through"] == 2
        kept = rows(running.database, "SELECT id FROM forks WHERE station = :s", s=station.station)
        assert [row["id"] for row in kept] == [other["id"]]
        with Outsider(running.broker.port, station.station + "-b") as again:
            again.station = station.station
            again.start()["data"] |= {"epoch_origin": "fork", "previous_epoch": station.epoch}
            again.events.append({**other, "seq": 2})
            again._client.subscribe(f"nd1/{station.station}/ack", 1)
            again.deliver()
        sql = "SELECT epoch, number FROM epochs WHERE station = :s ORDER BY number"
        numbers = rows(running.database, sql, s=station.station)
        assert [row["epoch"] for row in numbers] == [station.epoch, again.epoch]


def bad_messages(station: Outsider) -> list[bytes]:
    event: dict[str, Any] = {"seq": 1, "id": str(uuid.uuid4())}
    envelope = {"v": 1, "station": station.station, "epoch": station.epoch}
    return [
        b"\xff\x00garbage",
        b"[" * 60_000,
        json.dumps({**envelope, "events": []}).encode(),
        json.dumps({**envelope, "station": "another-01", "events": [event]}).encode(),
        json.dumps({**envelope, "epoch": "yesterday", "events": [event]}).encode(),
        json.dumps({**envelope, "events": [event] * 51}).encode(),
        json.dumps({**envelope, "events": [event], "pad": "x" * 70_000}).encode(),
    ]


def test_garbage_is_kept_apart_once_and_the_rest_flows(running: Running) -> None:
    with running.station() as station:
        bad = bad_messages(station)
        for payload in bad * 2:
            station.send_raw(payload)
        station.send([station.start(), station.door(3)])
        station.wait_through(2)
        kept = rows(running.database, "SELECT count FROM quarantine WHERE station = :s", s=station.station)
        assert [row["count"] for row in kept] == [2] * len(bad)
        assert_all_on_record(running.database, [station])
        assert_all_on_record(running.database, [station])


def test_a_birth_is_answered_with_an_ack(running: Running) -> None:
    with running.station() as station:
        station.send([station.start()])
        station.wait_through(1)
        before = len(station.acks)
        station.born()
        station.wait(lambda: len(station.acks) > before, "an ack of the birth")
        (row,) = rows(running.database, "SELECT online, boot, conn FROM stations WHERE station = :s", s=station.station)
        assert (bool(row["online"]), row["boot"], row["conn"]) == (True, 1, 1)


def test_a_long_backlog_of_small_batches_drains_in_order(running: Running) -> None:
    with running.station() as station:
        station.start()
        for n in range(600):
            station.door(n % 24 + 1)
        station.deliver(size=7)
        assert_all_on_record(running.database, [station])
