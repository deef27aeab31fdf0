"""Submissions that nobody has handed in yet, each with the hash of its list (a draft among the files)."""

from __future__ import annotations

from edge.store.rows import Rows


class SubmissionRows(Rows):
    """Table `submissions`."""

    def submissions(self) -> list[tuple[str, str]]:
        """Return the receipt number and the manifest's hash of each."""
        rows = self._all("SELECT receipt_number, manifest FROM submissions ORDER BY receipt_number")
        return [(row["receipt_number"], row["manifest"]) for row in rows]

    def save_submission(self, receipt_number: str, manifest: str) -> None:
        """Begin one, or have it name another list."""
        self._put("submissions", receipt_number=receipt_number, manifest=manifest)

    def forget_submission(self, receipt_number: str) -> None:
        """It was handed in, or dropped."""
        self._connection.execute("DELETE FROM submissions WHERE receipt_number = ?", (receipt_number,))
