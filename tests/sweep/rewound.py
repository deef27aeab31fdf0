"""Stores from the past and stores twice: an old copy put back, a clone at work beside the station, a restored hub.

One thing is asked of whoever puts an old store back: they look into every compartment and take out what lies there,
because the store knows nothing of what came after it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path

from hall.addresses import free_port
from hall.processes import Child, python, until
from hall.toml import write_toml
from tests.sweep.chaos import Between
from tests.sweep.evidence import copy_store, read_store
from tests.sweep.hub_books import SqliteBooks
from tests.sweep.oracle import judge
from tests.sweep.runner import Found
from tests.sweep.scenario import tell_story
from tests.sweep.stand import Stand, answers, end
from tests.sweep.station import SweptStation, edge_child, swept_station

PLACES = ("deposit", "staff", "code", "pickup", "healed")
PAIRS = tuple((first, last) for place, first in enumerate(PLACES) for last in PLACES[place + 1 :])
CLONE_LIVES_S = 4.0


class OldStores:
    """Cases `FIRST:LAST`: the store is copied at the first place of the story and put back at the second."""

    name = "old-store"
    lanes = 4

    def stand(self, folder: Path) -> AbstractAsyncContextManager[Stand]:
        return Stand(folder)

    async def cases(self, folder: Path) -> list[str]:
        return [f"{first}:{last}" for first, last in PAIRS]

    async def run(self, stand: Stand, case: str, seed: int) -> Found:
        first, last = case.split(":")
        async with swept_station(stand, stand.station_name(self.name)) as station:
            await station.until_documents()
            swap = _Swap(station)
            between = _at_each({first: swap.copy, last: swap.put_back})
            evidence = await tell_story(station, seed, between)
            return Found(2, judge(evidence) + await _fork_was_seen(station))


class _Swap:
    def __init__(self, station: SweptStation) -> None:
        self._station = station
        self._copy = station.folder / "old"

    async def copy(self) -> None:
        await _pull_the_plug(self._station)
        copy_store(self._station.data_dir, self._copy)
        await _plug_in(self._station)

    async def put_back(self) -> None:
        station = self._station
        await station.until_delivered()
        await _pull_the_plug(station)
        newer = copy_store(station.data_dir, station.folder / "newer")
        station.former.append(read_store(newer))
        shutil.rmtree(station.data_dir)
        copy_store(self._copy, station.data_dir)
        station.rewound = True
        await station.stand.clean_cabinet()
        station.ledger.tell("old_store_put_back")
        await _plug_in(station)


class Clones:
    """Cases `PLACE:N`: a copy of the station, with the same name, runs at once with it for a while."""

    name = "clones"
    lanes = 4

    def stand(self, folder: Path) -> AbstractAsyncContextManager[Stand]:
        return Stand(folder)

    async def cases(self, folder: Path) -> list[str]:
        return [f"{place}:{number}" for number in (1, 2, 3) for place in PLACES[:-1]]

    async def run(self, stand: Stand, case: str, seed: int) -> Found:
        place = case.split(":", maxsplit=1)[0]
        async with swept_station(stand, stand.station_name(self.name)) as station:
            await station.until_documents()
            clone = _Clone(station)
            evidence = await tell_story(station, seed, _at_each({place: clone.start, "healed": clone.stop}))
            return Found(1, judge(evidence) + await _fork_was_seen(station))


class _Clone:
    """Somebody copied the whole disk: another machine, whose doors are not there."""

    def __init__(self, station: SweptStation) -> None:
        self._station = station
        self._folder = station.folder / "clone"
        self._edge: Child | None = None
        self._port = free_port()

    async def start(self) -> None:
        station = self._station
        await _pull_the_plug(station)
        copy_store(station.data_dir, self._folder / "data")
        await _plug_in(station)
        table = station.table()
        table["station"]["data_dir"] = str(self._folder / "data")
        table["kiosk"]["port"] = self._port
        for number, device in enumerate((*table["boards"], table["receipt_printer"])):
            device["port"] = str(self._folder / f"nothing-{number}")
        (self._folder / "station.toml").write_text(write_toml(table), encoding="utf-8")
        self._edge = edge_child(self._folder)
        await self._edge.start(wait=False)
        await until(lambda: answers(f"http://127.0.0.1:{self._port}"), 20.0, "the clone runs")

    async def stop(self) -> None:
        assert self._edge is not None
        await asyncio.sleep(CLONE_LIVES_S)
        await end(self._edge)
        self._station.former.append(read_store(copy_store(self._folder / "data", self._folder / "judged")))
        self._station.rewound = self._station.cloned = True


class RestoredHub:
    """Cases `renewed:FIRST:LAST` and `unsaid:FIRST:LAST`: the hub's database is put back from a backup.

    The backup is made at the first place of the story and put back at the second; `renewed`: whoever did it takes a new
    ledger by the hub's own command, `unsaid`: they forget to, and the hub has to notice.
    """

    name = "restored-hub"
    lanes = 4

    def stand(self, folder: Path) -> AbstractAsyncContextManager[Stand]:
        return Stand(folder)

    async def cases(self, folder: Path) -> list[str]:
        return [f"{how}:{first}:{last}" for first, last in PAIRS for how in ("renewed", "unsaid")]

    async def run(self, stand: Stand, case: str, seed: int) -> Found:
        how, first, last = case.split(":")
        async with swept_station(stand, stand.station_name(self.name)) as station:
            await station.until_documents()
            backup = _Backup(stand, station, renew=how == "renewed")
            evidence = await tell_story(station, seed, _at_each({first: backup.make, last: backup.put_back}))
            return Found(1, judge(evidence) + await backup.problems())


class _Backup:
    def __init__(self, stand: Stand, station: SweptStation, *, renew: bool) -> None:
        assert isinstance(stand.books, SqliteBooks)
        self._stand, self._station, self._renew = stand, station, renew
        self._file, self._backup = stand.books.file, station.folder / "backup.db"
        self._ledger = ""

    async def make(self) -> None:
        with closing(sqlite3.connect(self._file)) as source, closing(sqlite3.connect(self._backup)) as target:
            source.backup(target)
        self._ledger = await self._current()

    async def put_back(self) -> None:
        await end(self._stand.hub)
        self._replace()
        if self._renew:
            process = await asyncio.create_subprocess_exec(
                *python("hub", "ledger", "--renew", "--database", self._stand.books.url)
            )
            assert await process.wait() == 0
        self._station.rewound = True
        await self._stand.hub.start()

    def _replace(self) -> None:
        for suffix in ("-journal", "-wal", "-shm"):
            Path(f"{self._file}{suffix}").unlink(missing_ok=True)
        shutil.copy(self._backup, self._file)

    async def problems(self) -> list[str]:
        """Return whether the ledger is still the one of the backup although rows of it were missing."""
        same = await self._current() == self._ledger
        return ["I4: the restored hub took no new ledger"] if same and self._renew else []

    async def _current(self) -> str:
        rows = await self._stand.books.rows("select value from hub_meta where name = 'ledger'")
        return str(rows[0]["value"])


async def _fork_was_seen(station: SweptStation) -> list[str]:
    """A store that was in force twice shows: as a fork, or as a second epoch."""
    epochs = await station.stand.books.rows(f"select epoch from epochs where station = '{station.name}'")
    return [] if len(epochs) > 1 else ["I4: nobody noticed that two stores went on from one"]


async def _pull_the_plug(station: SweptStation) -> None:
    station.edge.wanted = False
    if station.edge.process is not None and station.edge.alive:
        os.killpg(station.edge.process.pid, signal.SIGKILL)
        await station.edge.process.wait()


async def _plug_in(station: SweptStation) -> None:
    station.supervised = False
    await station.edge.start(wait=False)
    station.supervised = True
    await until(station.up, 20.0, "the station is up again")


def _at_each(acts: dict[str, Callable[[], Awaitable[None]]]) -> Between:
    async def between(place: str) -> None:
        if place in acts:
            await acts[place]()

    return between
