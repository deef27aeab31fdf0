"""Staff load an issued item; its code is drawn, sealed and forgotten in the transaction that makes it occupied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from edge.clock import Clock
from edge.core import load
from edge.core.compartment import Compartment, Item, choose
from edge.core.visit import Answer, Confirmed, Decision, Visit
from edge.ports import Door
from edge.services import documents
from edge.services.pickup_codes import PickupCodes, token_expires
from edge.services.refusals import RefusedError
from edge.services.view import LoadableCase
from edge.services.visits import Visits
from edge.store.unit_of_work import Store, Transaction


class LoadItems:
    """What staff with the right `load` may do."""

    def __init__(
        self,
        store: Store,
        visits: Visits,
        codes: PickupCodes,
        clock: Clock,
        *,
        new_id: Callable[[], UUID],
    ) -> None:
        self._store, self._visits, self._codes, self._clock = store, visits, codes, clock
        self._new_id = new_id

    async def loadable(self) -> list[LoadableCase]:
        """Return the expected cases whose item is not in this station yet."""
        return await self._store.read(_loadable)

    async def start(self, case_number: str, staff: str) -> None:
        """Begin to load a case of `expected`.

        Raises:
            RefusedError: the case is not expected or lies here already, or another visit has not ended.
            NoneFitsError: no free compartment of its size.
        """
        self._store.require_room()

        def work(tx: Transaction, doors: dict[int, Door]) -> Decision:
            case = next((each for each in _loadable(tx) if each.case_number == case_number), None)
            if case is None:
                raise RefusedError("lies_here" if case_number in items_here(tx) else "not_expected")
            compartment = choose(tx.compartments(), doors, case.size, "low" if case.low else "")
            return self.begin(tx, compartment, doors[compartment.number], Item(case.case_number, case.due), staff)

        await self._visits.begin(work)

    async def start_unknown(self, case_number: str, size: str, staff: str) -> None:
        """Begin to load an item whose case no document names: it cannot be collected until `expected` does.

        Raises:
            RefusedError: it lies here already, or another visit has not ended.
            NoneFitsError: no free compartment of that size.
        """
        self._store.require_room()

        def work(tx: Transaction, doors: dict[int, Door]) -> Decision:
            if case_number in items_here(tx):
                raise RefusedError("lies_here")
            compartment = choose(tx.compartments(), doors, size)
            item = Item(case_number, recipient_unknown=True)
            return self.begin(tx, compartment, doors[compartment.number], item, staff)

        await self._visits.begin(work)

    async def is_expected(self, case_number: str) -> bool:
        """Whether a document names the case, or its item lies here already."""

        def work(tx: Transaction) -> bool:
            named = {each.case_number for each in documents.expected(tx)}
            return case_number in named | items_here(tx)

        return await self._store.read(work)

    def begin(self, tx: Transaction, compartment: Compartment, door: Door, item: Item, staff: str) -> Decision:
        """Begin a load in a free compartment; an item without a date is due after the usual time."""
        due = item.due or self._clock.now() + timedelta(hours=documents.settings(tx).pickup_hours)
        return load.begin(
            self._new_id(),
            compartment,
            door,
            self._new_id(),
            item=replace(item, due=due),
            staff=staff,
            boot=self._visits.boot,
        )

    def confirmed(self, answer: Answer) -> Callable[[Transaction, Visit], Confirmed]:
        """Return the answer as it is completed inside the transaction: a confirmed item gets its code there."""

        def said(tx: Transaction, visit: Visit) -> Confirmed:
            if answer is not Answer.CONFIRMED or visit.case_number is None or visit.recipient_unknown:
                # Nobody is to be told a code of an unknown recipient's item; it is drawn when the case is named.
                return Confirmed(answer)
            # Kept with the item: what a newer list of expected cases says no longer matters to it.
            tx.save_claim(visit.case_number, documents.claim_on(tx, visit.case_number))
            expires = token_expires(visit.due, documents.settings(tx), self._clock.now())
            drawn = self._codes.draw(tx, visit.compartment, visit.case_number, expires)
            return Confirmed(answer, event_id=drawn.event_id, code_sealed=drawn.code_sealed, qr_sealed=drawn.qr_sealed)

        return said


def items_here(tx: Transaction) -> set[str]:
    """Return the cases whose item lies, or may lie, in a compartment."""
    contents = [compartment.content for compartment in tx.compartments()]
    return {content.case_number for content in contents if isinstance(content, Item)}


def _loadable(tx: Transaction) -> list[LoadableCase]:
    here = items_here(tx)
    return [
        LoadableCase(each.case_number, each.title, each.size, each.recipient_mask, each.due, each.low)
        for each in documents.expected(tx)
        if each.case_number not in here
    ]
