"""Signed documents in force, slips to print, and single settings."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from edge.core.visit import Slip
from edge.store.rows import Rows

SlipState = Literal["waiting", "printed", "unverified", "failed"]


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A signed document as it arrived (`token`, a compact JWS), checked before it was stored."""

    kind: str
    version: int
    sha256: str
    token: str


@dataclass(frozen=True, slots=True)
class StoredSlip:
    """A slip of a visit, and what became of it. `waiting` after a restart: nobody knows whether it was printed."""

    id: UUID
    visit: UUID
    slip: Slip
    state: SlipState
    made_at: datetime


class Papers(Rows):
    """Tables `documents`, `slips` and `meta`."""

    def document(self, kind: str) -> StoredDocument | None:
        """Return the document of that kind in force, or None."""
        row = self._one("SELECT kind, version, sha256, token FROM documents WHERE kind = ?", kind)
        return None if row is None else StoredDocument(*row)

    def documents(self) -> list[StoredDocument]:
        """Return all that are in force."""
        return [StoredDocument(*row) for row in self._all("SELECT kind, version, sha256, token FROM documents")]

    def save_document(self, document: StoredDocument) -> None:
        """Put a document in force, in place of the older one."""
        self._put(
            "documents",
            kind=document.kind,
            version=document.version,
            sha256=document.sha256,
            token=document.token,
            applied_at=self._now().isoformat(),
        )

    def add_slip(self, slip_id: UUID, visit: UUID, slip: Slip) -> StoredSlip:
        """Keep a slip that is to be printed after this commit."""
        stored = StoredSlip(slip_id, visit, slip, "waiting", self._now())
        self._save_slip(stored)
        return stored

    def slip(self, slip_id: UUID) -> StoredSlip | None:
        """Return one, or None."""
        row = self._one("SELECT * FROM slips WHERE id = ?", str(slip_id))
        return None if row is None else _slip(row)

    def waiting_slips(self) -> list[StoredSlip]:
        """Return those whose printing has no outcome yet, oldest first."""
        return [_slip(row) for row in self._all("SELECT * FROM slips WHERE state = 'waiting' ORDER BY made_at")]

    def mark_slip(self, slip_id: UUID, state: SlipState) -> None:
        """Record what became of a slip."""
        self._connection.execute("UPDATE slips SET state = ? WHERE id = ?", (state, str(slip_id)))

    def meta(self, key: str, default: str = "") -> str:
        """Return a single setting."""
        row = self._one("SELECT value FROM meta WHERE key = ?", key)
        return default if row is None else str(row["value"])

    def set_meta(self, key: str, value: str) -> None:
        """Write a single setting."""
        self._put("meta", key=key, value=value)

    def _save_slip(self, stored: StoredSlip) -> None:
        self._put(
            "slips",
            id=str(stored.id),
            visit=str(stored.visit),
            receipt_number=stored.slip.receipt_number,
            compartment=stored.slip.compartment,
            occasion=stored.slip.occasion,
            count=stored.slip.count,
            detail="\n".join(stored.slip.detail),
            state=stored.state,
            made_at=stored.made_at.isoformat(),
        )


def _slip(row: sqlite3.Row) -> StoredSlip:
    return StoredSlip(
        id=UUID(row["id"]),
        visit=UUID(row["visit"]),
        slip=Slip(
            row["receipt_number"],
            row["compartment"],
            row["occasion"],
            row["count"],
            tuple(row["detail"].splitlines()),
        ),
        state=row["state"],
        made_at=datetime.fromisoformat(row["made_at"]),
    )
