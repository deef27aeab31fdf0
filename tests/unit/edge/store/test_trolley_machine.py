"""A trolley among everything else that happens at a cabinet: no compartment is ever promised or given twice.

The rules of `test_visits_machine.py` go on: citizens hand in, doors jam and are forced, the power fails.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from edge.core import load
from edge.core.compartment import Allocation, Compartment, Item
from edge.core.trolley import TrolleyItem
from edge.core.visit import Decision
from edge.errors import NoneFitsError
from edge.services.load_trolley import _next_row, _plan_rows
from edge.store.transaction import Transaction
from edge.store.trolley import StoredItem
from tests.unit.edge.store.test_visits_machine import Cabinet, seldom


class Trolleys(Cabinet):
    @rule(count=st.integers(1, 4))
    def staff_plans_a_trolley(self, count: int) -> None:
        def work(tx: Transaction) -> None:
            if tx.trolley():
                return
            rows = [StoredItem(TrolleyItem(self._case(), "s"), position) for position in range(count)]
            _plan_rows(tx, rows, self._doors())

        self._do(work)

    @precondition(lambda self: len(self._visits()) < 2)
    @rule(crash=seldom)
    def the_next_door_is_permitted(self, crash: bool) -> None:
        def begin(tx: Transaction) -> Decision:
            row, _ = _next_row(tx, self._doors())
            if row is None:
                raise NoneFitsError("nothing is left to load")
            booked = tx.compartment(row.planned or 0)
            leaf = self.leaves[booked.number]
            assert not leaf.inside, "somebody's things lie in a compartment given to another"
            item = Item(row.item.case_number)
            decision = load.begin(uuid4(), booked.unbook(), leaf.read, uuid4(), item=item, staff="B1", boot=tx.boot)
            tx.save_trolley_item(replace(row, visit=decision.visit.id))
            return decision

        try:
            self._commit(begin, crash=crash)
        except NoneFitsError:
            return

    @rule()
    def staff_ends_it(self) -> None:
        def work(tx: Transaction) -> None:
            for each in tx.compartments():
                if each.booked is not None:
                    tx.save(each.unbook())
            tx.clear_trolley()

        self._do(work)

    def _case(self) -> str:
        self.cases += 1
        return "0" * 31 + "20261124" + f"{self.cases:04d}"

    @invariant()
    def promised_to_one_item_alone(self) -> None:
        booked: list[Compartment] = [each for each in self._compartments().values() if each.booked is not None]
        assert len({each.booked for each in booked}) == len(booked)
        rows = {row.planned: row for row in self._do(lambda tx: tx.trolley()) if row.visit is None}
        for each in booked:
            assert (each.allocation, each.visit, each.in_service) == (Allocation.RESERVED, None, True)
            assert rows[each.number].item.case_number == each.booked


# A failure is shown as it was found: shrinking one of these takes minutes.
Trolleys.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
TestTrolleys = Trolleys.TestCase
