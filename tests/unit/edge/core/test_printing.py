"""A paper on its way out: every step from every state, and what counts as evidence."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from edge.core import printing, stock
from edge.core.printing import PrintDecision, PrintJob, PrintStep, judge
from edge.core.stock import Blank, Place
from edge.errors import BugError, StockRefusedError
from edge.paper_ports import JobLook

KIND = "licence_original"
JOB = PrintJob(UUID(int=1), UUID(int=2), KIND, "91110101MA01ABCD0X", KIND, "nd-1")
TWO = ("A-1", "B-2")
DONE = JobLook("completed", (), 1)


def tray() -> dict[str, Blank]:
    ledger = {blank.number: blank for blank in stock.receive({}, KIND, "A0001", "A0002")}
    return ledger | {blank.number: blank for blank in stock.load(ledger, "tray-1", KIND, "A0001", "A0002")}


class Paper:
    """A job and the ledger, kept as a store would."""

    def __init__(self) -> None:
        self.job, self.ledger = JOB, tray()

    def keep(self, decision: PrintDecision) -> None:
        self.job = decision.job
        self.ledger |= {blank.number: blank for blank in decision.blanks}
        assert stock.count(self.ledger, KIND).balanced

    def sent(self) -> Paper:
        self.keep(printing.reserve(self.job, self.ledger, "tray-1"))
        self.keep(printing.sending(self.job))
        self.keep(printing.sent(self.job, 7))
        return self

    @property
    def sheet(self) -> Blank:
        return self.ledger["A0001"]


def test_a_printed_paper_binds_its_sheet_and_is_taken() -> None:
    paper = Paper().sent()
    paper.keep(printing.printed(paper.job, paper.ledger))
    assert (paper.sheet.place, paper.sheet.certificate) == (Place.PRINTED, JOB.certificate)
    paper.keep(printing.handed_over(paper.job, taken=True))
    assert paper.job.step is PrintStep.TAKEN


def test_what_never_moved_gives_its_sheet_back() -> None:
    paper = Paper()
    paper.keep(printing.reserve(paper.job, paper.ledger, "tray-1"))
    paper.keep(printing.sending(paper.job))
    paper.keep(printing.never_moved(paper.job, paper.ledger, "printer_refused"))
    assert (paper.job.step, paper.job.blank, paper.sheet.place) == (PrintStep.FAILED, None, Place.TRAY)


@pytest.mark.parametrize(
    ("found", "step", "place"),
    [
        ("printed", PrintStep.PRINTED, Place.PRINTED),
        ("blank", PrintStep.FAILED, Place.TRAY),
        ("spoiled", PrintStep.FAILED, Place.VOIDED),
    ],
)
def test_a_person_settles_a_doubt(found: printing.Found, step: PrintStep, place: Place) -> None:
    paper = Paper().sent()
    paper.keep(printing.doubt(paper.job, paper.ledger, "without_paper"))
    with pytest.raises(StockRefusedError, match="to_inspect"):
        stock.reserve(paper.ledger, "tray-1", KIND, UUID(int=9))
    paper.keep(printing.decide(paper.job, paper.ledger, found, TWO))
    assert (paper.job.step, paper.sheet.place) == (step, place)


def test_one_person_alone_spoils_nothing() -> None:
    paper = Paper().sent()
    paper.keep(printing.doubt(paper.job, paper.ledger, "without_paper"))
    for staff in (None, ("A-1", "A-1")):
        with pytest.raises(StockRefusedError, match="two_persons"):
            printing.decide(paper.job, paper.ledger, "spoiled", staff)


@pytest.mark.parametrize("step", [each for each in PrintStep if each is not PrintStep.RESERVED])
def test_nothing_is_sent_that_was_not_just_reserved(step: PrintStep) -> None:
    with pytest.raises(BugError):
        printing.sending(replace(JOB, step=step))


def test_plain_paper_holds_no_sheet() -> None:
    decision = printing.reserve(replace(JOB, stock=None), {}, "tray-1")
    assert (decision.job.step, decision.job.blank, decision.blanks) == (PrintStep.RESERVED, None, ())


@pytest.mark.parametrize(
    ("look", "paper", "sensor", "over", "word"),
    [
        (DONE, None, False, False, "printed"),
        (DONE, True, True, False, "printed"),
        (DONE, False, True, False, "wait"),
        (DONE, False, True, True, "no_paper_seen"),
        (DONE, None, True, True, "sensor_silent"),
        (JobLook("completed", (), 0), True, True, False, "without_paper"),
        (JobLook("completed", (), None), True, True, False, "not_counted"),
        (JobLook("completed", (), 2), True, True, False, "several_sheets"),
        (JobLook("aborted", (), 0), None, False, False, "job_aborted"),
        (JobLook("canceled", (), 0), None, False, True, "job_canceled"),
        (JobLook("stopped", (), 0), None, False, False, "wait"),
        (JobLook("processing", (), 1), True, True, True, "too_long"),
        (None, True, True, False, "job_unknown"),
    ],
)
def test_evidence(look: JobLook | None, paper: bool | None, sensor: bool, over: bool, word: str) -> None:
    assert judge(look, paper=paper, sensor=sensor, patience_over=over) == word
