"""The store's tables, and how an older file becomes a newer one (`PRAGMA user_version`).

Times are ISO 8601 text with offset, ids are text, flags 0/1. The outbox holds the contract's event bytes.
"""

from __future__ import annotations

import sqlite3

# One tuple of statements per version; a released one is never edited. `outbox` holds the current epoch alone and is
# never empty: its last row is the counter. What a hub has is told by one number (`meta.acked_through`), not per row:
# `acks` remembers when which number was reached, for pruning. `outbox_past` keeps acknowledged rows of older epochs
# until they are prunable, in the order in which they happened.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE outbox (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, body BLOB NOT NULL)",
        "CREATE TABLE acks (through INTEGER PRIMARY KEY, at TEXT NOT NULL)",
        """CREATE TABLE outbox_past (position INTEGER PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
           id TEXT NOT NULL, type TEXT NOT NULL, body BLOB NOT NULL, acked_at TEXT NOT NULL)""",
        """CREATE TABLE compartments (number INTEGER PRIMARY KEY, size TEXT NOT NULL, reach TEXT NOT NULL,
           allocation TEXT NOT NULL, in_service INTEGER NOT NULL, out_reason TEXT NOT NULL, purpose TEXT, visit TEXT,
           receipt_number TEXT, case_number TEXT, due TEXT, recipient_unknown INTEGER NOT NULL,
           door_seen_open INTEGER NOT NULL)""",
        """CREATE TABLE visits (id TEXT PRIMARY KEY, kind TEXT NOT NULL, step TEXT NOT NULL,
           compartment INTEGER NOT NULL, boot INTEGER NOT NULL, receipt_number TEXT, case_number TEXT, staff TEXT,
           due TEXT, recipient_unknown INTEGER NOT NULL, grant_id TEXT, grants_used INTEGER NOT NULL,
           pulses INTEGER NOT NULL, ended INTEGER NOT NULL, changed_at TEXT NOT NULL) WITHOUT ROWID""",
        "CREATE INDEX visits_open ON visits (id) WHERE NOT ended",
        """CREATE TABLE grants (id TEXT PRIMARY KEY, compartment INTEGER NOT NULL, purpose TEXT NOT NULL,
           visit TEXT NOT NULL, boot INTEGER NOT NULL, state TEXT NOT NULL, changed_at TEXT NOT NULL) WITHOUT ROWID""",
        "CREATE INDEX grants_live ON grants (id) WHERE state = 'live'",
        "CREATE TABLE codes (compartment INTEGER PRIMARY KEY, case_number TEXT NOT NULL, mac BLOB NOT NULL)",
        "CREATE TABLE throttles (key TEXT PRIMARY KEY, wrong TEXT NOT NULL, locked_until REAL) WITHOUT ROWID",
        """CREATE TABLE inbox (jti TEXT PRIMARY KEY, command TEXT NOT NULL, state TEXT NOT NULL, outcome TEXT NOT NULL,
           at TEXT NOT NULL) WITHOUT ROWID""",
        """CREATE TABLE documents (kind TEXT PRIMARY KEY, version INTEGER NOT NULL, sha256 TEXT NOT NULL,
           token TEXT NOT NULL, applied_at TEXT NOT NULL)""",
        """CREATE TABLE slips (id TEXT PRIMARY KEY, visit TEXT NOT NULL, receipt_number TEXT NOT NULL,
           compartment INTEGER NOT NULL, occasion TEXT NOT NULL, state TEXT NOT NULL,
           made_at TEXT NOT NULL) WITHOUT ROWID""",
        "CREATE INDEX slips_waiting ON slips (made_at) WHERE state = 'waiting'",
    ),
    (
        """CREATE TABLE doors (number INTEGER PRIMARY KEY, openings INTEGER NOT NULL, serviced_at INTEGER NOT NULL,
           told INTEGER NOT NULL)""",
    ),
    (
        "ALTER TABLE visits ADD COLUMN witness TEXT",
        "ALTER TABLE compartments ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0",
    ),
    (
        "ALTER TABLE visits ADD COLUMN means TEXT NOT NULL DEFAULT 'code'",
        "ALTER TABLE visits ADD COLUMN destination TEXT NOT NULL DEFAULT 'window'",
        "ALTER TABLE compartments ADD COLUMN expired_due TEXT",
        "ALTER TABLE compartments ADD COLUMN extended INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE claims (case_number TEXT PRIMARY KEY, card_hash TEXT, collectors TEXT NOT NULL,
           second_factor INTEGER NOT NULL) WITHOUT ROWID""",
    ),
    (
        "ALTER TABLE visits ADD COLUMN low INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE compartments ADD COLUMN count INTEGER",
        "ALTER TABLE compartments ADD COLUMN booked TEXT",
        "ALTER TABLE slips ADD COLUMN count INTEGER",
        "ALTER TABLE slips ADD COLUMN detail TEXT NOT NULL DEFAULT ''",
        "CREATE TABLE waiting (receipt_number TEXT PRIMARY KEY, size TEXT NOT NULL, expires_at TEXT NOT NULL)",
        """CREATE TABLE trolley (case_number TEXT PRIMARY KEY, position INTEGER NOT NULL, size TEXT NOT NULL, due TEXT,
           low INTEGER NOT NULL, recipient_unknown INTEGER NOT NULL, planned INTEGER, visit TEXT)""",
    ),
    (
        """CREATE TABLE files (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
           media_type TEXT NOT NULL, state TEXT NOT NULL, submission TEXT NOT NULL, made_at TEXT NOT NULL,
           UNIQUE (sha256, submission))""",
        "CREATE INDEX files_needed ON files (state, sha256) WHERE state IN ('draft', 'wanted')",
    ),
    ("CREATE TABLE submissions (receipt_number TEXT PRIMARY KEY, manifest TEXT NOT NULL) WITHOUT ROWID",),
    (
        """CREATE TABLE blanks (number TEXT PRIMARY KEY, kind TEXT NOT NULL, place TEXT NOT NULL, tray TEXT,
           position INTEGER NOT NULL, job TEXT, certificate TEXT, reason TEXT) WITHOUT ROWID""",
        """CREATE TABLE print_jobs (id TEXT PRIMARY KEY, print_order TEXT NOT NULL, layout TEXT NOT NULL,
           certificate TEXT NOT NULL, stock TEXT, name TEXT NOT NULL UNIQUE, step TEXT NOT NULL, blank TEXT,
           number INTEGER, reason TEXT NOT NULL, changed_at TEXT NOT NULL) WITHOUT ROWID""",
        """CREATE INDEX print_jobs_open ON print_jobs (id)
           WHERE step IN ('requested', 'reserved', 'sending', 'sent', 'printed', 'unverified')""",
    ),
    (
        """CREATE TABLE stock_ranges (first TEXT PRIMARY KEY, last TEXT NOT NULL, kind TEXT NOT NULL,
           sheets INTEGER NOT NULL, staff TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE paper_rolls (number INTEGER PRIMARY KEY, length_mm INTEGER, printed_um INTEGER NOT NULL,
           cuts INTEGER NOT NULL, near_end_at_um INTEGER, out INTEGER NOT NULL, put_in TEXT, life TEXT NOT NULL,
           counted_um INTEGER NOT NULL, counted_cuts INTEGER NOT NULL)""",
        "CREATE TABLE paper_use (day TEXT PRIMARY KEY, um INTEGER NOT NULL) WITHOUT ROWID",
    ),
)
TABLES = (
    "meta",
    "outbox",
    "acks",
    "outbox_past",
    "compartments",
    "visits",
    "grants",
    "codes",
    "claims",
    "throttles",
    "inbox",
    "documents",
    "slips",
    "waiting",
    "trolley",
    "doors",
    "files",
    "submissions",
    "blanks",
    "stock_ranges",
    "print_jobs",
    "paper_rolls",
    "paper_use",
)


class NewerSchemaError(Exception):
    """The file was written by a newer version of this program."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to this version in one transaction.

    Raises:
        NewerSchemaError: it is ahead of this program.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise NewerSchemaError(f"schema {version}, this program knows {len(MIGRATIONS)}")
    if version == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    connection.execute("COMMIT")
