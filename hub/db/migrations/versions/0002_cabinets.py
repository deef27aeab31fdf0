"""Where each door is in its cabinet, how often it opened, and an index for the history of one door."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PLACE = ("cabinet_width_mm", "cabinet_height_mm", "x_mm", "y_mm", "width_mm", "height_mm")


def upgrade() -> None:
    op.add_column("compartments", sa.Column("openings", sa.Integer(), nullable=True))
    op.add_column(
        "compartments", sa.Column("maintenance_due", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("compartments", sa.Column("cabinet", sa.String(length=32), nullable=True))
    for name in PLACE:
        op.add_column("compartments", sa.Column(name, sa.Integer(), nullable=True))
    some = sa.text("compartment IS NOT NULL")
    op.create_index(
        "ix_events_door", "events", ["station", "compartment", "received_at"], postgresql_where=some, sqlite_where=some
    )
