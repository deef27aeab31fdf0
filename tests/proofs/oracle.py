"""The judge of the proofs. It shares no code with what it judges: it reads the steel, and the store through SQL.

I3: at the very moment in which a coil moves, the disk must already hold a used grant of this start for that very door,
of an open visit that waits for it, that somebody asked for; at most as many pulses as were permitted, two at most, and
no second one behind a door that opened. What is reported open is a door that was open, and the one the grant is for.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.proofs.cabinet import Happening

PULSES_A_GRANT = 2
# A sighting may wait for a busy disk, and a late answer for its question.
SEEN_WITHIN_S = 30.0


@dataclass
class Wish:
    """Somebody asked at the screen for a door; `number` is None where the station chooses."""

    kind: str
    number: int | None
    visit: str | None = None


class Judge:
    """Collects `problems`; each names what was broken and when."""

    def __init__(self, database: Path, now: Callable[[], float]) -> None:
        self._database, self._now = database, now
        self.problems: list[str] = []
        self.events: list[dict[str, Any]] = []
        self.wishes: list[Wish] = []
        self.pulses: Counter[str] = Counter()
        self.boot = 0
        self.look: Callable[[], None] = lambda: None
        self._last_pulse: dict[int, float] = {}
        self._stands_open: set[int] = set()
        self._open_until: dict[int, float] = {}
        self._stuck_open: set[int] = set()
        self._reported: Counter[str] = Counter()

    def wish(self, kind: str, number: int | None = None) -> Wish:
        """Note that somebody asks for a door; `withdraw` it when the screen refused."""
        self.wishes.append(Wish(kind, number))
        return self.wishes[-1]

    def withdraw(self, wish: Wish) -> None:
        self.wishes.remove(wish)

    def door_moved(self, happening: Happening) -> None:
        """The steel opened or was shut."""
        if happening.door == "open":
            self._stands_open.add(happening.number)
        else:
            self._stands_open.discard(happening.number)
            self._open_until[happening.number] = happening.at

    def sensor(self, number: int, *, stuck_open: bool) -> None:
        """A sensor was made to say "open" whatever its door does, or not any more."""
        if number in self._stuck_open and not stuck_open:
            self._open_until[number] = self._now()
        (self._stuck_open.add if stuck_open else self._stuck_open.discard)(number)

    def pulse(self, number: int, *, sensed_open: bool) -> None:
        """A coil moves now: look at the disk."""
        self.look()
        with self._sql() as sql:
            rows = sql.execute(
                """SELECT g.id, g.state, g.boot, g.purpose, v.id AS visit, v.step, v.grant_id, v.pulses, v.ended,
                   v.compartment FROM grants g JOIN visits v ON v.id = g.visit
                   WHERE g.compartment = ? AND v.grant_id = g.id AND NOT v.ended""",
                (number,),
            ).fetchall()
        if len(rows) != 1:
            self._say(f"coil {number} moved with {len(rows)} open visits behind it")
            return
        self._grant(number, dict(rows[0]), sensed_open)
        self._last_pulse[number] = self._now()

    def _grant(self, number: int, row: Mapping[str, Any], sensed_open: bool) -> None:
        grant = str(row["id"])
        self.pulses[grant] += 1
        count = self.pulses[grant]
        wrong = {
            f"grant is {row['state']}": row["state"] != "used",
            f"grant is of boot {row['boot']}, this is {self.boot}": row["boot"] != self.boot,
            f"visit is {row['step']}": row["step"] != "opening",
            f"visit is at door {row['compartment']}": row["compartment"] != number,
            f"pulse {count} of {row['pulses']} permitted": count > min(row["pulses"], PULSES_A_GRANT),
            "door reads open": count > 1 and sensed_open,
        }
        for what in [what for what, holds in wrong.items() if holds]:
            self._say(f"coil {number} moved for {row['purpose']}, but {what}")
        if count == 1:
            self._asked(number, str(row["purpose"]), str(row["visit"]))

    def _asked(self, number: int, kind: str, visit: str) -> None:
        if any(wish.visit == visit for wish in self.wishes):
            return  # once more within the visit, or another door after one that failed
        for wish in self.wishes:
            if wish.kind == kind and wish.visit is None and wish.number in {None, number}:
                wish.visit = visit
                return
        self._say(f"coil {number} moved for {kind}, which nobody asked for there")

    def committed(self) -> None:
        """The store has committed: judge what is new in the outbox."""
        self.look()
        after = self.events[-1]["seq"] if self.events else 0
        with self._sql() as sql:
            rows = sql.execute("SELECT seq, body FROM outbox WHERE seq > ? ORDER BY seq", (after,)).fetchall()
            for row in rows:
                event = json.loads(row["body"])
                if event["seq"] != after + 1 or row["seq"] != event["seq"]:
                    self._say(f"event {event['seq']} follows {after}")
                after = event["seq"]
                self.events.append(event)
                if event["type"] == "door_opened":
                    self._door_opened(sql, event["data"])

    def _door_opened(self, sql: sqlite3.Connection, data: Mapping[str, Any]) -> None:
        number, grant = data["compartment"], data.get("grant")
        shows_open = number in self._stands_open | self._stuck_open
        if not shows_open and self._now() - self._open_until.get(number, float("-inf")) > SEEN_WITHIN_S:
            self._say(f"door {number} was reported open, and was not")
        if grant is None:
            return
        self._reported[grant] += 1
        row = sql.execute("SELECT compartment FROM grants WHERE id = ?", (grant,)).fetchone()
        if row is None or row["compartment"] != number:
            self._say(f"door {number} was reported open under the grant of another door")
        if self._reported[grant] > 1:
            self._say(f"grant {grant[:8]} opened door {number} {self._reported[grant]} times")

    def nothing_forgotten(self, contents: Mapping[int, list[str]]) -> None:
        """Nothing lies in a compartment that the station would give to the next person."""
        with self._sql() as sql:
            free = sql.execute(
                "SELECT number FROM compartments WHERE allocation = 'free' AND in_service AND visit IS NULL"
            ).fetchall()
        for (number,) in free:
            if contents[number]:
                self._say(f"compartment {number} is called free, and {contents[number]} lies in it")

    def _sql(self) -> _Reading:
        return _Reading(self._database)

    def _say(self, what: str) -> None:
        self.problems.append(f"{self._now():.3f}: {what}")


class _Reading:
    """A reader's connection for one look; closed at once, so that the store's is the only one that checkpoints."""

    def __init__(self, database: Path) -> None:
        self._database = database

    def __enter__(self) -> sqlite3.Connection:
        self._connection = sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)
        self._connection.row_factory = sqlite3.Row
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()
