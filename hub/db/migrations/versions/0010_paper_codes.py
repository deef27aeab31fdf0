"""Keys that issue papers, and the code of each ordered paper."""

import sqlalchemy as sa
from alembic import op

from hub.db.types import UtcTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "issuing_keys",
        sa.Column("kid", sa.String(length=8), nullable=False),
        sa.Column("issuer", sa.String(length=32), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("x", sa.String(length=43), nullable=False),
        sa.Column("valid_from", UtcTime(), nullable=False),
        sa.Column("valid_until", UtcTime(), nullable=False),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_issuing_keys")),
    )
    op.create_table(
        "paper_codes",
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("short", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=1024), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_paper_codes")),
    )
    op.create_index(op.f("ix_paper_codes_short"), "paper_codes", ["short"])
    op.create_index(op.f("ix_paper_codes_number"), "paper_codes", ["number"])
