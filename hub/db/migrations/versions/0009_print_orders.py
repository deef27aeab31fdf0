"""Print orders with their sealed contents, and the jobs by which stations print them."""

import sqlalchemy as sa
from alembic import op

from hub.db.types import UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "print_orders",
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("station", sa.String(length=32), nullable=False),
        sa.Column("layout", sa.String(length=40), nullable=False),
        sa.Column("certificate", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=True),
        sa.Column("stock", sa.String(length=40), nullable=True),
        sa.Column("returns", sa.Text(), nullable=False),
        sa.Column("delivery", sa.String(length=8), nullable=False),
        sa.Column("card_hash", sa.String(length=64), nullable=True),
        sa.Column("mask", sa.String(length=40), nullable=False),
        sa.Column("case_number", sa.String(length=43), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("withdrawn_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_print_orders")),
    )
    op.create_index(op.f("ix_print_orders_station_expires_at"), "print_orders", ["station", "expires_at"])
    op.create_index(op.f("ix_print_orders_sha256"), "print_orders", ["sha256"])
    op.create_index(op.f("ix_print_orders_subject"), "print_orders", ["subject"])
    op.create_table(
        "print_jobs",
        sa.Column("job", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("station", sa.String(length=32), nullable=False),
        sa.Column("blank", sa.String(length=40), nullable=True),
        sa.Column("paper_sha256", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_print_jobs")),
    )
    op.create_index(op.f("ix_print_jobs_order_id"), "print_jobs", ["order_id"])
