"""The ledger of blanks: rules by example, and a machine that tries everything while an independent clerk counts."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.core import stock
from edge.core.stock import Blank, Changed, Place
from edge.errors import StockRefusedError

TWO = ("A-1", "B-2")
KIND = "licence_original"


def _with(ledger: dict[str, Blank], changed: Changed | Blank) -> dict[str, Blank]:
    sheets = changed if isinstance(changed, tuple) else (changed,)
    return {**ledger, **{blank.number: blank for blank in sheets}}


def _tray_of(first: str, last: str) -> dict[str, Blank]:
    ledger = _with({}, stock.receive({}, KIND, first, last))
    return _with(ledger, stock.load(ledger, "1", KIND, first, last))


def test_numbers_keep_letters_and_leading_zeros() -> None:
    assert stock.numbers("京A0000998", "京A0001001") == ("京A0000998", "京A0000999", "京A0001000", "京A0001001")


@pytest.mark.parametrize(
    ("first", "last"),
    [("京A0002", "京A0001"), ("京A0001", "京B0002"), ("京A0001", "京A00002"), ("0001", "9999999"), ("A1", "A2"),
     ("", ""), ("A０００１", "A０００２"), ("0000", "5000")],
)  # fmt: skip
def test_what_is_no_range_is_refused(first: str, last: str) -> None:
    with pytest.raises(StockRefusedError, match="wrong_range"):
        stock.numbers(first, last)


def test_sheets_are_used_in_their_order_one_job_at_a_time() -> None:
    ledger = _tray_of("A0001", "A0003")
    first = stock.reserve(ledger, "1", KIND, UUID(int=1))
    assert first.number == "A0001"
    ledger = _with(ledger, first)
    with pytest.raises(StockRefusedError, match="in_use"):
        stock.reserve(ledger, "1", KIND, UUID(int=2))
    ledger = _with(ledger, stock.printed(ledger, UUID(int=1), "licence-1"))
    assert stock.reserve(ledger, "1", KIND, UUID(int=2)).number == "A0002"


def test_a_sheet_of_unknown_fate_stops_its_tray_until_somebody_has_looked() -> None:
    ledger = _tray_of("A0001", "A0002")
    ledger = _with(ledger, stock.reserve(ledger, "1", KIND, UUID(int=1)))
    ledger = _with(ledger, stock.unverified(ledger, UUID(int=1)))
    with pytest.raises(StockRefusedError, match="to_inspect"):
        stock.reserve(ledger, "1", KIND, UUID(int=2))
    ledger = _with(ledger, stock.void(ledger, "A0001", "jammed", TWO))
    assert stock.reserve(ledger, "1", KIND, UUID(int=2)).number == "A0002"


@pytest.mark.parametrize(
    ("reason", "step"),
    [
        ("known_number", lambda known: stock.receive(known, KIND, "A0003", "A0004")),
        ("not_in_store", lambda known: stock.load(known, "2", KIND, "A0001", "A0001")),
        ("unknown_number", lambda known: stock.load(known, "1", KIND, "A0004", "A0004")),
        ("wrong_stock", lambda known: stock.load(known, "1", "licence_copy", "B0001", "B0001")),
        ("wrong_stock", lambda known: stock.load(known, "2", "licence_copy", "C0001", "C0001")),
        ("out_of_order", lambda known: stock.load(known, "1", KIND, "C0005", "C0005")),
        ("wrong_stock", lambda known: stock.reserve(known, "1", "licence_copy", UUID(int=1))),
        ("tray_empty", lambda known: stock.reserve(known, "9", KIND, UUID(int=1))),
        ("not_held", lambda known: stock.printed(known, UUID(int=7), "x")),
        ("not_held", lambda known: stock.released(known, UUID(int=7))),
        ("not_to_inspect", lambda known: stock.found_blank(known, "A0001")),
        ("two_persons", lambda known: stock.void(known, "A0001", "torn", ("A-1", "A-1"))),
        ("two_persons", lambda known: stock.destroy(known, ["A0001"], ("A-1", ""))),
        ("no_reason", lambda known: stock.void(known, "A0001", " ", TWO)),
        ("not_voided", lambda known: stock.destroy(known, ["A0001"], TWO)),
        ("not_voided", lambda known: stock.destroy(known, [], TWO)),
    ],
)
def test_what_the_ledger_refuses(reason: str, step: object) -> None:
    ledger = _tray_of("A0001", "A0003")
    ledger = _with(ledger, stock.receive(ledger, "licence_copy", "B0001", "B0002"))
    ledger = _with(ledger, stock.receive(ledger, KIND, "C0001", "C0009"))
    assert callable(step)
    with pytest.raises(StockRefusedError) as refused:
        step(ledger)
    assert refused.value.reason == reason


def test_a_range_that_goes_on_may_be_loaded_behind_the_last_sheet() -> None:
    ledger = _tray_of("A0001", "A0002")
    ledger = _with(ledger, stock.receive(ledger, KIND, "A0003", "A0004"))
    ledger = _with(ledger, stock.load(ledger, "1", KIND, "A0003", "A0004"))
    ledger = _with(ledger, stock.void(ledger, "A0001", "torn", TWO))
    assert stock.reserve(ledger, "1", KIND, UUID(int=1)).number == "A0002"


class Clerk(RuleBasedStateMachine):
    """Any steps in any order. The clerk's own book: piles of numbers that a person would keep on a desk."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger: dict[str, Blank] = {}
        self.piles: dict[str, set[str]] = {name: set() for name in ("store", "tray", "printed", "void", "gone")}
        self.next, self.jobs = 1, 0
        self.held: str | None = None
        self.doubtful: str | None = None
        self.turn: list[str] = []
        self.certificates: dict[str, str] = {}

    def _move(self, number: str, source: str, target: str) -> None:
        self.piles[source].remove(number)
        self.piles[target].add(number)

    @rule(count=st.integers(1, 5))
    def receive(self, count: int) -> None:
        first, last = f"A{self.next:06}", f"A{self.next + count - 1:06}"
        self.ledger = _with(self.ledger, stock.receive(self.ledger, KIND, first, last))
        self.piles["store"] |= {f"A{self.next + at:06}" for at in range(count)}
        self.next += count

    @rule(data=st.data())
    @precondition(lambda self: self.piles["store"])
    def load(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.piles["store"])))
        follows = not self.turn or int(number[1:]) == int(self.turn[-1][1:]) + 1
        if self.doubtful or self.held or not follows:
            why = "to_inspect|in_use" if self.doubtful or self.held else "out_of_order"
            with pytest.raises(StockRefusedError, match=why):
                stock.load(self.ledger, "1", KIND, number, number)
            return
        self.ledger = _with(self.ledger, stock.load(self.ledger, "1", KIND, number, number))
        self._move(number, "store", "tray")
        self.turn.append(number)

    @rule()
    def reserve(self) -> None:
        if self.held or self.doubtful or not self.turn:
            with pytest.raises(StockRefusedError, match=r"in_use|to_inspect|tray_empty"):
                stock.reserve(self.ledger, "1", KIND, UUID(int=self.jobs + 1))
            return
        self.jobs += 1
        blank = stock.reserve(self.ledger, "1", KIND, UUID(int=self.jobs))
        assert blank.number == self.turn[0]
        self.ledger, self.held = _with(self.ledger, blank), blank.number

    @rule(fate=st.sampled_from(["printed", "unverified", "released"]))
    @precondition(lambda self: self.held)
    def end(self, fate: str) -> None:
        assert self.held is not None
        job = UUID(int=self.jobs)
        if fate == "printed":
            self.ledger = _with(self.ledger, stock.printed(self.ledger, job, f"c{self.jobs}"))
            self.certificates[f"c{self.jobs}"] = self.held
            self._move(self.turn.pop(0), "tray", "printed")
        elif fate == "unverified":
            self.ledger, self.doubtful = _with(self.ledger, stock.unverified(self.ledger, job)), self.held
        else:
            self.ledger = _with(self.ledger, stock.released(self.ledger, job))
        self.held = None

    @rule(found=st.sampled_from(["blank", "printed"]))
    @precondition(lambda self: self.doubtful)
    def inspect(self, found: str) -> None:
        assert self.doubtful is not None
        if found == "blank":
            self.ledger = _with(self.ledger, stock.found_blank(self.ledger, self.doubtful))
        else:
            self.ledger = _with(self.ledger, stock.found_printed(self.ledger, self.doubtful, f"c{self.jobs}"))
            self.certificates[f"c{self.jobs}"] = self.doubtful
            self._move(self.turn.pop(0), "tray", "printed")
        self.doubtful = None

    @rule(data=st.data())
    @precondition(lambda self: self.ledger)
    def void(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.ledger)))
        pile = next(name for name, pile in self.piles.items() if number in pile)
        if pile in {"void", "gone"} or number == self.held:
            with pytest.raises(StockRefusedError, match="not_voidable"):
                stock.void(self.ledger, number, "torn", TWO)
            return
        self.ledger = _with(self.ledger, stock.void(self.ledger, number, "torn", TWO))
        self._move(number, pile, "void")
        self.turn = [each for each in self.turn if each != number]
        self.doubtful = None if number == self.doubtful else self.doubtful

    @rule()
    @precondition(lambda self: self.piles["void"])
    def destroy(self) -> None:
        self.ledger = _with(self.ledger, stock.destroy(self.ledger, sorted(self.piles["void"]), TWO))
        self.piles["gone"] |= self.piles["void"]
        self.piles["void"] = set()

    @rule()
    def unload(self) -> None:
        if self.held or self.doubtful:
            with pytest.raises(StockRefusedError, match=r"in_use|to_inspect"):
                stock.unload(self.ledger, "1")
            return
        self.ledger = _with(self.ledger, stock.unload(self.ledger, "1"))
        for number in self.turn:
            self._move(number, "tray", "store")
        self.turn = []

    @invariant()
    def the_book_and_the_desk_agree(self) -> None:
        said = stock.count(self.ledger, KIND)
        assert said.balanced
        assert (said.in_store, said.in_tray, said.printed) == tuple(
            len(self.piles[name]) for name in ("store", "tray", "printed")
        )
        assert (said.voided, said.destroyed) == (len(self.piles["void"] | self.piles["gone"]), len(self.piles["gone"]))

    @invariant()
    def no_certificate_is_on_two_sheets_and_none_changes_its_sheet(self) -> None:
        for certificate, number in self.certificates.items():
            assert [blank.number for blank in self.ledger.values() if blank.certificate == certificate] == [number]

    @invariant()
    def only_a_held_sheet_is_reserved(self) -> None:
        assert [blank.number for blank in self.ledger.values() if blank.place is Place.RESERVED] == (
            [self.held] if self.held else []
        )


TestClerk = Clerk.TestCase
TestClerk.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
