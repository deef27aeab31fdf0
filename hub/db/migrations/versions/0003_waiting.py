"""Waiting places of citizens whom no compartment fitted, and how many pieces a deposit has."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deposits", sa.Column("count_said", sa.Integer(), nullable=True))
    op.add_column("deposits", sa.Column("count_found", sa.Integer(), nullable=True))
    op.add_column("deposits", sa.Column("low", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "waiting",
        sa.Column("receipt_number", sa.String(length=11), nullable=False),
        sa.Column("station", sa.String(length=32), nullable=False),
        sa.Column("size", sa.String(length=2), nullable=False),
        sa.Column("event", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("receipt_number", name=op.f("pk_waiting")),
    )
    op.create_index(op.f("ix_waiting_state"), "waiting", ["state"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER nightdesk_changed AFTER INSERT OR UPDATE OR DELETE ON waiting "
            "FOR EACH STATEMENT EXECUTE FUNCTION nightdesk_changed()"
        )
