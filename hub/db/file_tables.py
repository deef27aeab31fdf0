"""Contents that stations sent, by hash. What they were handed in for stands in `submission_files`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from hub.db.tables import metadata
from hub.db.types import UtcTime

files = Table(
    "files",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("state", String(12), nullable=False),  # verified: its hash was counted here, and it lies in the file store
    Column("verified_at", UtcTime(), nullable=False),
    # When a station was last told that it is here, and so removed its own copy: a grace counts from here.
    Column("told_at", UtcTime()),
)
