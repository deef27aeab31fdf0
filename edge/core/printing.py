"""One paper on its way out of a printer, as a persisted state: every step is committed before it is carried out.

Pure. A numbered sheet is printed at most once (facts on the domain, §2 and §9, 24 to 29; faults 34, 35): a job that may
have reached the printer is never sent again, and `printed` needs the printer's own count and, where there is a sensor
at the output, paper seen there. Whatever else happened is `unverified` and waits for a person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal
from uuid import UUID

from edge.core import printer_state, stock
from edge.core.stock import Blank, Changed, Ledger
from edge.errors import BugError
from edge.paper_ports import JobLook

_COUNTED = {None: "not_counted", 0: "without_paper"}


class PrintStep(StrEnum):
    """How far a job is. `taken`, `left` and `failed` are ends; after `failed` nothing of the paper exists."""

    REQUESTED = "requested"
    RESERVED = "reserved"
    SENDING = "sending"
    SENT = "sent"
    PRINTED = "printed"
    UNVERIFIED = "unverified"
    FAILED = "failed"
    TAKEN = "taken"
    LEFT = "left"


ENDS = frozenset({PrintStep.FAILED, PrintStep.TAKEN, PrintStep.LEFT})
Found = Literal["printed", "blank", "spoiled"]
"""What staff found when they looked at an unverified sheet."""


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One attempt at one order's paper. `name` is random and the job's name at the printer, `number` the printer's own.

    `blank` is the numbered sheet, None on plain paper; `reason` a code for what failed or is doubtful.
    """

    id: UUID
    order: UUID
    layout: str
    certificate: str
    stock: str | None
    name: str
    step: PrintStep = PrintStep.REQUESTED
    blank: str | None = None
    number: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PrintDecision:
    """What to commit together: the job as it is now, and the sheets that changed with it."""

    job: PrintJob
    blanks: Changed = ()


def reserve(job: PrintJob, ledger: Ledger, tray: str) -> PrintDecision:
    """Hold the tray's next sheet for the job; a job on plain paper holds none.

    Raises:
        StockRefusedError: as `stock.reserve`.
    """
    _must(job, PrintStep.REQUESTED)
    if job.stock is None:
        return PrintDecision(replace(job, step=PrintStep.RESERVED))
    sheet = stock.reserve(ledger, tray, job.stock, job.id)
    return PrintDecision(replace(job, step=PrintStep.RESERVED, blank=sheet.number), (sheet,))


def sending(job: PrintJob) -> PrintDecision:
    """From the commit of this on, the sheet may move."""
    _must(job, PrintStep.RESERVED)
    return PrintDecision(replace(job, step=PrintStep.SENDING))


def sent(job: PrintJob, number: int) -> PrintDecision:
    """The printer took the job and gave it a number, or knows it by its name."""
    _must(job, PrintStep.SENDING)
    return PrintDecision(replace(job, step=PrintStep.SENT, number=number))


def never_moved(job: PrintJob, ledger: Ledger, reason: str) -> PrintDecision:
    """It failed before anything reached the printer, or the printer refused it: the sheet is back on its tray."""
    _must(job, PrintStep.REQUESTED, PrintStep.RESERVED, PrintStep.SENDING)
    released = () if job.blank is None else (stock.released(ledger, job.id),)
    return PrintDecision(replace(job, step=PrintStep.FAILED, blank=None, reason=reason), released)


def doubt(job: PrintJob, ledger: Ledger, reason: str) -> PrintDecision:
    """It may have been printed; a person looks, and nothing is printed again."""
    _must(job, PrintStep.SENDING, PrintStep.SENT)
    held = () if job.blank is None else (stock.unverified(ledger, job.id),)
    return PrintDecision(replace(job, step=PrintStep.UNVERIFIED, reason=reason), held)


def trouble(reasons: tuple[str, ...]) -> str:
    """Return why a job cannot be believed any more, from the printer's words; empty for all that it may get over.

    A jam spoils a sheet that has a number, and the printer would use the next one for the same page.
    """
    return "jam" if printer_state.trouble(reasons) == "jam" else ""


def judge(look: JobLook | None, *, paper: bool | None, sensor: bool, patience_over: bool, troubled: str = "") -> str:
    """Return `printed`, `wait`, or the reason of a doubt.

    `look` is the printer's word of the job (None: it knows no such job), `paper` what the output's sensor saw since the
    job was sent (None: it was silent), `sensor` whether there is one, `patience_over` whether the wait has lasted,
    `troubled` what happened since that makes the printer's word worth nothing (`jam`, `was_away`).
    """
    if look is None:
        return "job_unknown"
    if troubled:
        return troubled
    if look.state in {"canceled", "aborted"}:
        return f"job_{look.state}"
    if look.state != "completed":
        return "too_long" if patience_over else "wait"
    if look.impressions != 1:
        return _COUNTED.get(look.impressions, "several_sheets")
    unseen = "sensor_silent" if paper is None else "no_paper_seen"
    return "printed" if paper or not sensor else (unseen if patience_over else "wait")


def printed(job: PrintJob, ledger: Ledger) -> PrintDecision:
    """The device gave evidence; the blank is bound to the certificate."""
    _must(job, PrintStep.SENT)
    used = () if job.blank is None else (stock.printed(ledger, job.id, job.certificate),)
    return PrintDecision(replace(job, step=PrintStep.PRINTED), used)


def handed_over(job: PrintJob, *, taken: bool) -> PrintDecision:
    """The paper was taken from the output, or lies there still when nobody is left who could take it."""
    _must(job, PrintStep.PRINTED)
    return PrintDecision(replace(job, step=PrintStep.TAKEN if taken else PrintStep.LEFT))


def decide(job: PrintJob, ledger: Ledger, found: Found, staff: tuple[str, str] | None = None) -> PrintDecision:
    """A person looked at an unverified sheet; a spoiled one is made void by two.

    Raises:
        StockRefusedError: as `stock.found_blank`, `stock.found_printed` and `stock.void`.
    """
    _must(job, PrintStep.UNVERIFIED)
    sheet = _looked_at(job, ledger, found, staff)
    if found == "printed":
        return PrintDecision(replace(job, step=PrintStep.PRINTED), sheet)
    reason = "found_blank" if found == "blank" else "spoiled"
    return PrintDecision(replace(job, step=PrintStep.FAILED, reason=reason), sheet)


def _looked_at(job: PrintJob, ledger: Ledger, found: Found, staff: tuple[str, str] | None) -> tuple[Blank, ...]:
    if job.blank is None:
        return ()
    if found == "printed":
        return (stock.found_printed(ledger, job.blank, job.certificate),)
    if found == "blank":
        return (stock.found_blank(ledger, job.blank),)
    return (stock.void(ledger, job.blank, "spoiled", staff or ("", "")),)


def _must(job: PrintJob, *steps: PrintStep) -> None:
    if job.step not in steps:
        raise BugError(f"a job that is {job.step}")
