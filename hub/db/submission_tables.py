"""Documents that citizens hand in as files. The files themselves arrive apart; a row only names what was promised."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, String, Table

from hub.db.tables import metadata
from hub.db.types import UtcTime

submission_files = Table(
    "submission_files",
    metadata,
    Column("receipt_number", String(11), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("station", String(32), nullable=False),
    Column("kind", String(8), nullable=False),  # camera | usb | manifest
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(200), nullable=False),
    Column("pages", Integer),  # of captured documents; files of drives tell it in the manifest
    Column("at", UtcTime(), nullable=False),
    PrimaryKeyConstraint("receipt_number", "sha256"),
    Index(None, "sha256"),
)
