"""The send window: which events are on their way to the hub, and what is to be sent next. Pure.

Numbers only: rows are read when they are sent, so a backlog of any length costs the memory of eight batches. Sending is
in `seq` order: what is due again goes first, lowest number first; new numbers follow.

The caller asks `plan` until it says None, and tells what happened by the other methods. A `Fetch` is answered with
`form`, a `Batch` is marked with `sent` and published (and with `unsent`, if the broker never answered for it).

Source: contract of the wire, section 1 (batches, window, resend, halving, `through`/`seen`/`missing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contract.envelope import BATCH_BYTES, BATCH_EVENTS, WINDOW_BATCHES

RESEND_MIN_S = 5.0
RESEND_MAX_S = 30.0
# An answer or a new hub may ask for the same batch again at once; no batch leaves twice within this time.
SPACING_S = 1.0
SENDS_BEFORE_HALVING = 3
# `{"v":1,"station":...,"epoch":...,"events":[]}` with the longest station id is shorter than this.
ENVELOPE_BYTES = 160
# A list of gaps this long may have been cut by the hub.
MOST_GAPS = 100


@dataclass(frozen=True)
class Fetch:
    """Read the rows `first`..`last` (at most `limit` of them, in order) and give their sizes to `form`."""

    first: int
    last: int
    limit: int = BATCH_EVENTS


@dataclass
class Batch:
    """Events on their way.

    `sends` counts those that reached the broker while a hub was there to answer, `tries` those since the last reason to
    begin anew; `began_at` is the first of these, None before it. `wanted`: the hub has named it missing since it was
    last sent.
    """

    seqs: tuple[int, ...]
    sends: int = 0
    tries: int = 0
    began_at: float | None = None
    sent_at: float = 0.0
    due: float = 0.0
    wanted: bool = False
    reported: bool = False

    @property
    def first(self) -> int:
        """The lowest number in it."""
        return self.seqs[0]

    @property
    def last(self) -> int:
        """The highest number in it."""
        return self.seqs[-1]


class Window:
    """What is unacknowledged of one epoch. `acked_through` and `last_seq` are the store's.

    `unanswered` collects single events that got no ack after three sends while a hub was ready; the caller takes them.
    """

    def __init__(self, acked_through: int, last_seq: int) -> None:
        self.acked_through = acked_through
        self.last_seq = last_seq
        self.in_flight: list[Batch] = []
        self.hub_ready = True
        self.unanswered: list[int] = []
        self._gaps: list[tuple[int, int]] = []
        self._cursor = acked_through
        self._progress_at = self._heard_at = 0.0
        # How long an ack may take: twice what the last one took, because a hub with many stations answers slowly and
        # sending again before it could answer doubles its work.
        self._patience = RESEND_MIN_S

    def tail(self, last_seq: int) -> None:
        """The store holds events up to `last_seq`."""
        self.last_seq = max(self.last_seq, last_seq)

    def plan(self, now: float) -> Batch | Fetch | None:
        """Return the next batch to publish, the next rows to read, or None when there is nothing to do at `now`."""
        self._halve(now)
        due = [batch for batch in self.in_flight if batch.due <= now]
        if due:
            return min(due, key=lambda batch: batch.first)
        if len(self.in_flight) >= WINDOW_BATCHES:
            return None
        self._look_again(now)
        if self._gaps:
            first, last = self._gaps[0]
            return Fetch(first, last)
        return Fetch(self._cursor + 1, self.last_seq) if self._cursor < self.last_seq else None

    def form(self, fetch: Fetch, rows: Sequence[tuple[int, int]], now: float) -> Batch | None:
        """Make a batch of `(seq, size in bytes)` rows that answer `fetch`; None when the store holds none of them."""
        seqs = _fitting(rows)
        self._take(fetch, seqs[-1] if seqs else fetch.last)
        # An ack may have come while the rows were read.
        seqs = tuple(seq for seq in seqs if seq > self.acked_through)
        if not seqs:
            return None
        batch = Batch(seqs, due=now)
        if not self.in_flight:
            self._progress_at = now
        self.in_flight.append(batch)
        self.in_flight.sort(key=lambda each: each.first)
        return batch

    def sent(self, batch: Batch, now: float) -> None:
        """`batch` is on the wire; it is due again when no ack comes."""
        batch.tries += 1
        batch.sends += self.hub_ready
        batch.sent_at, batch.wanted = now, False
        batch.began_at = now if batch.began_at is None else batch.began_at
        batch.due = now + min(self._patience * 2.0 ** (batch.tries - 1), RESEND_MAX_S)

    def unsent(self, batch: Batch) -> None:
        """The broker never answered for `batch`: it was not the batch's fault."""
        batch.sends = max(0, batch.sends - 1)

    def acknowledged(self, through: int, seen: int, missing: Sequence[tuple[int, int]], now: float) -> None:
        """The hub has committed 1..`through`, and up to `seen` all but `missing`."""
        if through > self.acked_through:
            self.acked_through = through
            self._progress_at = now
            self._drop_through(through, now)
        if missing:
            certain = missing[-1][1] if len(missing) >= MOST_GAPS else seen
            self._drop_held(certain, missing, now)
        self._heard(now)
        self._want(missing, now)

    def wake(self, now: float) -> None:
        """A hub came, or its database came back: offer again at once whatever is unacknowledged."""
        for batch in self.in_flight:
            batch.due = max(now, batch.sent_at + SPACING_S) if batch.tries else now
            batch.tries, batch.began_at = 0, None

    def reconnected(self, now: float) -> None:
        """A new connection: what was on the old one may be lost, so everything above the watermark goes again."""
        for batch in self.in_flight:
            batch.due, batch.tries, batch.began_at = now, 0, None
        if self._cursor > self.acked_through and not self.in_flight:
            self._gaps = [(self.acked_through + 1, self._cursor)]

    def next_due(self) -> float | None:
        """When `plan` may have something new to say by time alone; None when only news can change that."""
        dues = [batch.due for batch in self.in_flight]
        if not dues and self.acked_through < self._cursor:
            return self._progress_at + RESEND_MAX_S
        return min(dues, default=None)

    @property
    def unacknowledged_since(self) -> float | None:
        """Since when the oldest unacknowledged event waits without any progress; None when nothing waits."""
        return self._progress_at if self.acked_through < self._cursor else None

    def _halve(self, now: float) -> None:
        """Split the oldest batch that got no ack after three sends; report the event that cannot be split."""
        batch = next((each for each in self.in_flight if not each.reported), None)
        if batch is None or batch.sends < SENDS_BEFORE_HALVING or batch.due > now:
            return
        if batch.began_at is None or now - batch.began_at < 2 * self._patience:
            # Sent thrice for the gaps of other acks, before a hub with a queue could have answered for this one.
            return
        if len(batch.seqs) == 1:
            batch.reported = True
            self.unanswered.append(batch.first)
            return
        middle = len(batch.seqs) // 2
        rest = batch.seqs[middle:]
        self.in_flight[self.in_flight.index(batch)] = Batch(batch.seqs[:middle], due=now)
        self._add_gap(rest[0], rest[-1])

    def _drop_through(self, through: int, now: float) -> None:
        for batch in self.in_flight:
            if batch.first <= through < batch.last:
                batch.seqs = tuple(seq for seq in batch.seqs if seq > through)
                batch.sends = 0
            elif batch.last <= through and batch.began_at is not None:
                self._patience = min(max(RESEND_MIN_S, 2 * (now - batch.began_at)), RESEND_MAX_S)
        self.in_flight = [batch for batch in self.in_flight if batch.last > through]
        self._gaps = [(max(first, through + 1), last) for first, last in self._gaps if last > through]
        self._cursor = max(self._cursor, through)

    def _heard(self, now: float) -> None:
        """Judge what is still on its way by the fact that a hub answers at all."""
        silent, self._heard_at = now - self._heard_at >= self._patience, now
        for batch in self.in_flight:
            if batch.tries > 1 and silent:
                # Somebody answers after a silence: what waits in a long back-off is worth a try at once.
                batch.tries = 1
                batch.due = min(batch.due, max(now, batch.sent_at + SPACING_S))
            elif batch.tries and not batch.wanted:
                # A hub that works through a queue is not hurried: sending again would only make the queue longer.
                batch.due = max(batch.due, now + self._patience)

    def _drop_held(self, certain: int, missing: Sequence[tuple[int, int]], now: float) -> None:
        """Free the slots of batches that the hub holds already, so that one gap never stops the rest."""
        held = [
            batch
            for batch in self.in_flight
            if batch.last <= certain and not any(_overlap(batch, first, last) for first, last in missing)
        ]
        if held:
            self._progress_at = now
            self.in_flight = [batch for batch in self.in_flight if batch not in held]

    def _want(self, missing: Sequence[tuple[int, int]], now: float) -> None:
        for first, last in missing:
            on_the_way = [batch for batch in self.in_flight if _overlap(batch, first, last)]
            for batch in on_the_way:
                # Every ack repeats its gaps; each batch is sent for them after one second, two, four...
                spacing = min(SPACING_S * 2.0 ** max(batch.tries - 1, 0), RESEND_MAX_S)
                batch.due, batch.wanted = min(batch.due, max(now, batch.sent_at + spacing)), True
            for low, high in _without(max(first, self.acked_through + 1), min(last, self._cursor), on_the_way):
                self._add_gap(low, high)

    def _add_gap(self, first: int, last: int) -> None:
        merged: list[tuple[int, int]] = []
        for low, high in sorted([*self._gaps, (first, last)]):
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
            else:
                merged.append((low, high))
        self._gaps = merged

    def _take(self, fetch: Fetch, upto: int) -> None:
        self._gaps = [(max(low, upto + 1) if low >= fetch.first else low, high) for low, high in self._gaps]
        self._gaps = [(low, high) for low, high in self._gaps if low <= high]
        if fetch.last > self._cursor:
            self._cursor = max(self._cursor, upto)

    def _look_again(self, now: float) -> None:
        # The hub said it holds these, yet `through` does not come: after a while offer them again.
        quiet = now - self._progress_at >= RESEND_MAX_S
        if not self.in_flight and not self._gaps and self.acked_through < self._cursor and quiet:
            self._gaps = [(self.acked_through + 1, self._cursor)]
            self._progress_at = now


def _overlap(batch: Batch, first: int, last: int) -> bool:
    return any(first <= seq <= last for seq in batch.seqs)


def _without(first: int, last: int, batches: Iterable[Batch]) -> list[tuple[int, int]]:
    """Return `first`..`last` without the spans of `batches`."""
    ranges = []
    for batch in sorted(batches, key=lambda each: each.first):
        if first < batch.first:
            ranges.append((first, min(last, batch.first - 1)))
        first = max(first, batch.last + 1)
    if first <= last:
        ranges.append((first, last))
    return ranges


def _fitting(rows: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    size = ENVELOPE_BYTES
    seqs: list[int] = []
    for seq, bytes_of_row in rows[:BATCH_EVENTS]:
        size += bytes_of_row + 1
        if seqs and size > BATCH_BYTES:
            break
        seqs.append(seq)
    return tuple(seqs)
