"""Codes on papers: the keys that issue them, and the code that each ordered paper carries."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, String, Table, Text

from hub.db.tables import metadata
from hub.db.types import UtcTime

issuing_keys = Table(
    "issuing_keys",
    metadata,
    Column("kid", String(8), primary_key=True),
    Column("issuer", String(32), nullable=False),  # hub, or a station
    Column("kinds", Text, nullable=False),  # JSON list of the kinds of papers that it may issue
    Column("x", String(43), nullable=False),  # the public half; the private one is a file, or a station's
    Column("valid_from", UtcTime(), nullable=False),
    Column("valid_until", UtcTime(), nullable=False),
    Column("revoked_at", UtcTime()),
    Column("reason", String(200), nullable=False),
)

paper_codes = Table(
    "paper_codes",
    metadata,
    Column("order_id", String(36), primary_key=True),
    Column("short", String(12), nullable=False),
    Column("code", String(1024), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("number", String(60), nullable=False),
    Column("digest", String(64), nullable=False),  # of what is on the paper; the audit has it as well
    Column("issued_on", Date, nullable=False),
    Column("revoked_at", UtcTime()),
    Column("reason", String(200), nullable=False),
    Index(None, "short"),
    Index(None, "number"),
)
