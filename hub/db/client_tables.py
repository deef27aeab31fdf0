"""Programs of the back office that may speak to the hub over HTTP."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text

from hub.db.tables import metadata
from hub.db.types import UtcTime

clients = Table(
    "clients",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("scopes", Text, nullable=False),  # JSON list: print_orders:read | print_orders:write
    Column("stations", Text, nullable=False),  # JSON list of station ids, or ["*"]
    Column("made_at", UtcTime(), nullable=False),
    Column("disabled_at", UtcTime()),
)
