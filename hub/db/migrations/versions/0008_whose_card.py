"""Whose card was on the reader when a submission was made: keyed hash and mask of its number, and its kind."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (("card_hash", 64), ("card_mask", 40), ("card_kind", 16)):
        op.add_column("deposits", sa.Column(name, sa.String(length=length), nullable=True))
