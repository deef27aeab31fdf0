"""The send window against a network that loses, repeats and reorders, and against a hub that will not answer."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.envelope import BATCH_BYTES, BATCH_EVENTS, WINDOW_BATCHES
from edge.uplink.window import RESEND_MAX_S, Batch, Fetch, Window

T = TypeVar("T")
Ack = tuple[int, int, tuple[tuple[int, int], ...]]


@dataclass
class Hub:
    """Commits what arrives, whatever the order; answers with `through`, `seen`, and gaps older than two seconds."""

    poison: frozenset[int] = frozenset()
    answers: bool = True
    busy_s: float = 0.0
    free_at: float = 0.0
    held: set[int] = field(default_factory=set)
    through: int = 0
    gap_since: float | None = None
    told: float = 0.0

    def receive(self, seqs: tuple[int, ...], now: float) -> Ack | None:
        if not self.answers or self.poison & set(seqs):
            return None
        self.held |= set(seqs)
        return self.ack(now)

    def unasked(self, now: float) -> Ack | None:
        """Report a gap by itself when it is two seconds old, as the ingest does."""
        if not self.answers or self.gap_since in {None, self.told} or now - (self.gap_since or now) < 2:
            return None
        self.told = self.gap_since or now
        return self.ack(now)

    def ack(self, now: float) -> Ack:
        while self.through + 1 in self.held:
            self.through += 1
        seen = max(self.held, default=0)
        if seen == self.through:
            self.gap_since = None
        elif self.gap_since is None:
            self.gap_since = now
        old = self.gap_since is not None and now - self.gap_since >= 2
        return self.through, seen, tuple(self.gaps(seen)) if old else ()

    def gaps(self, seen: int) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for seq in range(self.through + 1, seen):
            if seq in self.held:
                continue
            if found and found[-1][1] == seq - 1:
                found[-1] = (found[-1][0], seq)
            else:
                found.append((seq, seq))
        return found[:100]


@dataclass
class Trial:
    """A window, a hub and the path between, in simulated time."""

    window: Window
    hub: Hub
    chance: random.Random
    loss: float = 0.0
    delay: float = 0.05
    size: Callable[[int], int] = lambda _seq: 300
    now: float = 100.0
    wire: list[tuple[float, tuple[int, ...]]] = field(default_factory=list)
    back: list[tuple[float, Ack]] = field(default_factory=list)
    sent: list[tuple[int, ...]] = field(default_factory=list)

    def step(self, seconds: float = 0.25) -> None:
        self.now += seconds
        for at, seqs in self._arrived(self.wire):
            if self.hub.busy_s:
                self.hub.free_at = max(self.hub.free_at, at) + self.hub.busy_s
            answer = self.hub.receive(seqs, self.now)
            if answer is not None:
                self._carry(self.back, answer, max(0.0, self.hub.free_at - self.now))
        told = self.hub.unasked(self.now)
        if told is not None:
            self._carry(self.back, told)
        for _, (through, seen, missing) in self._arrived(self.back):
            self.window.acknowledged(through, seen, missing, self.now)
        self.send()

    def send(self) -> None:
        while (todo := self.window.plan(self.now)) is not None:
            batch = todo if isinstance(todo, Batch) else self._form(todo)
            if batch is None:
                continue
            assert len(self.window.in_flight) <= WINDOW_BATCHES
            assert 1 <= len(batch.seqs) <= BATCH_EVENTS
            assert list(batch.seqs) == sorted(batch.seqs)
            assert len(batch.seqs) == 1 or sum(map(self.size, batch.seqs)) < BATCH_BYTES
            self.window.sent(batch, self.now)
            self.sent.append(batch.seqs)
            self._carry(self.wire, batch.seqs)

    def run(self, seconds: float) -> None:
        for _ in range(int(seconds / 0.25)):
            self.step()

    def _form(self, fetch: Fetch) -> Batch | None:
        assert fetch.first <= fetch.last
        numbers = range(fetch.first, min(fetch.last, fetch.first + fetch.limit - 1) + 1)
        return self.window.form(fetch, [(seq, self.size(seq)) for seq in numbers], self.now)

    def _carry(self, path: list[tuple[float, T]], what: T, later: float = 0.0) -> None:
        for _ in range(2 if self.chance.random() < self.loss else 1):
            if self.chance.random() >= self.loss:
                path.append((self.now + later + self.chance.random() * self.delay, what))

    def _arrived(self, path: list[tuple[float, T]]) -> list[tuple[float, T]]:
        ripe = sorted((item for item in path if item[0] <= self.now), key=lambda item: item[0])
        path[:] = [item for item in path if item[0] > self.now]
        return ripe


def trial(
    last_seq: int,
    *,
    seed: int = 1,
    acked: int = 0,
    hub: Hub | None = None,
    loss: float = 0.0,
    delay: float = 0.05,
    size: Callable[[int], int] = lambda _seq: 300,
) -> Trial:
    hub = hub or Hub(held=set(range(1, acked + 1)))
    return Trial(Window(acked, last_seq), hub, random.Random(seed), loss=loss, delay=delay, size=size)


def test_a_backlog_leaves_in_seq_order_in_full_batches_eight_at_a_time() -> None:
    run = trial(1000)
    run.send()
    assert [len(seqs) for seqs in run.sent] == [50] * 8
    run.run(10)
    assert [seq for seqs in run.sent for seq in seqs] == list(range(1, 1001))
    assert run.window.acked_through == 1000
    assert run.window.next_due() is None


def test_a_batch_holds_at_most_64_kib_and_a_huge_row_travels_alone() -> None:
    run = trial(20, size=lambda seq: 80_000 if seq == 7 else 20_000)
    run.run(5)
    assert run.sent[:3] == [(1, 2, 3), (4, 5, 6), (7,)]
    assert run.window.acked_through == 20


def test_resends_grow_from_five_to_thirty_seconds_while_nobody_answers() -> None:
    run = trial(1, hub=Hub(answers=False))
    run.window.hub_ready = False
    times = []
    for _ in range(int(130 / 0.25)):
        before = len(run.sent)
        run.step()
        times += [run.now] * (len(run.sent) - before)
    assert [round(later - earlier) for earlier, later in itertools.pairwise(times)] == [5, 10, 20, 30, 30, 30]


@pytest.mark.parametrize("news", ["wake", "reconnected"])
def test_a_new_hub_or_connection_gets_the_unacknowledged_at_once(news: str) -> None:
    run = trial(120, hub=Hub(answers=False))
    run.window.hub_ready = False
    run.run(60)
    run.hub.answers = True
    getattr(run.window, news)(run.now)
    run.run(1)
    assert run.window.acked_through == 120


def test_an_answer_ends_the_long_back_off_of_the_others() -> None:
    run = trial(400, hub=Hub(answers=False))
    run.window.hub_ready = False
    run.run(50)
    run.hub.answers, run.hub.held = True, set(range(1, 51))
    run.window.acknowledged(50, 50, (), run.now)
    run.run(2)
    assert run.window.acked_through == 400


@pytest.mark.parametrize("busy_s", [0.3, 2.0, 3.5])
def test_a_hub_that_works_through_its_queue_is_not_hurried(busy_s: float) -> None:
    run = trial(5_000, hub=Hub(busy_s=busy_s))
    run.run(120 * busy_s + 20)
    assert run.window.acked_through == 5_000
    assert len(run.sent) == 100


def test_missing_ranges_go_again_and_do_not_stop_what_follows() -> None:
    run = trial(10_000)
    run.send()
    run.wire = [item for item in run.wire if 60 not in item[1]]
    run.run(4.5)
    assert run.sent.count(tuple(range(51, 101))) == 2
    assert run.window.acked_through > 500


def test_an_answer_does_not_put_off_what_the_hub_named_missing() -> None:
    window = Window(0, 100)
    for at in (100.0, 100.5):
        fetch = window.plan(at)
        assert isinstance(fetch, Fetch)
        batch = window.form(fetch, [(seq, 300) for seq in range(fetch.first, fetch.first + 50)], at)
        assert batch is not None
        window.sent(batch, at)
    window.acknowledged(0, 100, ((1, 100),), 100.6)
    assert window.next_due() == 101.0
    first = window.plan(101.0)
    assert isinstance(first, Batch)
    window.sent(first, 101.0)
    window.acknowledged(50, 50, (), 101.1)
    assert window.next_due() == 101.5


def test_a_gap_in_what_the_hub_already_holds_is_filled_alone() -> None:
    run = trial(100, hub=Hub(held=set(range(1, 37)) | set(range(39, 90))))
    run.window = Window(36, 100)
    run.send()
    first = run.sent[:]
    assert first == [tuple(range(37, 87)), tuple(range(87, 101))]
    run.run(3)
    assert run.window.acked_through == 100


def test_one_poison_event_is_found_by_halving_reported_once_and_stops_nobody_else() -> None:
    run = trial(400, hub=Hub(poison=frozenset({33})))
    run.run(400)
    assert run.window.unanswered == [33]
    assert run.hub.held == set(range(1, 401)) - {33}
    assert [batch.seqs for batch in run.window.in_flight] == [(33,)]
    run.window.tail(450)
    run.run(10)
    assert run.hub.held == set(range(1, 451)) - {33}


def test_nothing_is_halved_while_no_hub_is_ready() -> None:
    run = trial(100, hub=Hub(answers=False))
    run.window.hub_ready = False
    run.run(600)
    assert {len(seqs) for seqs in run.sent} == {50}
    assert run.window.unanswered == []


def test_a_send_that_never_reached_the_broker_is_not_held_against_the_batch() -> None:
    run = trial(10, hub=Hub(answers=False))
    for _ in range(int(120 / 0.25)):
        run.step()
        for batch in run.window.in_flight:
            if batch.sends:
                run.window.unsent(batch)
    assert {len(seqs) for seqs in run.sent} == {10}


def test_what_a_hub_claims_to_hold_is_offered_again_when_through_stays_behind() -> None:
    run = trial(100, hub=Hub(answers=False))
    run.send()
    run.window.acknowledged(10, 100, ((11, 11),), run.now)
    run.hub.held = set(range(1, 11))
    run.hub.answers = True
    run.wire.clear()
    run.run(RESEND_MAX_S * 2)
    assert run.window.acked_through == 100


def test_the_wait_of_the_oldest_is_known_and_ends_with_the_ack() -> None:
    run = trial(10, hub=Hub(answers=False))
    assert run.window.unacknowledged_since is None
    run.send()
    started = run.now
    run.run(20)
    assert run.window.unacknowledged_since == started
    run.window.acknowledged(10, 10, (), run.now)
    assert run.window.unacknowledged_since is None


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    rows=st.integers(1, 2500),
    acked=st.integers(0, 200),
    loss=st.sampled_from([0.0, 0.1, 0.3, 0.7]),
    delay=st.sampled_from([0.05, 2.0, 12.0]),
    faults=st.lists(
        st.sampled_from(["mute", "talk", "wake", "reconnect", "cut", "grow", "ready", "wait"]), max_size=25
    ),
)
def test_everything_arrives_once_the_path_heals(
    seed: int, rows: int, acked: int, loss: float, delay: float, faults: list[str]
) -> None:
    run = trial(acked + rows, seed=seed, acked=acked, loss=loss, delay=delay)
    for fault in faults:
        suffer(run, fault)
        run.run(run.chance.uniform(0.25, 20))
    run.loss, run.delay, run.hub.answers = 0.0, 0.05, True
    run.window.reconnected(run.now)
    run.run(2 * RESEND_MAX_S + rows / 100)
    assert run.window.acked_through == run.window.last_seq
    assert run.hub.held == set(range(1, run.window.last_seq + 1))
    assert first_sends_rise(run.sent)


def suffer(run: Trial, fault: str) -> None:
    match fault:
        case "mute" | "talk":
            run.hub.answers = fault == "talk"
        case "wake":
            run.window.wake(run.now)
        case "reconnect":
            run.window.reconnected(run.now)
        case "cut":
            run.wire.clear()
            run.back.clear()
        case "grow":
            run.window.tail(run.window.last_seq + 70)
        case "ready":
            run.window.hub_ready = not run.window.hub_ready


def first_sends_rise(sent: list[tuple[int, ...]]) -> bool:
    highest = 0
    for seqs in sent:
        new = [seq for seq in seqs if seq > highest]
        if new and highest and new[0] != highest + 1:
            return False
        highest = max(highest, seqs[-1])
    return True
