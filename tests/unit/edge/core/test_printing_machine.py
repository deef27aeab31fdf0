"""Orders, kills, liars and jams in any order, searched by hypothesis: one paper for each order, every sheet counted.

The world here is a pile of sheets and a printer with jobs; the rules of `edge/core/printing.py` never see it, only what
the printer and the output's sensor say of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.core import printing, stock
from edge.core.printing import PrintDecision, PrintJob, PrintStep
from edge.core.stock import Blank, Place
from edge.errors import StockRefusedError
from edge.paper_ports import JobLook

KIND, TRAY, ORDERS = "licence_original", "tray-1", 3
STAFF = ("B-1", "B-2")
OUT = {PrintStep.PRINTED, PrintStep.TAKEN, PrintStep.LEFT}
PILE = stock.numbers("A0001", "A0009")


@dataclass
class AtPrinter:
    """What the printer has of a job: `state`, sheets of it by number, whether the sensor was passed."""

    state: str = "processing"
    sheets: tuple[str, ...] = ()
    spoiled: tuple[str, ...] = ()
    counted: int | None = 0


class Papers(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        received = {each.number: each for each in stock.receive({}, KIND, PILE[0], PILE[-1])}
        loaded = stock.load(received, TRAY, KIND, PILE[0], PILE[-1])
        self.ledger: dict[str, Blank] = {each.number: each for each in loaded}
        self.pile, self.jobs, self.printer = list(PILE), list[PrintJob](), dict[str, AtPrinter]()

    def keep(self, decision: PrintDecision) -> None:
        self.ledger |= {blank.number: blank for blank in decision.blanks}
        self.jobs = [each for each in self.jobs if each.id != decision.job.id] + [decision.job]

    def now(self, *steps: PrintStep) -> PrintJob | None:
        return next((each for each in self.jobs if each.step in steps), None)

    @rule(order=st.integers(1, ORDERS))
    def somebody_asks(self, order: int) -> None:
        tried = [each.step for each in self.jobs if each.order == UUID(int=order)]
        if any(step is not PrintStep.FAILED for step in tried):
            return
        name = f"nd-{len(self.jobs)}"
        job = PrintJob(UUID(int=100 + len(self.jobs)), UUID(int=order), KIND, f"C-{order}", KIND, name)
        before = dict(self.ledger)
        try:
            self.keep(printing.reserve(job, self.ledger, TRAY))
        except StockRefusedError:
            assert self.ledger == before

    @precondition(lambda self: self.now(PrintStep.RESERVED))
    @rule(arrives=st.booleans(), answer=st.sampled_from(["number", "silence"]))
    def it_is_sent(self, arrives: bool, answer: str) -> None:
        job = self.now(PrintStep.RESERVED)
        assert job is not None
        self.keep(printing.sending(job))
        sending = self.now(PrintStep.SENDING)
        assert sending is not None
        if arrives:
            self.printer[job.name] = AtPrinter()
        if not arrives and answer == "number":
            self.keep(printing.never_moved(sending, self.ledger, "refused"))
        elif answer == "number":
            self.keep(printing.sent(sending, 1))

    @rule()
    def the_station_starts_anew(self) -> None:
        reserved, sending = self.now(PrintStep.RESERVED), self.now(PrintStep.SENDING)
        if reserved is not None:
            self.keep(printing.never_moved(reserved, self.ledger, "restarted"))
        if sending is not None and sending.name in self.printer:
            self.keep(printing.sent(sending, 1))
        elif sending is not None:
            self.keep(printing.doubt(sending, self.ledger, "not_answered"))

    @rule(what=st.sampled_from(["sheet", "sheet", "nothing", "uncounted", "jam", "aborted"]))
    def the_printer_works(self, what: str) -> None:
        for at in self.printer.values():
            if at.state != "processing" or not self.pile:
                continue
            if what == "jam":
                at.spoiled += (self.pile.pop(0),)
                at.state = "stopped"
                return
            at.state = "aborted" if what == "aborted" else "completed"
            at.counted = {"uncounted": None, "aborted": 0}.get(what, 1)
            if what in {"sheet", "uncounted"}:
                at.sheets += (self.pile.pop(0),)
            return

    @rule()
    def the_printer_forgets(self) -> None:
        for at in self.printer.values():
            if at.state == "completed":
                at.state = "forgotten"

    @precondition(lambda self: self.now(PrintStep.SENT))
    @rule(patience_over=st.booleans(), sensor=st.just(value=True))
    def the_station_looks(self, patience_over: bool, sensor: bool) -> None:
        job = self.now(PrintStep.SENT)
        assert job is not None
        at = self.printer[job.name]
        look = None if at.state == "forgotten" else JobLook(at.state, (), at.counted)  # type: ignore[arg-type]  # words of the world
        jammed = ("media-jam-error",) if at.spoiled else ()
        word = printing.judge(
            look, paper=bool(at.sheets), sensor=sensor, patience_over=patience_over, troubled=printing.trouble(jammed)
        )
        if word == "printed":
            self.keep(printing.printed(job, self.ledger))
        elif word != "wait":
            at.state = "canceled" if at.state in {"processing", "stopped"} else at.state
            self.keep(printing.doubt(job, self.ledger, word))

    @precondition(lambda self: self.now(PrintStep.UNVERIFIED))
    @rule()
    def staff_look_at_the_sheet(self) -> None:
        job = self.now(PrintStep.UNVERIFIED)
        assert job is not None
        at = self.printer.get(job.name, AtPrinter("canceled"))
        if at.state == "processing":
            at.state = "canceled"  # dropped at the printer before anything is called blank
        found: printing.Found = "printed" if at.sheets else "spoiled" if at.spoiled else "blank"
        self.keep(printing.decide(job, self.ledger, found, STAFF))

    @precondition(lambda self: self.now(PrintStep.PRINTED))
    @rule(taken=st.booleans())
    def it_is_handed_over(self, taken: bool) -> None:
        job = self.now(PrintStep.PRINTED)
        assert job is not None
        self.keep(printing.handed_over(job, taken=taken))

    @invariant()
    def no_order_has_two_papers(self) -> None:
        for order in range(1, ORDERS + 1):
            tried = [each for each in self.jobs if each.order == UUID(int=order)]
            sheets = [sheet for each in tried for sheet in self.printer.get(each.name, AtPrinter()).sheets]
            assert len(sheets) <= 1
            assert sum(each.step in OUT for each in tried) <= 1

    @invariant()
    def a_certificate_is_bound_to_the_sheet_that_it_is_on(self) -> None:
        for job in self.jobs:
            if job.step in OUT:
                assert self.printer[job.name].sheets == (job.blank,)
                assert job.blank is not None
                assert self.ledger[job.blank].certificate == job.certificate

    @invariant()
    def every_sheet_is_counted(self) -> None:
        assert stock.count(self.ledger, KIND).balanced
        assert sorted(self.ledger) == list(PILE)
        held = {each.job for each in self.ledger.values() if each.place in {Place.RESERVED, Place.TO_INSPECT}}
        steps = {PrintStep.RESERVED, PrintStep.SENDING, PrintStep.SENT, PrintStep.UNVERIFIED}
        assert held == {each.id for each in self.jobs if each.step in steps}


def test_a_printer_that_counts_what_never_came_would_be_noticed() -> None:
    """The machine's own judge: believing the count without the sensor makes a paper of nothing."""
    papers = Papers()
    papers.somebody_asks(1)
    papers.it_is_sent(arrives=True, answer="number")
    papers.the_printer_works("nothing")
    job = papers.now(PrintStep.SENT)
    assert job is not None
    papers.keep(printing.printed(job, papers.ledger))
    try:
        papers.a_certificate_is_bound_to_the_sheet_that_it_is_on()
    except AssertionError:
        return
    raise AssertionError("a paper of nothing went by")


TestPapers = Papers.TestCase
TestPapers.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
