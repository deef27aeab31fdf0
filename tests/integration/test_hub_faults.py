"""Hubs that are killed, databases that go away, and copies that are put back: nothing acknowledged is lost.

The ledger is the client's own: what it was told of is compared with the rows afterwards. Seeds are fixed.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.broker import Mosquitto
from tests.hubs import ROOT, HubProcess
from tests.integration.hub_records import assert_all_on_record, problems_of_audit, rows
from tests.integration.outsider import Outsider
from tests.postgres import Cluster

SEED, KILLS = 7, 3


def fill(station: Outsider, events: int) -> None:
    station.start()
    for n in range(events - 1):
        station.door(n % 24 + 1)


def deliver_while(stations: list[Outsider], disturb: Callable[[], None]) -> None:
    """Every station delivers in its own thread while something bad happens."""
    errors: list[BaseException] = []

    def run(station: Outsider) -> None:
        try:
            station.deliver(resend_s=0.5)
        except BaseException as error:  # noqa: BLE001 -- carried to the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=run, args=(station,)) for station in stations]
    for thread in threads:
        thread.start()
    disturb()
    for thread in threads:
        thread.join()
    assert errors == []


def kill_after_some_acks(hub: HubProcess, stations: list[Outsider], dice: random.Random) -> None:
    """Kill at a moment that the traffic chooses: between this ack and the next there is always a commit under way."""
    station = dice.choice(stations)
    goal = len(station.acks) + dice.randint(1, 4)
    done = len(station.events)
    station.wait(lambda: len(station.acks) >= goal or station.through == done, "acks before the kill", 20)
    hub.kill()


def test_a_hub_that_is_killed_again_and_again_loses_nothing(
    mosquitto: Mosquitto, hub_database: str, tmp_path: Path
) -> None:
    dice = random.Random(SEED)
    hub = HubProcess(tmp_path, hub_database, mosquitto.url)
    hub.start()
    hub.wait_until_ready()

    def disturb() -> None:
        for _ in range(KILLS):
            kill_after_some_acks(hub, stations, dice)
            hub.start()
            hub.wait_until_ready()

    with ExitStack() as open_stations:
        stations = [open_stations.enter_context(Outsider(mosquitto.port, f"kill-{n}")) for n in range(2)]
        for station in stations:
            fill(station, 800)
        deliver_while(stations, disturb)
        assert_all_on_record(hub_database, stations)
    hub.kill()


def test_two_hubs_share_the_work_and_one_may_die(
    mosquitto: Mosquitto, new_postgres: Callable[[], str], tmp_path: Path
) -> None:
    database = new_postgres()
    hubs = [HubProcess(tmp_path, database, mosquitto.url, f"hub-{n}") for n in range(2)]
    for hub in hubs:
        hub.start()
    for hub in hubs:
        hub.wait_until_ready()
    with ExitStack() as open_stations:
        stations = [open_stations.enter_context(Outsider(mosquitto.port, f"two-{n}")) for n in range(4)]
        for station in stations:
            fill(station, 600)
        deliver_while(stations, lambda: kill_after_some_acks(hubs[0], stations, random.Random(3)))
        assert_all_on_record(database, stations)
        workers = [topic for topic in stations[0].said if topic.startswith("nd1/hub/")]
        assert sorted(workers) == ["nd1/hub/hub-0/presence", "nd1/hub/hub-1/presence"]
        dead = "nd1/hub/hub-0/presence"
        stations[0].wait(lambda: not stations[0].said[dead]["ready"], "the dead hub's will")
    hubs[1].kill()


def test_while_the_database_is_away_nothing_is_acknowledged(mosquitto: Mosquitto, tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="nightdesk-pg-"))
    folder.chmod(0o755)
    cluster = Cluster(folder / "cluster")
    cluster.create()
    cluster.start()
    hub = HubProcess(tmp_path, cluster.database("away"), mosquitto.url)
    hub.start()
    hub.wait_until_ready()
    try:
        with Outsider(mosquitto.port, "away-01") as station:
            go_away_and_come_back(station, cluster)
            assert_all_on_record(f"postgresql://app@127.0.0.1:{cluster.port}/away", [station])
    finally:
        hub.kill()
        cluster.stop("immediate")
        shutil.rmtree(folder)


def go_away_and_come_back(station: Outsider, cluster: Cluster) -> None:
    presence = "nd1/hub/hub-1/presence"
    station.send([station.start()])
    station.wait_through(1)
    counter = station.said[presence]["counter"]
    cluster.stop("immediate")
    station.send([station.door(3), station.door(3)])
    station.wait(lambda: not station.said[presence]["ready"], "the hub says that it is not ready")
    station.hear_nothing(lambda: station.through > 1, 1.0, "an ack without a database")
    cluster.start()
    station.wait(lambda: bool(station.said[presence]["ready"]), "the hub is ready again")
    assert station.said[presence]["counter"] > counter
    # Not sent again: the broker and the hub kept what was not committed.
    station.wait_through(3)


def test_a_restored_copy_takes_a_new_ledger_and_gets_everything_again(mosquitto: Mosquitto, tmp_path: Path) -> None:
    database, copy = tmp_path / "hub.db", tmp_path / "copy.db"
    hub = HubProcess(tmp_path, f"sqlite:///{database}", mosquitto.url)
    hub.start()
    hub.wait_until_ready()
    with Outsider(mosquitto.port, "back-01") as station:
        fill(station, 30)
        station.deliver()
        with sqlite3.connect(database) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        for n in range(40):
            station.door(n % 24 + 1)
        station.deliver()
        ledger = station.last_ack["ledger"]
        hub.kill()
        (tmp_path / "hub.db-journal").unlink(missing_ok=True)
        copy.replace(database)
        hub.start()
        hub.wait_until_ready()
        station.born(acked_through=70, ledger=ledger, conn=2)
        station.wait(lambda: station.last_ack["ledger"] != ledger, "a new ledger")
        assert station.through == 30
        station.deliver()
        assert_all_on_record(f"sqlite:///{database}", [station])
    hub.kill()


def test_a_ledger_renewed_by_hand_is_told_by_the_running_hub(
    mosquitto: Mosquitto, hub_database: str, tmp_path: Path
) -> None:
    hub = HubProcess(tmp_path, hub_database, mosquitto.url)
    hub.start()
    hub.wait_until_ready()
    presence = "nd1/hub/hub-1/presence"
    with Outsider(mosquitto.port, "renew-01") as station:
        station.send([station.start()])
        station.wait_through(1)
        command = [sys.executable, "-m", "hub", "ledger", "--renew", "--database", hub_database]
        printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
        assert printed != station.last_ack["ledger"]
        station.wait(lambda: station.said[presence].get("ledger") == printed, "the hub tells the new ledger")
        station.send(station.events)
        station.wait(lambda: station.last_ack["ledger"] == printed, "acks name it")
    hub.kill()


def test_an_emptied_broker_costs_nothing(mosquitto: Mosquitto, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/hub.db"
    hub = HubProcess(tmp_path, database, mosquitto.url)
    hub.start()
    hub.wait_until_ready()

    def disturb() -> None:
        for _ in range(2):
            mosquitto.kill()
            mosquitto.start()

    with Outsider(mosquitto.port, "empty-01") as station:
        fill(station, 1500)
        deliver_while([station], disturb)
        assert_all_on_record(database, [station])
    hub.kill()


def test_an_altered_record_is_found(mosquitto: Mosquitto, hub_database: str, tmp_path: Path) -> None:
    hub = HubProcess(tmp_path, hub_database, mosquitto.url)
    hub.start()
    hub.wait_until_ready()
    with Outsider(mosquitto.port, "alter-01") as station:
        fill(station, 5)
        station.deliver()
    assert hub.stop() == 0
    assert problems_of_audit(hub_database) == []
    verify = [sys.executable, "-m", "hub", "audit", "verify", "--database", hub_database]
    assert subprocess.run(verify, cwd=ROOT, capture_output=True, check=False).returncode == 0
    if hub_database.startswith("sqlite"):
        with sqlite3.connect(hub_database.removeprefix("sqlite:///")) as connection:
            connection.execute("UPDATE events SET body = replace(body, 'door', 'doom') WHERE seq = 3")
    else:
        alter = "UPDATE events SET body = replace(body, 'door', 'doom') WHERE seq = 3"
        subprocess.run(["psql", hub_database, "-qc", alter], check=True)
    found = subprocess.run(verify, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "alter-01: 2 rows; WRONG: row 3: event" in found.stdout
    assert rows(hub_database, "SELECT count(*) AS n FROM audit WHERE chain = 'alter-01'") == [{"n": 5}]
