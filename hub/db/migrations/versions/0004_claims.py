"""Who may collect an item beside those who know its code, and how many messages one phone has got."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("card_hash", sa.String(length=64), nullable=True))
    op.add_column("cases", sa.Column("collectors", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("second_factor", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("cases", sa.Column("recipient_unknown", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("notifications", sa.Column("to_hash", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_notifications_to_hash_sent_at"), "notifications", ["to_hash", "sent_at"])
