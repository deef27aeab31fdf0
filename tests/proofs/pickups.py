"""Pickups in a row at one station, each with faults of its own; every one must end well, or as somebody's task.

After each pickup everything is healed. Then the item was collected (and is gone, and its compartment free), or it is a
case: a record at the station that makes a task for staff at the hub, and a slip with a receipt number for the person;
staff then looks and says what was found. If nobody could reach inside, the code still opens the door for the next try.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.core.visit import Answer
from edge.errors import BugError, NightdeskError
from tests.proofs import faults
from tests.proofs.bench import Bench
from tests.proofs.cabinet import Layout
from tests.proofs.machine import REST_S, finish_visit, heal, settle
from tests.proofs.people import People

LAYOUT = Layout(("lock8a", "kerong_cu48"), doors_each=4, sizes="s")
# What opens a task at the hub (`hub/ingest/handlers`), with the compartment or the case in its data.
TASKS = frozenset({"compartment_doubtful", "door_failed", "door_forced", "compartment_taken_out"})
TRIES = 3
SLIPS_AGAIN_S = 45.0


@dataclass
class Told:
    """What a person was told, as the person remembers it."""

    has: bool = False
    endings: list[str] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Ended:
    """How one pickup ended: `collected`, `collected later`, or `case`; `wrong` is empty when all of it fits."""

    seed: int
    plan: faults.Plan
    how: str
    wrong: tuple[str, ...]


class Recipient:
    """Types the code, takes the item when the door stands open, shuts it, answers; lives with what happens."""

    def __init__(self, bench: Bench, people: People, number: int, code: str, manner: str) -> None:
        self._bench, self._people, self._number, self._code = bench, people, number, code
        self._manner = manner
        self.told = Told()

    async def collect(self) -> None:
        """Try a few times, as people do."""
        for _ in range(TRIES):
            # A screen that is dead for a second while one touches it: the person touches it again.
            with contextlib.suppress(BugError, asyncio.CancelledError):
                if await self._once():
                    return
            await self._bench.until(lambda: self._bench.up, 400)
        await self._reach_in()

    async def _once(self) -> bool:
        """Return whether the person leaves after this."""
        await self._bench.until(lambda: self._bench.up, 400)
        began = await self._people.type_code(self._number, self._code)
        if not began:
            await self._people.leave_result()
            return self.told.has
        if self._manner == "changes the mind":
            await self._people.give_up()
        await self._until("open", "closed", "result", "home")
        await self._reach_in()
        if self._manner == "walks away":
            return True
        await self._until("closed", "result", "home")
        await self._answer()
        await self._until("result", "home")
        return self._read_result()

    async def _until(self, *steps: str) -> None:
        bench = self._bench
        await bench.until(lambda: not bench.up or self._people.view().step in steps, 8)

    async def _reach_in(self) -> None:
        """Take the item if the door stands open, whatever the screen says."""
        cabinet = self._bench.cabinet
        if cabinet.door(self._number).leaf == "open":
            self.told.has = self.told.has or bool(cabinet.contents[self._number])
            cabinet.contents[self._number].clear()
            if self._manner != "leaves the door open":
                # How long a hand is inside, on the bench's virtual clock: no time passes here.
                await asyncio.sleep(0.3)
                cabinet.push(self._number)

    async def _answer(self) -> None:
        view = self._people.view()
        if self._bench.up and view.step == "closed" and view.compartment == self._number:
            with contextlib.suppress(NightdeskError):
                await self._bench.station.desk.confirm(
                    view.visit, Answer.CONFIRMED if self.told.has else Answer.NOTHING
                )

    def _read_result(self) -> bool:
        view = self._people.view()
        if not self._bench.up or view.step != "result" or view.compartment != self._number:
            return self.told.has
        self.told.endings.append(str(view.ending))
        if view.receipt_number and view.ending in {"doubtful", "failed"}:
            self.told.receipts.append(view.receipt_number)
        return self.told.has or view.ending == "doubtful"


class Pickups:
    """One station, pickup after pickup."""

    def __init__(self, layout: Layout = LAYOUT) -> None:
        self.bench = Bench(layout)
        self.people = People(self.bench)
        self.before_judging: Callable[[], None] = lambda: None
        self.bench.do(self._open())

    async def _open(self) -> None:
        await self.bench.start()
        await self.bench.give_documents([])

    def close(self) -> None:
        self.bench.close()

    def one(self, seed: int, plan: faults.Plan | None = None) -> Ended:
        """Play one pickup, with this plan or one drawn from the seed, and judge it."""
        rng = random.Random(seed)
        return self.bench.do(self._one(seed, rng, plan or faults.draw(rng)))

    async def _one(self, seed: int, rng: random.Random, plan: faults.Plan) -> Ended:
        bench, people = self.bench, self.people
        before, seen = len(bench.judge.problems), len(bench.judge.events)
        await bench.wait(REST_S)
        number, code, case = await self._load()
        recipient = Recipient(bench, people, number, code, plan.manner)
        fault = asyncio.create_task(faults.strike(bench, number, plan, rng))
        await recipient.collect()
        await fault
        await heal(bench, people)
        how = await self._outcome(number, code, case)
        await bench.until(lambda: not self._rows("SELECT 1 FROM slips WHERE state = 'waiting'"), SLIPS_AGAIN_S)
        self.before_judging()
        wrong = [*self._judged(number, case, how, recipient.told, seen), *bench.judge.problems[before:]]
        await settle(bench, people)
        wrong += self._settled(number, case, how)
        return Ended(seed, plan, how, tuple(wrong))

    async def _load(self) -> tuple[int, str, str]:
        assert await self.people.load(), self.people.refused[-3:]
        assert await finish_visit(self.bench, self.people) == "done"
        await self.people.sign_out()
        loaded = [event for event in self.bench.judge.events if event["type"] == "item_loaded"][-1]["data"]
        number = loaded["compartment"]
        return number, self.people.codes()[number], loaded["case_number"]

    async def _outcome(self, number: int, code: str, case: str) -> str:
        """Look what came of it; where the code still lives, the recipient comes again and must get the item."""
        if self._about(case, "item_collected"):
            return "collected"
        row = self._row("SELECT allocation, in_service FROM compartments WHERE number = ?", number)
        if row["allocation"] == "occupied" and row["in_service"]:
            # A lock that was pulsed too often may still rest.
            await self.bench.wait(REST_S)
            assert await self.people.type_code(number, code), self.people.refused[-3:]
            assert await finish_visit(self.bench, self.people) == "done", self.people.view()
            return "collected later"
        if not self._slips_of(case):
            # The person had given up before anything happened, and comes again: no door, but a number on paper.
            assert await self.people.type_code(number, code), self.people.refused[-3:]
            assert self.people.view().ending == "doubtful", self.people.view()
            await self.people.leave_result()
        return "case"

    # -- the judge of the pickup: steel, and the store through SQL -----------------------------------------------------

    def _judged(self, number: int, case: str, how: str, told: Told, seen: int) -> list[str]:
        wrong = []
        inside = bool(self.bench.cabinet.contents[number])
        count = len(self._about(case, "item_collected"))
        if count != (how != "case"):
            wrong.append(f"{how}, and {count} times on record as collected")
        if how != "case" and inside:
            wrong.append("on record as collected, and it lies inside")
        if "done" in told.endings and how != "collected":
            wrong.append(f"the person was told that all is well, and it ended as {how}")
        new = self.bench.judge.events[seen:]
        tasks = [event for event in new if event["type"] in TASKS and event["data"]["compartment"] == number]
        slips = self._slips_of(case)
        if how == "case":
            wrong += [] if tasks else ["a case without a task for staff"]
            wrong += [] if slips else ["a case without a slip"]
        wrong += [f"slip {slip['receipt_number']} is {slip['state']}" for slip in slips if slip["state"] == "waiting"]
        numbers = {slip["receipt_number"] for slip in slips}
        wrong += [f"receipt number {each} was shown and has no slip" for each in told.receipts if each not in numbers]
        return wrong

    def _settled(self, number: int, case: str, how: str) -> list[str]:
        """After staff looked: each item has one end on record, and nothing lies where nobody knows of it."""
        wrong = []
        cleared = self._about(case, "item_cleared")
        if how == "case" and len(cleared) != 1:
            wrong.append(f"a case that staff looked into is {len(cleared)} times on record as cleared")
        row = self._row("SELECT allocation, in_service FROM compartments WHERE number = ?", number)
        if (row["allocation"], row["in_service"]) != ("free", 1):
            wrong.append(f"compartment {number} is {row['allocation']}, in service {row['in_service']}")
        self.bench.judge.nothing_forgotten(self.bench.cabinet.contents)
        return wrong

    def _about(self, case: str, kind: str) -> list[Mapping[str, Any]]:
        return [
            event["data"]
            for event in self.bench.judge.events
            if event["type"] == kind and event["data"].get("case_number") == case
        ]

    def _slips_of(self, case: str) -> list[Mapping[str, Any]]:
        return self._rows(
            """SELECT s.receipt_number, s.state FROM slips s JOIN visits v ON v.id = s.visit
               WHERE v.case_number = ? AND v.kind = 'pickup'""",
            case,
        )

    def _row(self, query: str, *given: object) -> Mapping[str, Any]:
        [row] = self._rows(query, *given)
        return row

    def _rows(self, query: str, *given: object) -> list[Mapping[str, Any]]:
        with contextlib.closing(sqlite3.connect(f"file:{self.bench.database}?mode=ro", uri=True)) as sql:
            sql.row_factory = sqlite3.Row
            return [dict(row) for row in sql.execute(query, given).fetchall()]


def play(count: int, first_seed: int) -> tuple[list[Ended], Counter[str]]:
    """Play so many pickups in a row at one station; return how each ended, and what the steel did meanwhile."""
    pickups = Pickups()
    try:
        ended = [pickups.one(seed) for seed in range(first_seed, first_seed + count)]
        steel = Counter(happening.what for happening in pickups.bench.cabinet.record)
        steel["starts"] = pickups.bench.judge.boot
        steel["events"] = len(pickups.bench.judge.events)
        return ended, steel
    finally:
        pickups.close()
