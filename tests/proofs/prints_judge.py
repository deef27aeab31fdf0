"""The judge of printing: the printer's record of sheets beside the station's tables, read as rows and lines.

A sheet of a tray is known by its place in the pile: the n-th sheet that left the tray carries the n-th number loaded.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.paper_issuer import FIRST, LAST, TRAY

LOADED = tuple(f"A{number:04d}" for number in range(int(FIRST[1:]), int(LAST[1:]) + 1))
IN_TRAY, HELD = {"tray", "reserved", "to_inspect"}, {"reserved", "to_inspect"}
OUT = {"printed", "taken", "left"}


@dataclass(frozen=True, slots=True)
class Read:
    """What the disks say at one instant."""

    blanks: list[sqlite3.Row]
    jobs: list[sqlite3.Row]
    events: list[tuple[str, str]]
    sheets: list[dict[str, object]]


@dataclass(slots=True)
class Judge:
    """Looks at every death of the station, and at the end."""

    folder: Path
    wrong: list[str] = field(default_factory=list)
    sheets: int = 0
    doubts: int = 0
    judged: int = 0

    def look(self) -> None:
        """At every instant: the ledger balances, no order has two papers, what counts as printed came out."""
        self._judge(read(self.folder))

    def at_the_end(self, orders: int) -> None:
        """Every order has one paper, told once, under the number of its sheet; nothing of it is kept."""
        found = read(self.folder)
        self._judge(found)
        out = [row for row in found.jobs if row["step"] in {"taken", "left"}]
        told = Counter(kind for kind, _ in found.events)
        done = Counter(job for kind, job in found.events if kind == "print_done")
        self.sheets, self.doubts = len(found.sheets), told["print_unverified"]
        self._require(len(out) == orders == len({row["print_order"] for row in out}), "an order is not out, once")
        self._require(set(done.values()) <= {1} and len(done) == orders, "print_done was not told once for each order")
        self._require(told["paper_taken"] + told["paper_left"] == orders, "hand-over was not told once for each order")
        self._require(not any(row["place"] in HELD for row in found.blanks), "a blank is held by nobody's job")
        self._require(not list((self.folder / "papers").iterdir()), "a content is still on the disk")
        self._same_numbers(found)

    def _judge(self, found: Read) -> None:
        self.judged += 1
        jobs = {row["name"]: row for row in found.jobs}
        papers: Counter[str] = Counter()
        for name in (str(each["job"]) for each in found.sheets if each["what"] == "printed"):
            self._require(name in jobs, "a sheet of a job that the station does not know")
            papers[jobs[name]["print_order"] if name in jobs else name] += 1
        self._no_double(found, papers)
        self._balanced(found)

    def _no_double(self, found: Read, papers: Counter[str]) -> None:
        """A printer may put out two sheets by itself; then a person has to have been called to it."""
        made = {str(each["job"]) for each in found.sheets if each["what"] == "printed"}
        doubted = {job for kind, job in found.events if kind == "print_unverified"}
        tried = defaultdict(list)
        for row in found.jobs:
            tried[row["print_order"]].append(row)
        for rows in tried.values():
            self._require(sum(row["name"] in made for row in rows) <= 1, "DOUBLE: two jobs of one order were printed")
            self._require(sum(row["step"] in OUT for row in rows) <= 1, "two jobs of one order count as printed")
            twice = papers[rows[0]["print_order"]] > 1
            open_now = any(row["step"] in {"sending", "sent"} for row in rows)
            called = any(row["id"] in doubted for row in rows)
            self._require(not twice or called or open_now, "DOUBLE: two sheets of one job, and nobody was called")
        for row in found.jobs:
            self._require(row["step"] not in OUT or row["name"] in made, "counted as printed, and no sheet came out")
            self._require(
                row["step"] != "failed" or row["name"] not in made, "given up as failed, and its sheet came out"
            )

    def _balanced(self, found: Read) -> None:
        places = Counter(row["place"] for row in found.blanks)
        known = sum(places[place] for place in ("store", "printed", "voided", "destroyed", *IN_TRAY))
        self._require([row["number"] for row in found.blanks] == list(LOADED), "a blank is missing, or a new one there")
        self._require(known == len(LOADED), "the ledger does not balance")
        held = {row["job"]: row["number"] for row in found.blanks if row["place"] in HELD}
        holding = {
            row["id"]: row["blank"]
            for row in found.jobs
            if row["step"] in {"reserved", "sending", "sent", "unverified"} and row["stock"] is not None
        }
        self._require(held == holding, "held blanks and open jobs do not fit together")
        bound = {row["number"]: row["certificate"] for row in found.blanks if row["place"] == "printed"}
        used = {row["blank"]: row["certificate"] for row in found.jobs if row["step"] in OUT and row["stock"]}
        self._require(bound == used, "printed blanks and certificates do not fit together")

    def _same_numbers(self, found: Read) -> None:
        left = [str(each["job"]) for each in found.sheets if each["tray"] == TRAY]
        if len(left) != len(set(left)):
            return  # a printer that took two sheets for one job: the pile is counted anew by staff
        blanks = {row["name"]: row["blank"] for row in found.jobs if row["step"] in OUT}
        for number, job in zip(LOADED, left, strict=False):
            self._require(blanks.get(job, number) == number, "a certificate is bound to another sheet than it is on")

    def _require(self, holds: bool, wrong: str) -> None:
        if not holds and wrong not in self.wrong:
            self.wrong.append(wrong)


def read(folder: Path) -> Read:
    """Read a copy, so that the judge's look changes nothing."""
    with tempfile.TemporaryDirectory(prefix="nightdesk-judge-") as name:
        for path in folder.glob("station.db*"):
            shutil.copy(path, name)
        with closing(sqlite3.connect(Path(name) / "station.db")) as connection:
            connection.row_factory = sqlite3.Row
            blanks = connection.execute("SELECT * FROM blanks ORDER BY number").fetchall()
            jobs = connection.execute("SELECT * FROM print_jobs").fetchall()
            rows = connection.execute("SELECT type, body FROM outbox ORDER BY seq").fetchall()
    events = [(row["type"], str(json.loads(row["body"])["data"].get("job"))) for row in rows]
    log = folder / "printer" / "sheets.jsonl"
    lines = log.read_text().splitlines() if log.exists() else []
    return Read(blanks, jobs, events, [json.loads(line) for line in lines])
