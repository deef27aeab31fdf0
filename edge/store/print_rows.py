"""Jobs of the licence printer, each at most once on paper; see `edge/core/printing.py`."""

from __future__ import annotations

import sqlite3
from uuid import UUID

from edge.core.printing import PrintDecision, PrintJob, PrintStep
from edge.store.blanks import Blanks


class PrintRows(Blanks):
    """Table `print_jobs`."""

    def print_job(self, job: UUID) -> PrintJob | None:
        """Return one, or None."""
        row = self._one("SELECT * FROM print_jobs WHERE id = ?", str(job))
        return None if row is None else _job(row)

    def jobs_of_order(self, order: UUID) -> list[PrintJob]:
        """Return every attempt at an order's paper."""
        return [_job(row) for row in self._all("SELECT * FROM print_jobs WHERE print_order = ?", str(order))]

    def open_print_jobs(self) -> list[PrintJob]:
        """Return those that are not over."""
        steps = "('requested', 'reserved', 'sending', 'sent', 'printed', 'unverified')"
        return [_job(row) for row in self._all(f"SELECT * FROM print_jobs WHERE step IN {steps} ORDER BY id")]  # noqa: S608  our words

    def carry_out_print(self, decision: PrintDecision) -> None:
        """Write a job and the sheets that changed with it."""
        job = decision.job
        self.save_blanks(decision.blanks)
        self._put(
            "print_jobs",
            id=str(job.id),
            print_order=str(job.order),
            layout=job.layout,
            certificate=job.certificate,
            stock=job.stock,
            name=job.name,
            step=job.step.value,
            blank=job.blank,
            number=job.number,
            reason=job.reason,
            changed_at=self._now().isoformat(),
        )


def _job(row: sqlite3.Row) -> PrintJob:
    return PrintJob(
        id=UUID(row["id"]),
        order=UUID(row["print_order"]),
        layout=row["layout"],
        certificate=row["certificate"],
        stock=row["stock"],
        name=row["name"],
        step=PrintStep(row["step"]),
        blank=row["blank"],
        number=row["number"],
        reason=row["reason"],
    )
