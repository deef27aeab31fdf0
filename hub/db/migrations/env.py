"""Alembic's environment: the connection is always given by `hub.db.migrate`."""

from alembic import context
from sqlalchemy import Connection

from hub.db.client_tables import clients  # noqa: F401  the tables of every module count
from hub.db.file_tables import files  # noqa: F401  the tables of every module count
from hub.db.paper_tables import paper_codes  # noqa: F401  the tables of every module count
from hub.db.print_tables import print_orders  # noqa: F401  the tables of every module count
from hub.db.submission_tables import submission_files  # noqa: F401  the tables of every module count
from hub.db.tables import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
# The caller's transaction is the only one: all or nothing, also on SQLite.
context.run_migrations()
