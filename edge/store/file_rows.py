"""Which contents the station keeps, for which submission, and what is to become of them.

`draft`: of a visit that has not ended; nobody handed it in. `wanted`: handed in, to be sent to the hub. `verified`: the
hub said that it holds this content; the file goes. `lost`: the file is gone or damaged, which was told.
A content may belong to several submissions; its file stays as long as one row says `draft` or `wanted`.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Literal

from edge.store.rows import Rows

FileState = Literal["draft", "wanted", "verified", "lost"]
_STATES = ("draft", "wanted", "verified", "lost")


@dataclass(frozen=True, slots=True)
class FileRow:
    """One content of one submission."""

    sha256: str
    size: int
    media_type: str
    state: FileState
    submission: str


class FileRows(Rows):
    """Table `files`."""

    def add_file(self, sha256: str, size: int, media_type: str, submission: str, state: FileState = "draft") -> FileRow:
        """Keep a content for a submission; one that it has already stays as it is, unless this is wanted now."""
        known = self.file(sha256, submission)
        if known is not None and (known.state == state or known.state != "draft"):
            return known
        if known is not None:
            self._move(state, "sha256 = ? AND submission = ?", sha256, submission)
        else:
            self._put(
                "files",
                sha256=sha256,
                size=size,
                media_type=media_type,
                state=state,
                submission=submission,
                made_at=self._now().isoformat(),
            )
        return FileRow(sha256, size, media_type, state, submission)

    def file(self, sha256: str, submission: str) -> FileRow | None:
        """Return one, or None."""
        row = self._one("SELECT * FROM files WHERE sha256 = ? AND submission = ?", sha256, submission)
        return None if row is None else file_row_of(row)

    def files_of(self, submission: str) -> list[FileRow]:
        """Return those of a submission, in the order in which they came."""
        return [
            file_row_of(row) for row in self._all("SELECT * FROM files WHERE submission = ? ORDER BY id", submission)
        ]

    def want_files(self, submission: str) -> int:
        """A submission is made: its drafts are to be sent. Return how many."""
        return self._move("wanted", "submission = ? AND state = 'draft'", submission)

    def drop_draft(self, sha256: str, submission: str) -> bool:
        """Drop one draft; whether there was one. Its file is the shelf's to remove."""
        sql = "DELETE FROM files WHERE sha256 = ? AND submission = ? AND state = 'draft'"
        return self._connection.execute(sql, (sha256, submission)).rowcount > 0

    def drop_drafts(self, submission: str | None = None) -> list[str]:
        """Drop the drafts of a submission, or all; return their hashes. Their files are the shelf's to remove."""
        rows = self._all(
            "SELECT DISTINCT sha256 FROM files WHERE state = 'draft' AND submission = ifnull(?, submission)", submission
        )
        sql = "DELETE FROM files WHERE state = 'draft' AND submission = ifnull(?, submission)"
        self._connection.execute(sql, (submission,))
        return [row["sha256"] for row in rows]

    def wanted_files(self, limit: int = -1) -> list[FileRow]:
        """Return contents to send, oldest first, each once."""
        sql = "SELECT * FROM files WHERE state = 'wanted' GROUP BY sha256 ORDER BY min(id) LIMIT ?"
        return [file_row_of(row) for row in self._all(sql, limit)]

    def mark_file(self, sha256: str, state: Literal["verified", "lost"]) -> list[str]:
        """Record what became of a wanted content; return the submissions that it belongs to."""
        rows = self._all("SELECT submission FROM files WHERE sha256 = ? AND state = 'wanted' ORDER BY id", sha256)
        self._move(state, "sha256 = ? AND state = 'wanted'", sha256)
        return [row["submission"] for row in rows]

    def needs_file(self, sha256: str) -> bool:
        """Whether its file has to stay."""
        return self._one("SELECT 1 FROM files WHERE sha256 = ? AND state IN ('draft', 'wanted')", sha256) is not None

    def needed_files(self) -> set[str]:
        """Return the hashes of all files that have to stay."""
        rows = self._all("SELECT DISTINCT sha256 FROM files WHERE state IN ('draft', 'wanted')")
        return {row["sha256"] for row in rows}

    def _move(self, state: FileState, where: str, *values: str) -> int:
        # The conditions are those above, values are bound.
        sql = f"UPDATE files SET state = ? WHERE {where}"  # noqa: S608
        return self._connection.execute(sql, (state, *values)).rowcount


def file_row_of(row: sqlite3.Row) -> FileRow:
    """Read one row; `ValueError` when it holds what this program never wrote."""
    if row["state"] not in _STATES or len(bytes.fromhex(row["sha256"])) != 32:
        raise ValueError("not a file's row")
    return FileRow(row["sha256"], int(row["size"]), row["media_type"], row["state"], row["submission"])
