"""Visits and their grants on disk."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from uuid import UUID

from contract.events import Purpose
from edge.core.grants import Grant, GrantState
from edge.core.visit import Step, Visit
from edge.errors import BugError
from edge.store.rows import Rows, added, optional, text


class Visits(Rows):
    """Tables `visits` and `grants`."""

    def visit(self, visit_id: UUID) -> Visit:
        """Return one.

        Raises:
            BugError: there is none with that id.
        """
        row = self._one("SELECT * FROM visits WHERE id = ?", str(visit_id))
        if row is None:
            raise BugError(f"no visit {visit_id}")
        return visit_of(row)

    def open_visits(self) -> list[Visit]:
        """Return those that have not ended: at most one while running, at most one after a crash."""
        return [visit_of(row) for row in self._all("SELECT * FROM visits WHERE NOT ended ORDER BY changed_at")]

    def save_visit(self, visit: Visit) -> None:
        """Write one, new or changed."""
        self._put(
            "visits",
            id=str(visit.id),
            kind=visit.kind,
            step=visit.step,
            compartment=visit.compartment,
            boot=visit.boot,
            receipt_number=visit.receipt_number,
            case_number=visit.case_number,
            staff=visit.staff,
            witness=visit.witness,
            due=text(visit.due),
            recipient_unknown=int(visit.recipient_unknown),
            low=int(visit.low),
            grant_id=text(visit.grant),
            grants_used=visit.grants_used,
            pulses=visit.pulses,
            means=visit.means,
            destination=visit.destination,
            ended=int(visit.ended),
            changed_at=self._now().isoformat(),
        )

    def grant(self, grant_id: UUID) -> Grant | None:
        """Return one, or None."""
        row = self._one("SELECT * FROM grants WHERE id = ?", str(grant_id))
        return None if row is None else grant_of(row)

    def save_grant(self, grant: Grant) -> None:
        """Write one, new or changed.

        Raises:
            BugError: it was used or dead already; no grant ever comes back to life.
        """
        before = self.grant(grant.id)
        if before is not None and before.state is not GrantState.LIVE:
            raise BugError(f"grant {grant.id} is {before.state}")
        self._put(
            "grants",
            id=str(grant.id),
            compartment=grant.compartment,
            purpose=grant.purpose,
            visit=str(grant.visit),
            boot=grant.boot,
            state=grant.state,
            changed_at=self._now().isoformat(),
        )

    def kill_grants(self) -> int:
        """Make every live grant dead (a start of the edge does) and return how many there were."""
        live = [grant_of(row) for row in self._all("SELECT * FROM grants WHERE state = 'live'")]
        for grant in live:
            self.save_grant(grant.die())
        return len(live)


def visit_of(row: sqlite3.Row) -> Visit:
    """Read one row; `ValueError` when it holds what this program never wrote."""
    return Visit(
        id=UUID(row["id"]),
        kind=Purpose(row["kind"]),
        step=Step(row["step"]),
        compartment=row["compartment"],
        boot=row["boot"],
        receipt_number=row["receipt_number"],
        case_number=row["case_number"],
        staff=row["staff"],
        witness=added(row, "witness"),
        due=optional(datetime.fromisoformat, row["due"]),
        recipient_unknown=bool(row["recipient_unknown"]),
        low=bool(added(row, "low")),
        grant=optional(UUID, row["grant_id"]),
        grants_used=row["grants_used"],
        pulses=row["pulses"],
        means=added(row, "means") or "code",
        destination=added(row, "destination") or "window",
    )


def grant_of(row: sqlite3.Row) -> Grant:
    """Read one row; `ValueError` when it holds what this program never wrote."""
    return Grant(
        id=UUID(row["id"]),
        compartment=row["compartment"],
        purpose=Purpose(row["purpose"]),
        visit=UUID(row["visit"]),
        boot=row["boot"],
        state=GrantState(row["state"]),
    )
