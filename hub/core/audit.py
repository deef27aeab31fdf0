"""The audit chain: each row's hash covers the row and the hash before it, so that nothing can be edited, cut out or
restamped unnoticed. One chain per station and one for hub users.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

START = "0" * 64
USERS = "hub:users"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One link. `subject` is `epoch/seq/id` of an event, or what a user did to what; `digest` covers its content."""

    chain: str
    n: int
    kind: str  # event | projected | user
    subject: str
    digest: str
    at: datetime
    hash: str
    body: str | None = None


def digest_of(body: str) -> str:
    """Return the SHA-256 of a stored body, in hexadecimal."""
    return hashlib.sha256(body.encode()).hexdigest()


def stamp(at: datetime) -> str:
    """Return the time as it enters the hash: UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def link(previous: str, n: int, kind: str, subject: str, digest: str, stamped: str) -> str:
    """Return the hash of row `n`. The subject comes last, because it alone may hold a line break."""
    text = f"{previous}\n{n}\n{kind}\n{stamped}\n{digest}\n{subject}"
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Chain:
    """The head of one chain, and how it grows."""

    name: str
    n: int = 0
    head: str = START

    def add(self, kind: str, subject: str, digest: str, at: datetime, stamped: str) -> AuditRow:
        """Append one row and move the head; `stamped` is `stamp(at)`, made once for many rows."""
        self.n += 1
        self.head = link(self.head, self.n, kind, subject, digest, stamped)
        return AuditRow(self.name, self.n, kind, subject, digest, at, self.head)


def first_wrong(rows: Iterable[AuditRow], chain: Chain) -> str | None:
    """Return what is wrong with the first row that does not continue `chain`, or None; moves `chain` along."""
    for row in rows:
        if row.n != chain.n + 1:
            return f"row {chain.n + 1} is missing (found {row.n})"
        expected = link(chain.head, row.n, row.kind, row.subject, row.digest, stamp(row.at))
        if row.hash != expected:
            return f"row {row.n} was altered"
        if row.body is not None and digest_of(row.body) != row.digest:
            return f"the body of row {row.n} was altered"
        chain.n, chain.head = row.n, row.hash
    return None
