"""Programs of the back office, and who made an order."""

import sqlalchemy as sa
from alembic import op

from hub.db.types import UtcTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clients",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("stations", sa.Text(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("disabled_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_clients")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_clients_token_sha256")),
    )
    op.add_column("print_orders", sa.Column("made_by", sa.String(length=64), nullable=False, server_default=""))
