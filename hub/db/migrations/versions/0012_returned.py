"""Which older papers were given back for an order."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("print_orders", sa.Column("returned", sa.Text(), nullable=False, server_default="[]"))
