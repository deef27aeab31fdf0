"""Documents handed in as files, and the list that joins them."""

import sqlalchemy as sa
from alembic import op

from hub.db.types import UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deposits", sa.Column("manifest", sa.String(length=64), nullable=True))
    op.create_table(
        "submission_files",
        sa.Column("receipt_number", sa.String(length=11), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("station", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=200), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("receipt_number", "sha256", name=op.f("pk_submission_files")),
    )
    op.create_index(op.f("ix_submission_files_sha256"), "submission_files", ["sha256"])
