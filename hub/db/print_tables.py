"""Papers that stations print: what was ordered, and what became of it by the stations' events."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, Text

from hub.db.tables import metadata
from hub.db.types import UtcTime

print_orders = Table(
    "print_orders",
    metadata,
    Column("order_id", String(36), primary_key=True),
    Column("station", String(32), nullable=False),
    Column("layout", String(40), nullable=False),
    Column("certificate", String(60), nullable=False),
    Column("subject", String(60)),  # whose licence: a company's code, of which one live original exists
    Column("stock", String(40)),
    Column("returns", Text, nullable=False),  # JSON list of certificate numbers to give back first
    Column("returned", Text, nullable=False, default="[]", server_default="[]"),  # those of them that were
    Column("delivery", String(8), nullable=False),  # kiosk | pickup
    Column("card_hash", String(64)),
    Column("mask", String(40), nullable=False),
    Column("case_number", String(43)),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the content, AES-256-GCM; empty once nobody may print it any more
    Column("expires_at", UtcTime(), nullable=False),
    Column("made_at", UtcTime(), nullable=False),
    Column("made_by", String(64), nullable=False, default="", server_default=""),  # `client:NAME`, or who else
    Column("withdrawn_at", UtcTime()),
    Index(None, "station", "expires_at"),
    Index(None, "sha256"),
    Index(None, "subject"),
)

print_jobs = Table(
    "print_jobs",
    metadata,
    Column("job", String(36), primary_key=True),
    Column("order_id", String(36), nullable=False),
    Column("station", String(32), nullable=False),
    Column("blank", String(40)),
    Column("paper_sha256", String(64)),  # of the PDF that was sent to the printer
    Column("state", String(12), nullable=False),  # printing | printed | unverified | failed | taken | left
    Column("reason", String(200)),
    Column("at", UtcTime(), nullable=False),
    Index(None, "order_id"),
)
