"""When stations were told of contents; arriving contents and promised ones wake the desk's pages."""

import sqlalchemy as sa
from alembic import op

from hub.db.types import UtcTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("files", sa.Column("told_at", UtcTime(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        for table in ("files", "submission_files"):
            op.execute(
                f"CREATE TRIGGER nightdesk_changed AFTER INSERT OR UPDATE OR DELETE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION nightdesk_changed()"
            )
