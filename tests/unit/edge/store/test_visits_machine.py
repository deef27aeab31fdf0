"""Citizens, staff, doors, crashes and clocks in any order: no door opens without a grant, nobody's things are mixed.

Real core, real SQLite file. The cabinet is a model of steel: a door opens by a pulse, by force, or not at all; hands
reach inside only while it is open. Two visits may run at once here, which is more than one kiosk allows. One thing is
assumed of people: nobody opens, uses and shuts a door between two polls of a running edge. A dead one sees nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from contract.events import Purpose
from contract.ids import new_receipt_number
from edge.core import advance, clear, codes, deposit, load, pickup, service
from edge.core.compartment import Allocation, Item, choose
from edge.core.throttle import LOCKED_SECONDS, WRONG_TRIES, compartment_key
from edge.core.visit import (
    Answer,
    Cancelled,
    Confirmed,
    Decision,
    Idle,
    OtherDoorOpened,
    SensorContradicted,
    Step,
    UnlockFailed,
    Visit,
)
from edge.errors import LockedOutError, NoneFitsError
from edge.ports import Door
from edge.store.transaction import Transaction
from tests.unit.edge.store.cabinet import NUMBERS, Station

KEY = b"k" * 32
RANDOM = random.Random(20261124)
numbers = st.sampled_from(NUMBERS)
TROUBLES = ("force", "jam", "blind", "clock", "give up", "other door", "crash", "used while dead")
seldom = st.sampled_from([False] * 7 + [True])


class Cabinet(Station):
    # -- people -----------------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self._visits()) < 2)
    @rule(crash=seldom)
    def citizen_hands_in(self, crash: bool) -> None:
        receipt, boot = new_receipt_number(RANDOM.randrange), self._do(lambda tx: tx.boot)

        def begin(tx: Transaction) -> Decision:
            chosen = choose(tx.compartments(), self._doors(), "s")
            assert not self.leaves[chosen.number].inside, "somebody's things lie in a compartment given to another"
            door = self.leaves[chosen.number].read
            return deposit.begin(uuid4(), chosen, door, uuid4(), receipt_number=receipt, boot=boot)

        try:
            self._commit(begin, crash=crash)
        except NoneFitsError:
            assert not any(
                each.allocation is Allocation.FREE
                and each.visit is None
                and each.in_service
                and self.leaves[number].read is Door.CLOSED
                for number, each in self._compartments().items()
            )

    @precondition(lambda self: len(self._visits()) < 2)
    @rule(crash=seldom)
    def staff_loads(self, crash: bool) -> None:
        self.cases += 1
        item, boot = Item("0" * 31 + "20261124" + f"{self.cases:04d}"), self._do(lambda tx: tx.boot)

        def begin(tx: Transaction) -> Decision:
            chosen = choose(tx.compartments(), self._doors(), "s")
            assert not self.leaves[chosen.number].inside
            door = self.leaves[chosen.number].read
            return load.begin(uuid4(), chosen, door, uuid4(), item=item, staff="B1", boot=boot)

        try:
            self._commit(begin, crash=crash)
        except NoneFitsError:
            return

    @precondition(lambda self: self.digits)
    @rule(number=numbers, right=st.booleans(), crash=seldom)
    def recipient_types(self, number: int, right: bool, crash: bool) -> None:
        compartment = self._compartments()[number]
        code = self._do(lambda tx: tx.code(number))
        if code is None or compartment.allocation is not Allocation.OCCUPIED or compartment.visit is not None:
            return
        if not compartment.in_service:
            return
        typed = self.digits[number] if right else "x"
        try:
            if not self._do(lambda tx: self._fits(tx, number, typed)):
                return
        except LockedOutError:
            assert self.locked_until.get(number, 0) > self.elapsed, "locked out for nothing"
            return
        assert right
        assert self.locked_until.get(number, 0) <= self.elapsed, "a lock-out was cut short"
        receipt = new_receipt_number(RANDOM.randrange)

        def begin(tx: Transaction) -> Decision:
            return pickup.begin(uuid4(), tx.compartment(number), uuid4(), receipt_number=receipt, boot=tx.boot)

        self._commit(begin, crash=crash)

    def _fits(self, tx: Transaction, number: int, typed: str) -> bool:
        throttle, now = tx.throttle(compartment_key(number)), self.clock.monotonic()
        throttle.check(now)
        code = tx.code(number)
        if code is not None and code.fits(KEY, typed):
            tx.save_throttle(throttle.passed())
            return True
        failed = throttle.failed(now)
        tx.save_throttle(failed)
        if len(failed.wrong) >= WRONG_TRIES:
            self.locked_until[number] = self.elapsed + LOCKED_SECONDS
        return False

    @rule(number=numbers, inspect=st.booleans(), crash=seldom)
    def staff_empties(self, number: int, inspect: bool, crash: bool) -> None:
        compartment = self._compartments()[number]
        doubtful = compartment.allocation is Allocation.DOUBTFUL or not compartment.in_service
        if compartment.visit is not None or not (
            doubtful if inspect else compartment.allocation is Allocation.OCCUPIED
        ):
            return
        kind: clear.Kind = Purpose.INSPECT if inspect else Purpose.CLEAR
        self._commit(
            lambda tx: clear.begin(uuid4(), tx.compartment(number), uuid4(), kind=kind, staff="B1", boot=tx.boot),
            crash=crash,
        )

    @rule(number=numbers, release=st.booleans(), crash=seldom)
    def technician_opens(self, number: int, release: bool, crash: bool) -> None:
        """Tests a free compartment, or two persons release any: the coil, or the emergency key behind a jammed bolt."""
        compartment = self._compartments()[number]
        if compartment.visit is not None or not (release or compartment.allocation is Allocation.FREE):
            return

        def begin(tx: Transaction) -> Decision:
            found = tx.compartment(number)
            if not release:
                return service.begin_test(uuid4(), found, uuid4(), staff="B1", boot=tx.boot)
            return service.begin_release(
                uuid4(), found, uuid4(), staff="B1", witness="B2", reason="jammed", boot=tx.boot
            )

        self._commit(begin, crash=crash)

    @precondition(lambda self: self._visits())
    @rule(which=st.integers(0, 1))
    def emergency_key_turns(self, which: int) -> None:
        released = [each for each in self._visits() if each.witness is not None and each.step is Step.OPENING]
        if released:
            self.leaves[released[which % len(released)].compartment].open = True
            self._poll()

    @precondition(lambda self: self._visits())
    @rule(which=st.integers(0, 1), crash=seldom)
    def sensor_is_not_believed(self, which: int, crash: bool) -> None:
        visits = self._visits()
        visit = visits[which % len(visits)]
        self._commit(
            lambda tx: advance.advance(visit, tx.compartment(visit.compartment), SensorContradicted()), crash=crash
        )

    @rule(number=numbers)
    def sensor_flickers(self, number: int) -> None:
        if self._compartments()[number].visit is not None:
            return

        def work(tx: Transaction) -> None:
            judged, events = advance.contradicted(tx.compartment(number), "flapping")
            tx.save(judged)
            for each in events:
                tx.emit(each)

        self._do(work)
        after = self._compartments()[number]
        assert after.allocation is Allocation.DOUBTFUL
        assert not after.in_service

    @precondition(lambda self: self._visits())
    @rule(which=st.integers(0, 1), nothing=seldom)
    def person_goes_through(self, which: int, nothing: bool) -> None:
        """As it should be: hand in or out, shut the door, answer."""
        visits = self._visits()
        visit = visits[which % len(visits)]
        leaf = self.leaves[visit.compartment]
        if not leaf.open or leaf.blind:
            return
        self._poll()
        if visit.kind is Purpose.DEPOSIT and not nothing:
            leaf.inside.append("paper")
        leaf.open = False
        self._poll()
        self.person_answers(Answer.NOTHING if nothing else Answer.CONFIRMED, False, which)

    @precondition(lambda self: self._visits())
    @rule(answer=st.sampled_from(list(Answer)), crash=seldom, which=st.integers(0, 1))
    def person_answers(self, answer: Answer, crash: bool, which: int) -> None:
        closed = [visit for visit in self._visits() if visit.step is Step.CLOSED]
        if not closed:
            return
        visit = closed[which % len(closed)]
        leaf = self.leaves[visit.compartment]
        if answer is Answer.LEFT and visit.kind not in (Purpose.INSPECT, Purpose.SERVICE):
            return
        if visit.kind in (Purpose.CLEAR, Purpose.INSPECT, Purpose.SERVICE) and answer is not Answer.LEFT:
            leaf.inside.clear()
        if visit.kind is Purpose.LOAD:
            # Staff tells the truth: what is said to be inside is inside, and the other way round.
            leaf.inside[:] = ["certificate"] if answer is Answer.CONFIRMED else []
        if visit.kind is Purpose.PICKUP and answer is Answer.CONFIRMED:
            leaf.inside.clear()
        self._confirm(visit, answer, crash=crash)

    def _confirm(self, visit: Visit, answer: Answer, *, crash: bool) -> None:
        number = visit.compartment
        if visit.kind in (Purpose.CLEAR, Purpose.INSPECT, Purpose.LOAD, Purpose.SERVICE):
            self.words[number] = "staff"
        elif visit.kind is Purpose.PICKUP and answer is Answer.CONFIRMED:
            self.words[number] = "collected"

        def work(tx: Transaction) -> Decision:
            if visit.kind is Purpose.LOAD and answer is Answer.CONFIRMED:
                digits, code = codes.draw(KEY, number, visit.case_number or "", tx.codes(), RANDOM.randrange)
                tx.save_code(code)
                self.digits[number] = digits
            return advance.advance(visit, tx.compartment(number), Confirmed(answer))

        self._commit(work, crash=crash)

    @precondition(lambda self: self._visits())
    @rule(which=st.integers(0, 1), crash=seldom)
    def person_wants_it_open_again(self, which: int, crash: bool) -> None:
        again = [visit for visit in self._visits() if visit.may_reopen]
        if again:
            visit = again[which % len(again)]
            self._commit(lambda tx: advance.reopen(visit, tx.compartment(visit.compartment), uuid4()), crash=crash)

    # -- the station's patience and the world -----------------------------------------------------------------------

    @precondition(lambda self: self._visits())
    @rule(which=st.integers(0, 1), crash=seldom)
    def door_did_not_open_in_time(self, which: int, crash: bool) -> None:
        waiting = [visit for visit in self._visits() if visit.step is Step.OPENING]
        if not waiting:
            return
        visit = waiting[which % len(waiting)]

        def work(tx: Transaction) -> Decision:
            given = UnlockFailed(self.leaves[visit.compartment].read)
            decision = advance.advance(visit, tx.compartment(visit.compartment), given)
            if not decision.another:
                return decision
            tx.carry_out(decision)
            try:
                other = choose(tx.compartments(), self._doors(), "s")
            except NoneFitsError:
                return advance.give_up(decision.visit)
            assert not self.leaves[other.number].inside
            return advance.move_to(decision.visit, other, self.leaves[other.number].read, uuid4())

        self._commit(work, crash=crash)

    @rule(number=numbers, what=st.sampled_from(TROUBLES))
    def trouble(self, number: int, what: str) -> None:
        _TROUBLES[what](self, number)

    @rule(number=numbers, what=st.sampled_from(["put", "take", "shut", "shut"]))
    def hand_at_a_door(self, number: int, what: str) -> None:
        leaf = self.leaves[number]
        self._poll()
        if leaf.open and what == "put":
            leaf.inside.append("paper")
        elif leaf.open and what == "take":
            leaf.inside.clear()
        elif what == "shut":
            leaf.open = False
            self._poll()

    def _force(self, number: int) -> None:
        self.leaves[number].open = True
        self._poll()

    def _jam(self, number: int) -> None:
        self.leaves[number].jammed = not self.leaves[number].jammed

    def _blind(self, number: int) -> None:
        self._poll()
        self.leaves[number].blind = not self.leaves[number].blind
        self._poll()

    def _clock_jumps(self, number: int) -> None:
        self.clock.jump((-86_400.0, 86_400.0, -1.8e9)[number % 3])

    def _give_up(self, number: int) -> None:
        for visit in self._visits():
            door = self.leaves[visit.compartment].read
            self._give(visit, Idle(door) if number % 2 else Cancelled(door))

    def _other_door(self, number: int) -> None:
        """A neighbour springs open in place of the door that was asked."""
        visits = self._visits()
        if not visits or number in {visit.compartment for visit in visits}:
            return
        visit = visits[0]
        self.leaves[number].open = True
        self.tainted.add(number)
        given = OtherDoorOpened(self._compartments()[number], self.leaves[visit.compartment].read)
        self._give(visit, given)

    @rule(seconds=st.sampled_from([1.0, 60.0, 899.0, 901.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.wait(seconds)
        self.elapsed += seconds

    # -- what must hold ---------------------------------------------------------------------------------------------

    @invariant()
    def nobody_shares(self) -> None:
        held = [each.visit for each in self._compartments().values() if each.visit is not None]
        visits = self._visits()
        assert sorted(map(str, held)) == sorted(str(visit.id) for visit in visits)

    @invariant()
    def freed_by_words_alone(self) -> None:
        now = self._compartments()
        for number, each in now.items():
            if each.allocation is Allocation.FREE:
                if self.before[number].allocation is not Allocation.FREE and number in self.tainted:
                    assert self.words.get(number) in ("staff", "collected"), "freed by time alone"
                if self.before[number].allocation is not Allocation.FREE:
                    self.tainted.discard(number)
            if each.allocation is not self.before[number].allocation:
                self.words.pop(number, None)
        self.before = now

    @invariant()
    def numbers_have_no_gap(self) -> None:
        row = self._do(lambda tx: tx._one("SELECT count(*), min(seq), max(seq) FROM outbox"))
        assert row is not None
        assert (row[1], row[0]) == (1, row[2])


_TROUBLES: dict[str, Callable[[Cabinet, int], None]] = {
    "force": Cabinet._force,
    "jam": Cabinet._jam,
    "blind": Cabinet._blind,
    "clock": Cabinet._clock_jumps,
    "give up": Cabinet._give_up,
    "other door": Cabinet._other_door,
    "crash": lambda cabinet, _: cabinet._crash(),
    "used while dead": Cabinet._used_while_dead,
}
Cabinet.TestCase.settings = settings(
    max_examples=100, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
TestCabinet = Cabinet.TestCase
