"""`python -m edge commission`: search the ports, meet and prove the doors, write the station's file and the labels.

Exit codes: 0 written, 1 refused or left (nothing was written), 78 the station's file is wrong elsewhere.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from typing import Any

from edge.commission.boards import Spot, open_spots
from edge.commission.labels import label_file, label_page
from edge.commission.person import CommissioningRefusedError, LeftError, Person
from edge.commission.places import Place, ask_places
from edge.commission.scan import Patience, scan
from edge.commission.station_file import BoardLines, CompartmentLines, StationFile
from edge.commission.terminal import Terminal
from edge.commission.wizard import OPENS_WITHIN_S, Learned, Wizard
from edge.core.wiring import Answered
from edge.errors import ConfigError
from edge.lockers.commissioning import COMMISSIONABLE
from edge.store.lock import StoreLock


@dataclass(frozen=True, slots=True)
class Manner:
    """What is searched for (all families if empty) and how long things may take.

    `line` goes into the settings of every board; tests shorten its waiting times.
    """

    patience: Patience = field(default_factory=Patience)
    families: Sequence[str] = ()
    opens_within_s: float = OPENS_WITHIN_S
    line: Mapping[str, int] | None = None


async def commission(path: Path, ports: Sequence[str], person: Person, *, manner: Manner = Manner()) -> Path:
    """Commission the boards of the ports and return where the labels are.

    Raises:
        ConfigError: the station's file is wrong elsewhere.
        CommissioningRefusedError, LeftError: nothing was written.
    """
    file = StationFile.read(path, ports)
    async with _station_stopped(file):
        spots = await _search(file, ports, person, manner)
        async with open_spots(path, spots) as boards:
            wizard = Wizard(person, boards, taken=file.taken, shuffled=_by_lot, within=manner.opens_within_s)
            learned = await wizard.run()
            channels = {spot.name: await boards.benches[spot.name].covered() for spot in spots}
        places = await ask_places(person, learned.channels, file.old_places())
        lines, doors = _boards(spots, learned, channels), _compartments(learned, places)
        text = file.with_doors(lines, doors)
        if trouble := file.cabinet_trouble(text):
            await person.tell("cabinets_left_out", trouble=trouble)
            text = file.with_doors(lines, doors, cabinets=False)
        await _summary(person, learned, spots)
        if await person.choose("write_it", ["write", "leave"]) == "leave":
            raise LeftError("not written")
        file.write(text)
        labels = _write_labels(file, places)
        await person.tell("written", file=path, labels=labels)
        return labels


def _by_lot(numbers: list[int]) -> list[int]:
    return SystemRandom().sample(numbers, len(numbers))


@asynccontextmanager
async def _station_stopped(file: StationFile) -> AsyncIterator[None]:
    """Keep the station from starting meanwhile, and see that no compartment holds anything."""
    folder = Path(str(file.table["station"]["data_dir"]))
    if not (folder / "station.db").exists():
        yield
        return
    lock = StoreLock(folder / "station.lock")
    try:
        lock.acquire()
    except ConfigError as error:
        raise CommissioningRefusedError("station_runs", folder=folder) from error
    try:
        if numbers := _occupied(folder / "station.db"):
            raise CommissioningRefusedError("not_empty", numbers=", ".join(map(str, numbers)))
        yield
    finally:
        lock.release()


def _occupied(store: Path) -> list[int]:
    with closing(sqlite3.connect(store)) as connection:
        query = "SELECT number FROM compartments WHERE allocation <> 'free' ORDER BY number"
        return [int(number) for (number,) in connection.execute(query)]


async def _search(file: StationFile, ports: Sequence[str], person: Person, manner: Manner) -> list[Spot]:
    async def progress(port: str, baud: int, names: str) -> None:
        await person.tell("searching", port=port, baud=baud, families=names)

    names = {board.get("name") for board in file.kept_boards}
    spots: list[Spot] = []
    for port in ports:
        for answered in await scan(port, manner.patience, progress, manner.families or tuple(COMMISSIONABLE)):
            spot = _spot(file, port, answered, names, manner)
            names.add(spot.name)
            spots.append(spot)
    boards = "; ".join(f"{s.name} = {s.port}, {s.family}, {s.baud}, {s.address}" for s in spots)
    await person.tell("found", boards=boards)
    return spots


def _spot(file: StationFile, port: str, answered: Answered, names: set[Any], manner: Manner) -> Spot:
    old = file.old_board(port, answered.address, answered.family)
    learned = {"baud", *COMMISSIONABLE[answered.family].learned}
    settings = {name: value for name, value in old.get("settings", {}).items() if name not in learned}
    name = old.get("name") or next(f"board-{n}" for n in range(1, 1000) if f"board-{n}" not in names)
    return Spot(
        name=name, port=port, family=answered.family, baud=answered.baud, address=answered.address,
        settings={**settings, **(manner.line or {})}, profile=old.get("profile"),
    )  # fmt: skip


def _boards(spots: Sequence[Spot], learned: Learned, channels: Mapping[str, int]) -> list[BoardLines]:
    """Only boards that have doors are written."""
    return [
        BoardLines(
            spot.name, spot.family, spot.port, spot.address, channels[spot.name],
            {**spot.settings, "baud": spot.baud, **dict(learned.readings[spot.name])}, spot.profile,
        )
        for spot in spots
        if spot.name in learned.readings
    ]  # fmt: skip


def _compartments(learned: Learned, places: Mapping[int, Place]) -> list[CompartmentLines]:
    return [
        CompartmentLines(number, contact.board, contact.channel, places[number])
        for number, contact in learned.channels.items()
    ]


async def _summary(person: Person, learned: Learned, spots: Sequence[Spot]) -> None:
    boards = (
        f"{spot.name}: {spot.family} {spot.port} {spot.baud} @{spot.address} "
        + ", ".join(f"{name} = {value}" for name, value in learned.readings.get(spot.name, ()))
        for spot in spots
    )
    doors = (f"{number:>5} = {contact.board} {contact.channel}" for number, contact in learned.channels.items())
    untried = sorted(set(learned.channels) - learned.coils_tried)
    await person.tell(
        "summary", count=len(learned.channels), boards="\n".join(boards), doors="\n".join(doors),
        untried=", ".join(map(str, untried)) or "-",
    )  # fmt: skip


def _write_labels(file: StationFile, places: Mapping[int, Place]) -> Path:
    station = file.table["station"]
    labels = label_file(file.path)
    labels.write_text(label_page(station["name_zh"], station["name_en"], places), encoding="utf-8")
    return labels


def main(arguments: Sequence[str]) -> int:
    """Handle `python -m edge commission --station FILE [--port PORT ...] [--family NAME ...] [--lang both|zh|en]`.

    Raises:
        ConfigError: the station's file is wrong elsewhere.
    """
    options = _parse(arguments)
    ports = options.port or ports_of(options.station)
    try:
        manner = Manner(Patience(answer_ms=options.answer_ms), options.family)
        return asyncio.run(_at_terminal(options.station, ports, Terminal(options.lang), manner))
    except KeyboardInterrupt:
        return 1


async def _at_terminal(path: Path, ports: Sequence[str], terminal: Terminal, manner: Manner) -> int:
    try:
        await commission(path, ports, terminal, manner=manner)
    except CommissioningRefusedError as refusal:
        await terminal.tell(refusal.text, **refusal.facts)
    except LeftError:
        await terminal.tell("left")
    else:
        return 0
    return 1


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m edge commission", description=__doc__)
    parser.add_argument("--station", type=Path, required=True, help="the station file (TOML)")
    parser.add_argument("--port", action="append", help="port to search, several times; else those of the file")
    parser.add_argument("--family", action="append", choices=sorted(COMMISSIONABLE), help="search for these only")
    parser.add_argument("--lang", choices=["both", "zh", "en"], default="both", help="language of the dialogue")
    parser.add_argument("--answer-ms", type=int, default=250, help="how long the search waits for each answer")
    parsed = parser.parse_args(arguments)
    parsed.family = parsed.family or ()
    return parsed


def ports_of(path: Path) -> list[str]:
    """Return the ports that the file names already, each once; a computer's own pins are not searched.

    Raises:
        ConfigError: it names none.
    """
    file = StationFile.read(path, ())
    wired = (board for board in file.kept_boards if board.get("family") in COMMISSIONABLE)
    ports = list(dict.fromkeys(str(board["port"]) for board in wired))
    if not ports:
        raise ConfigError(str(path), "boards", "--port, because the file names none")
    return ports
