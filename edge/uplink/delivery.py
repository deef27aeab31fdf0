"""Carrying the outbox to the hub: feeds the window with rows, acks, hub presence and time, and publishes its batches.

One task owns the window, so nothing here is shared. The hub's ack alone marks rows (`Store.accept_ack`); the broker's
answer only says that a send reached the broker. Source: contract of the wire, section 1.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from pydantic import ValidationError

from contract import topics
from contract.envelope import BATCH_EVENTS, join_batch
from contract.events import DeviceFailed
from contract.session import NotConnectedError, PublishRefusedError, SessionError
from contract.state import Ack, HubPresence
from edge.clock import Clock
from edge.store.outbox import AckOutcome, AckResult, OutboxRow
from edge.store.unit_of_work import Store, Transaction
from edge.uplink.window import Batch, Fetch, Window

log = logging.getLogger(__name__)

# A broker that keeps the connection and answers pings, but not this publish, must not stop the window.
BROKER_ANSWERS_WITHIN_S = 10.0
# So long without any progress, and the station is born again: the hub answers every birth with an ack.
WATCHDOG_S = 60.0
DOUBT_EVERY_S = 5.0
ACKS_WAITING = 1000


class Publish(Protocol):
    """`MqttSession.publish`."""

    def __call__(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> Awaitable[None]:
        """Return when the broker answered."""


class Delivery:
    """Sends what is not acknowledged, in `seq` order, for ever.

    `announce` publishes the station's birth again; `online` says whether there is a connection.
    """

    def __init__(
        self,
        store: Store,
        station: str,
        clock: Clock,
        *,
        publish: Publish,
        announce: Callable[[], Awaitable[None]],
        online: Callable[[], bool],
    ) -> None:
        self._store, self._station, self._clock = store, station, clock
        self._publish, self._announce, self._online = publish, announce, online
        self._news = asyncio.Event()
        self._acks: deque[Ack] = deque(maxlen=ACKS_WAITING)
        self._hubs: dict[str, HubPresence] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._reconnected = self._woken = False
        self._window = Window(0, 0)
        self._epoch: UUID | None = None
        self._ledger: UUID | None = None
        self._to_greet = False
        self._complained_at, self._doubted_at = 0.0, -DOUBT_EVERY_S

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            await self._start()
            while True:
                self._news.clear()
                await self._take_acks()
                if self._online():
                    await self._greet()
                    await self._send()
                    await self._report()
                await self._wait()
        finally:
            for task in self._sending:
                task.cancel()

    def connected(self) -> None:
        """The session is up (again): everything above the watermark goes once more."""
        self._reconnected = True
        self._news.set()

    def ack_arrived(self, payload: bytes) -> None:
        """Take one message of the station's ack topic; nonsense is logged and forgotten."""
        try:
            self._acks.append(Ack.model_validate_json(payload))
        except ValidationError as error:
            log.warning("an ack that cannot be read: %d errors", error.error_count())
            return
        self._news.set()

    def hub_presence_arrived(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Take one message of a hub's presence; one that became ready, or ready again, gets everything at once.

        A retained one is what was true when we subscribed, and everything goes again at a connect anyway.
        """
        known = self._hubs.pop(topic, None)
        with suppress(ValidationError):
            hub = self._hubs[topic] = HubPresence.model_validate_json(payload)
            changed = known is None or (known.ready, known.counter) != (hub.ready, hub.counter)
            self._woken |= hub.ready and changed and not retained
        self._window.hub_ready = self._hub_ready()
        self._news.set()

    @property
    def waits_for_s(self) -> float | None:
        """Seconds since the oldest unacknowledged event made any progress; None when nothing waits."""
        since = self._window.unacknowledged_since
        return None if since is None else self._clock.monotonic() - since

    def _hub_ready(self) -> bool:
        # A hub that never publishes its presence (not ours) is taken to be there.
        return not self._hubs or any(hub.ready for hub in self._hubs.values())

    async def _start(self) -> None:
        identity = await self._store.identity()
        self._begin_epoch(identity.epoch, identity.acked_through, identity.last_seq)
        self._ledger = identity.ledger

    def _begin_epoch(self, epoch: UUID, acked_through: int, last_seq: int) -> None:
        self._epoch = epoch
        self._window = Window(acked_through, last_seq)
        self._window.hub_ready = self._hub_ready()

    async def _take_acks(self) -> None:
        while self._acks:
            ack = self._acks.popleft()
            if ack.fork or ack.ledger != self._ledger or ack.through > self._window.acked_through:
                # Of several that wait, one with the highest `through` says it all: one commit instead of many.
                while self._acks and _succeeds(self._acks[0], ack):
                    ack = self._acks.popleft()
                result = await self._store.accept_ack(ack)
                await self._follow(ack, result)
            elif ack.epoch == self._epoch:
                self._note(ack, ack.through)
                self._doubt(ack)

    async def _follow(self, ack: Ack, result: AckResult) -> None:
        if result.epoch == ack.epoch:
            self._ledger = ack.ledger
        match result.outcome:
            case AckOutcome.ACCEPTED:
                self._note(ack, result.acked_through)
            case AckOutcome.NEW_EPOCH | AckOutcome.OFFERED_AGAIN:
                log.warning("the hub's ack led to %s", result.outcome.value)
                self._begin_epoch(result.epoch, result.acked_through, result.last_seq)
                self._ledger = ack.ledger
                await self._announce_or_wait()
            case AckOutcome.OLD:
                if ack.epoch == self._epoch and ack.through <= self._window.acked_through:
                    self._note(ack, result.acked_through)

    def _note(self, ack: Ack, through: int) -> None:
        self._window.acknowledged(through, ack.seen, ack.missing, self._clock.monotonic())

    def _doubt(self, ack: Ack) -> None:
        """Notice a hub that misses what it had acknowledged: an older copy of itself; only a birth shows it that."""
        now = self._clock.monotonic()
        misses = any(first <= self._window.acked_through for first, _ in ack.missing)
        # It may also be an answer that was long under way: a birth more does no harm, a stream of them would.
        if misses and now - self._doubted_at > DOUBT_EVERY_S:
            self._doubted_at, self._to_greet = now, True

    async def _send(self) -> None:
        now = self._clock.monotonic()
        if self._reconnected:
            self._window.reconnected(now)
        elif self._woken:
            self._window.wake(now)
        self._reconnected = self._woken = False
        self._window.tail(self._store.last_seq)
        while self._online() and (todo := self._window.plan(self._clock.monotonic())) is not None:
            if isinstance(todo, Fetch):
                rows = await self._rows(todo.first, todo.last, todo.limit)
                sizes = [(row.seq, len(row.body)) for row in rows]
                batch = self._window.form(todo, sizes, self._clock.monotonic())
            else:
                batch, rows = todo, await self._rows(todo.first, todo.last, BATCH_EVENTS)
            if batch is not None:
                self._publish_batch(batch, rows)

    async def _rows(self, first: int, last: int, limit: int) -> list[OutboxRow]:
        rows = await self._store.pending(first - 1, min(limit, last - first + 1))
        return [row for row in rows if row.seq <= last]

    def _publish_batch(self, batch: Batch, rows: Sequence[OutboxRow]) -> None:
        self._window.sent(batch, self._clock.monotonic())
        wanted = set(batch.seqs)
        bodies = [row.body for row in rows if row.seq in wanted]
        if self._epoch is None or not bodies:
            return
        payload = join_batch(self._station, self._epoch, bodies)
        # Started in order, and paho sends in that order; waiting for each answer would cost a round trip a batch.
        task = asyncio.create_task(self._publish_one(batch, payload))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _publish_one(self, batch: Batch, payload: bytes) -> None:
        try:
            async with asyncio.timeout(BROKER_ANSWERS_WITHIN_S):
                await self._publish(topics.events(self._station), payload, qos=1)
        except PublishRefusedError as error:
            log.error("events %d to %d: %s", batch.first, batch.last, error)  # noqa: TRY400  the answer says it all
        except (NotConnectedError, TimeoutError):
            self._window.unsent(batch)

    async def _report(self) -> None:
        while self._window.unanswered:
            seq = self._window.unanswered.pop()
            log.error("no ack for event %d after it was sent three times alone", seq)
            await self._store.transact(partial(_report_once, seq))
        waits, now = self.waits_for_s, self._clock.monotonic()
        if waits is not None and waits > WATCHDOG_S and now - self._complained_at > WATCHDOG_S:
            self._complained_at = now
            log.warning("the oldest unacknowledged event waits for %.0f s", waits)
            await self._announce_or_wait()

    async def _greet(self) -> None:
        """Be born again for a hub that is ready again: it may be back with an older database, which nothing else shows.

        A new connection began with a birth already.
        """
        if (self._woken or self._to_greet) and not self._reconnected:
            await self._announce_or_wait()
        self._to_greet = False

    async def _announce_or_wait(self) -> None:
        # Without a connection nothing is lost: the next connection starts with a birth anyway.
        with suppress(SessionError, TimeoutError):
            async with asyncio.timeout(BROKER_ANSWERS_WITHIN_S):
                await self._announce()

    async def _wait(self) -> None:
        due = self._window.next_due() if self._online() else None
        pause = WATCHDOG_S if due is None else min(max(0.0, due - self._clock.monotonic()), WATCHDOG_S)
        waits: set[asyncio.Task[Any]] = {asyncio.create_task(self._news.wait())}
        if self._online() and self._epoch is not None:
            waits.add(asyncio.create_task(self._store.wait_appended(self._epoch, self._window.last_seq)))
        try:
            await asyncio.wait(waits, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()


def _succeeds(later: Ack, earlier: Ack) -> bool:
    same = (later.ledger, later.epoch) == (earlier.ledger, earlier.epoch)
    return same and not later.fork and not earlier.fork and later.through >= earlier.through


def _report_once(seq: int, tx: Transaction) -> None:
    key = f"unanswered:{tx.epoch}:{seq}"
    if not tx.meta(key):
        tx.set_meta(key, "told")
        tx.emit(DeviceFailed(device="uplink", fault=f"no ack for seq {seq}"))
