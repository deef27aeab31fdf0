"""A station's cabinet for the state machine: the steel, the real core and the real store, and what a crash does."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

from hypothesis.stateful import RuleBasedStateMachine, initialize

from contract.events import Purpose
from edge.core import advance
from edge.core.compartment import Compartment
from edge.core.throttle import LOCKED_SECONDS
from edge.core.visit import (
    Decision,
    DoorSeen,
    Input,
    Restarted,
    Visit,
)
from edge.ports import Door
from edge.store.compartments import Fitted
from edge.store.database import Database, Job
from edge.store.outbox import Author
from edge.store.room import Room
from edge.store.transaction import Transaction
from tests.unit.edge.hand_clock import HandClock

T = TypeVar("T")
NUMBERS = (1, 2, 3)


@dataclass
class Leaf:
    """The steel: what lies behind one door, and what nobody has told the station."""

    open: bool = False
    jammed: bool = False
    blind: bool = False
    inside: list[str] = field(default_factory=list)
    pulses: dict[UUID, int] = field(default_factory=dict)

    @property
    def read(self) -> Door:
        if self.blind:
            return Door.UNKNOWN
        return Door.OPEN if self.open else Door.CLOSED


class Station(RuleBasedStateMachine):
    """Without rules of its own: those stand in `test_visits_machine.py`."""

    @initialize()
    def build(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nightdesk-"))
        self.clock = HandClock()
        self.leaves = {number: Leaf() for number in NUMBERS}
        self.digits: dict[int, str] = {}
        self.cases = 0
        self.locked_until: dict[int, float] = {}
        self.elapsed = 0.0
        self.words: dict[int, str] = {}
        self.tainted: set[int] = set()
        self.database = self._start()
        self._do(lambda tx: tx.fit([Fitted(number, "m", "low") for number in NUMBERS]))
        self.before = self._compartments()

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            shutil.rmtree(self.folder)

    # -- the station ------------------------------------------------------------------------------------------------

    def _start(self) -> Database:
        path = self.folder / "station.db"
        author = Author(self.clock.now, lambda: self.clock.synced)
        database = Database(path, self.clock, author, Room(path.with_suffix(".reserve"), lambda _: 0), None)
        database.start()
        return database

    def _do(self, work: Callable[[Transaction], T]) -> T:
        box: list[T] = []
        job = Job(lambda tx: box.append(work(tx)), writes=True)
        self.database.run([job])
        if job.error is not None:
            raise job.error
        return box[0]

    def _save(self, compartment: Compartment) -> None:
        self._do(lambda tx: tx.save(compartment))

    def _compartments(self) -> dict[int, Compartment]:
        return {each.number: each for each in self._do(lambda tx: tx.compartments())}

    def _visits(self) -> list[Visit]:
        return sorted(self._do(lambda tx: tx.open_visits()), key=lambda visit: visit.compartment)

    def _doors(self) -> dict[int, Door]:
        return {number: leaf.read for number, leaf in self.leaves.items()}

    def _commit(self, work: Callable[[Transaction], Decision], *, crash: bool = False) -> None:
        """Commit a decision, and only then move the coil, unless the power fails in between."""

        def carry_out(tx: Transaction) -> Decision:
            decision = work(tx)
            tx.carry_out(decision)
            return decision

        decision = self._do(carry_out)
        if crash:
            self._crash()
        elif decision.pulse:
            self._pulse(decision.visit)

    def _pulse(self, visit: Visit) -> None:
        leaf = self.leaves[visit.compartment]
        grant = self._do(lambda tx: tx.grant(visit.grant or uuid4()))
        assert grant is not None, "a coil moved without a grant"
        assert (grant.compartment, grant.visit, grant.state) == (visit.compartment, visit.id, "used")
        assert grant.boot == self._do(lambda tx: tx.boot), "a grant outlived its boot"
        leaf.pulses[grant.id] = leaf.pulses.get(grant.id, 0) + 1
        assert leaf.pulses[grant.id] == visit.pulses <= 2, "more pulses under a grant than were decided"
        if not leaf.jammed:
            leaf.open = True

    def _give(self, visit: Visit, given: Input, *, crash: bool = False) -> None:
        self._commit(lambda tx: advance.advance(visit, tx.compartment(visit.compartment), given), crash=crash)

    def _crash(self) -> None:
        """Drop everything that is not committed, start again, and judge each open visit by its door."""
        connection = self.database._connection
        assert connection is not None
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM compartments")
        self.database.close()
        # Locked out again in full, counted in time that really passes.
        for number, until in self.locked_until.items():
            if until > self.elapsed:
                self.locked_until[number] = self.elapsed + LOCKED_SECONDS
        self.clock.restart()
        self.database = self._start()
        assert self._do(lambda tx: tx._all("SELECT 1 FROM grants WHERE state = 'live'")) == []
        for visit in self._visits():
            self._give(visit, Restarted(self.leaves[visit.compartment].read))
        assert self._visits() == []
        self._poll()

    def _used_while_dead(self, number: int) -> None:
        """The edge dies, and before it is back a person uses the door that stands open, and shuts it."""
        leaf = self.leaves[number]
        kinds = [visit.kind for visit in self._visits() if visit.compartment == number]
        if leaf.open and kinds:
            leaf.inside[:] = ["paper"] if kinds[0] in (Purpose.DEPOSIT, Purpose.LOAD) else []
            leaf.open = False
        self._crash()

    def _poll(self) -> None:
        held = {visit.compartment: visit for visit in self._visits()}
        for number, leaf in self.leaves.items():
            if leaf.read is Door.OPEN or (leaf.read is Door.UNKNOWN and number in held):
                self.tainted.add(number)
            if number in held:
                self._give(held[number], DoorSeen(leaf.read))
            elif leaf.read is Door.OPEN:
                forced, _ = advance.forced(self._compartments()[number])
                self._save(forced)
