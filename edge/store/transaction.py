"""Everything a unit of work may read and write, in one object; valid only while its work runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from contract.envelope import Event
from contract.events import DoorForced, DoorOpened, EventData
from edge.core.compartment import Compartment
from edge.core.story import doubt_event
from edge.core.visit import Decision
from edge.store.compartments import Compartments, Fitted
from edge.store.door_counts import DoorCounts
from edge.store.file_rows import FileRows
from edge.store.guessing import Guessing
from edge.store.inbox import Inbox
from edge.store.outbox import PRUNED_AT_ONCE, Author, Outbox
from edge.store.papers import Papers
from edge.store.print_rows import PrintRows
from edge.store.roll_rows import RollRows
from edge.store.submission_rows import SubmissionRows
from edge.store.trolley import Trolley
from edge.store.visits import Visits
from edge.store.waiting import Waiting

# Set when a salvage may have lost rows: a compartment that the store does not know is then not known to be empty.
_COMPARTMENTS_LOST = "compartments_lost"
# The same of files: one without a row may then be a handed-in document.
FILES_LOST = "files_lost"
# How long the station remembers what is over; the hub remembers longer.
HISTORY_KEPT = timedelta(days=90)
_HISTORY = (
    ("visits", "id", "changed_at", "ended"),
    ("grants", "id", "changed_at", "state <> 'live'"),
    ("inbox", "jti", "at", "state <> 'begun'"),
    ("slips", "id", "made_at", "state <> 'waiting'"),
    ("files", "id", "made_at", "state IN ('verified', 'lost')"),
)


class Transaction(
    Outbox,
    Compartments,
    Visits,
    Guessing,
    Inbox,
    Papers,
    DoorCounts,
    Waiting,
    Trolley,
    FileRows,
    SubmissionRows,
    PrintRows,
    RollRows,
):
    """One unit of work. Its methods are plain and synchronous; nothing is durable before the commit."""

    def __init__(self, connection: sqlite3.Connection, author: Author) -> None:
        super().__init__(connection, author)

    def emit(self, data: EventData, correlation: UUID | None = None, event_id: UUID | None = None) -> Event:
        """Give an event the next number, as `Outbox.emit`; an opening of a door is counted in the same transaction."""
        if isinstance(data, DoorOpened | DoorForced):
            self.count_opening(data.compartment)
        return super().emit(data, correlation, event_id)

    def carry_out(self, decision: Decision) -> None:
        """Write what a `Decision` says: visit, compartments, used grant, spent code and events.

        The slip stays with the caller (`add_slip` wants an id), and so does the pulse: after the commit.
        """
        self.save_visit(decision.visit)
        for compartment in decision.compartments:
            self.save(compartment)
        if decision.grant is not None:
            self.save_grant(decision.grant)
        if decision.code_used:
            self.drop_code(decision.visit.compartment)
        for event, event_id in decision.events_with_ids():
            self.emit(event, decision.visit.id, event_id)

    def fit(self, fitted: Iterable[Fitted]) -> list[Compartment]:
        """Adopt the station file's list at start and return the compartments that are new here.

        New numbers start free; after a salvage that may have lost rows they start doubtful, each with its event.
        """
        lost = bool(self.meta(_COMPARTMENTS_LOST))
        new = self.adopt(fitted, doubtful=lost)
        if lost:
            for compartment in new:
                self.emit(doubt_event(compartment, "restarted"))
            self.set_meta(_COMPARTMENTS_LOST, "")
        return new

    def forget_history(self) -> int:
        """Drop visits, grants, commands and slips that were over 90 days ago; return how many.

        Never by a clock that nothing has set: a command must stay known for as long as it could be replayed.
        """
        if not self._author.synced():
            return 0
        limit, gone = (self._now() - HISTORY_KEPT).isoformat(), 0
        for table, key, at, over in _HISTORY:
            old = f"SELECT {key} FROM {table} WHERE {over} AND datetime({at}) < datetime(?) LIMIT ?"  # noqa: S608  our names
            delete = f"DELETE FROM {table} WHERE {key} IN ({old})"  # noqa: S608  our own names
            gone += self._connection.execute(delete, (limit, PRUNED_AT_ONCE)).rowcount
        return gone

    def distrust_compartments(self) -> None:
        """After a salvage: doubt what is held by no known visit; at `fit` and the sweep of files what is unknown."""
        self.set_meta(_COMPARTMENTS_LOST, "1")
        self.set_meta(FILES_LOST, "1")
        visits = {visit.id for visit in self.open_visits()}
        for compartment in self.compartments():
            if compartment.visit is not None and compartment.visit not in visits:
                doubted = compartment.mark_doubtful()
                self.save(doubted)
                self.emit(doubt_event(doubted, "restarted"))
