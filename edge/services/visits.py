"""The one visit at this kiosk: load it, ask the model, commit, and only then act.

Whatever happens to a visit (a wish at the screen, a door seen, an idle clock) comes through `give` or `begin`. Only
after their commit does `current` change and a coil move; the coil moves once for every `Decision` that says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

from contract.events import Purpose, SessionEnded, SessionStarted
from edge.clock import Clock
from edge.core import advance
from edge.core.compartment import Compartment, choose
from edge.core.visit import (
    Answer,
    Cancelled,
    Decision,
    Idle,
    Input,
    Restarted,
    Step,
    UnlockFailed,
    UnlockRefused,
    Visit,
)
from edge.errors import LinkError, NoneFitsError, StoreBusyError, TryAgainError, UnknownChannelError, UnlockRefusedError
from edge.ports import Door
from edge.services.changes import Changes
from edge.services.door_control import Doors
from edge.services.pending_unlock import PendingUnlock
from edge.services.picture import Picture
from edge.services.refusals import RefusedError
from edge.services.slips import Slips
from edge.store.papers import StoredSlip
from edge.store.unit_of_work import Store, Transaction

OPENS_WITHIN_S = 3.0
AGAIN_S = 0.5
# A lock rests for three seconds between two pulses; a person who has the same door opened again waits for that.
RESTS_AT_MOST_S = 5.0
CITIZENS = frozenset({Purpose.DEPOSIT, Purpose.PICKUP})

T = TypeVar("T")
Outcome = Literal["finished", "idle", "cancelled", "restarted"]


@dataclass(frozen=True, slots=True)
class CurrentVisit:
    """The visit on the screen, as committed.

    `cancelled`: it ended because the person said so. `moved_from`: the door that failed before this one. `at`: when it
    began, or ended.
    """

    visit: Visit
    at: datetime
    cancelled: bool = False
    moved_from: int | None = None


@dataclass(frozen=True, slots=True)
class _Committed:
    visit: Visit
    compartments: tuple[Compartment, ...]
    slip: StoredSlip | None
    pulse: bool
    moved_from: int | None = None


class Visits:
    """Carries out decisions about visits. `run` must run before anything begins."""

    def __init__(
        self,
        store: Store,
        doors: Doors,
        picture: Picture,
        slips: Slips,
        clock: Clock,
        *,
        boot: int,
        new_id: Callable[[], UUID],
        opens_within_s: float = OPENS_WITHIN_S,
    ) -> None:
        self._store, self._doors, self._picture, self._slips = store, doors, picture, slips
        self._clock, self._new_id, self._opens_within_s = clock, new_id, opens_within_s
        self._turn = asyncio.Lock()
        self._to_open: asyncio.Queue[Visit] = asyncio.Queue()
        self._unsure = asyncio.Event()
        self._pending = PendingUnlock()
        self.boot = boot
        self.current: CurrentVisit | None = None
        self.changes = Changes()

    @property
    def active(self) -> Visit | None:
        """The visit that has not ended, if there is one."""
        return None if self.current is None or self.current.visit.ended else self.current.visit

    async def begin(self, work: Callable[[Transaction, dict[int, Door]], Decision]) -> None:
        """Begin a visit: commit its reservation and its first grant, then open.

        Raises:
            RefusedError: another visit has not ended.
            AskCitizenError, StoreBusyError: as `work` or the store raised it; nothing changed, no coil moves.
        """
        async with self._turn:
            if self.active is not None:
                raise RefusedError("busy")
            doors = self._doors.all()

            def whole(tx: Transaction) -> _Committed:
                if tx.open_visits():
                    raise RefusedError("busy")
                decision = work(tx, doors)
                done = self._carry_out(tx, decision)
                if decision.visit.kind in CITIZENS:
                    tx.emit(SessionStarted(who="citizen"), decision.visit.id)
                    if decision.visit.ended:
                        tx.emit(SessionEnded(outcome="finished"), decision.visit.id)
                return done

            self._take(await self._commit(whole), cancelled=False)

    async def give(
        self,
        visit_id: UUID,
        steps: frozenset[Step],
        given: Input | Callable[[Transaction, Visit], Input],
        *,
        door: int | None = None,
        pulse: tuple[UUID | None, int] | None = None,
        said: Answer | None = None,
    ) -> bool:
        """Give the visit one input, if it is still in one of `steps`; return whether it was.

        An input that speaks of a door names it (`door`), and one that answers an unlock frame names its grant and count
        (`pulse`): the visit may have gone on to another door, or to a second pulse, since that was seen.

        Raises:
            StoreBusyError: nothing changed.
        """
        async with self._turn:
            doors = self._doors.all()

            def whole(tx: Transaction) -> _Committed | None:
                visit = tx.visit(visit_id)
                elsewhere = door not in {None, visit.compartment} or pulse not in {None, (visit.grant, visit.pulses)}
                if visit.step not in steps or elsewhere:
                    return None
                say = given(tx, visit) if callable(given) else given
                return self._judge(tx, visit, say, doors)

            done = await self._commit(whole)
            if done is not None:
                self._take(done, cancelled=isinstance(given, Cancelled) or said is Answer.NOTHING)
            return done is not None

    async def reopen(self, visit_id: UUID) -> None:
        """Open the same door once more within the visit, if that is still allowed.

        Raises:
            RefusedError: three grants were used.
        """
        async with self._turn:

            def whole(tx: Transaction) -> _Committed | None:
                visit = tx.visit(visit_id)
                if visit.step is not Step.CLOSED:
                    return None
                if not visit.may_reopen:
                    raise RefusedError("too_many_grants")
                decision = advance.reopen(visit, tx.compartment(visit.compartment), self._new_id())
                return self._carry_out(tx, decision)

            done = await self._commit(whole)
            if done is not None:
                self._take(done, cancelled=False)

    async def restart(self, visit: Visit, door: Door) -> None:
        """Judge a visit that a crash interrupted, by its door as it is now; never opens one."""

        def whole(tx: Transaction) -> _Committed:
            return self._judge(tx, visit, Restarted(door), {})

        self._take(await self._store.transact(whole), cancelled=False)

    async def call_off(self) -> None:
        """Take back the unlock that still waits for its turn; then read the door, then `give` what ends the visit.

        If the visit does not end, its door is judged as one that did not open in time.
        """
        if self.active is not None:
            await self._pending.call_off(self.active)

    def dismiss(self) -> None:
        """Take an ended visit off the screen."""
        if self.current is not None and self.current.visit.ended:
            self.current = None
            self.changes.notify()

    async def run(self) -> None:
        """Open what commits have permitted, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._settle_doubts())
            while True:
                group.create_task(self._open(await self._to_open.get()))

    async def _commit(self, work: Callable[[Transaction], T]) -> T:
        """Commit; after a refusal of the disk nobody knows whether it was written, so that is looked up later."""
        try:
            return await self._store.transact(work)
        except StoreBusyError:
            self._unsure.set()
            raise

    async def _settle_doubts(self) -> None:
        while True:
            await self._unsure.wait()
            self._unsure.clear()
            try:
                async with self._turn:
                    unwatched = await self._look_up()
            except TryAgainError:
                await asyncio.sleep(AGAIN_S)
                self._unsure.set()
            else:
                if unwatched is not None:
                    await self._watch_out(unwatched)

    async def _look_up(self) -> Visit | None:
        """Show what the disk says; return a visit that waits for a door to open with nobody watching it."""
        for visit in await self._store.read(lambda tx: tx.open_visits()):
            if self.current is None or self.current.visit.id != visit.id:
                # Begun, but its person was told to try again: no coil moved for it, and none will.
                await self.restart(visit, await self._doors.read(visit.compartment))
        mine = self.current
        if mine is None or mine.visit.ended:
            return None
        visit = await self._store.read(lambda tx: tx.visit(mine.visit.id))
        if visit == mine.visit:
            return None
        self.current = replace(mine, visit=visit)
        self._picture.note([await self._store.read(lambda tx: tx.compartment(visit.compartment))])
        self.changes.notify()
        return visit if visit.step is Step.OPENING else None

    async def _watch_out(self, visit: Visit, what: type[UnlockFailed | UnlockRefused] = UnlockFailed) -> None:
        door = await self._doors.read(visit.compartment)
        at = (visit.grant, visit.pulses)
        while True:
            # Again and again while the store refuses: what a door did not do cannot be put off for good.
            try:
                await self.give(visit.id, frozenset({Step.OPENING}), what(door), pulse=at)
            except TryAgainError:
                await asyncio.sleep(AGAIN_S)
            else:
                return

    def _judge(self, tx: Transaction, visit: Visit, given: Input, doors: dict[int, Door]) -> _Committed:
        decision = advance.advance(visit, tx.compartment(visit.compartment), given)
        done = self._carry_out(tx, decision)
        if decision.another:
            done = self._elsewhere(tx, decision, done, doors)
        if done.visit.ended and done.visit.kind in CITIZENS:
            tx.emit(SessionEnded(outcome=_outcome(given)), done.visit.id)
        return done

    def _carry_out(self, tx: Transaction, decision: Decision) -> _Committed:
        tx.carry_out(decision)
        slip = None if decision.slip is None else self._slips.add(tx, decision.visit.id, decision.slip)
        return _Committed(decision.visit, decision.compartments, slip, decision.pulse)

    def _elsewhere(self, tx: Transaction, failed: Decision, so_far: _Committed, doors: dict[int, Door]) -> _Committed:
        """The door failed untouched: the same person goes on at another one, under the same number."""
        before = tx.compartment(failed.visit.compartment)
        try:
            # A lock that must rest stays in service, but is no way out.
            others = [each for each in tx.compartments() if each.number != before.number]
            other = choose(others, doors, before.size, before.reach)
        except NoneFitsError:
            more = self._carry_out(tx, advance.give_up(failed.visit))
        else:
            moved = advance.move_to(failed.visit, other, doors[other.number], self._new_id())
            more = replace(self._carry_out(tx, moved), moved_from=before.number)
        return replace(more, compartments=(*so_far.compartments, *more.compartments))

    def _take(self, done: _Committed, *, cancelled: bool) -> None:
        """The commit is durable: show it, print it, open the door."""
        before = self.current
        same = before is not None and before.visit.id == done.visit.id
        moved = done.moved_from if done.moved_from is not None else before.moved_from if before and same else None
        self._pending.keep_for(done.visit)
        if done.pulse:
            self._to_open.put_nowait(done.visit)
        self.current = CurrentVisit(done.visit, self._clock.now(), cancelled, moved)
        self._doors.hurry(on=done.visit.step in {Step.OPENING, Step.OPEN})
        if done.slip is not None:
            self._slips.print_soon(done.slip)
        self._picture.note(done.compartments)
        self.changes.notify()

    async def _open(self, visit: Visit) -> None:
        """One unlock frame, then believe the door; what it did the watch tells, what it did not is told here."""
        number = visit.compartment
        if self._doors.door(number) is Door.OPEN:
            # Left open behind a doubt: no coil moves for it, and no new sighting would ever tell of it.
            await self._watch_out(visit)
            return
        try:
            await self._pending.send(visit, self._unlock(number))
        except UnlockRefusedError:
            await self._watch_out(visit, UnlockRefused)
            return
        except (LinkError, UnknownChannelError):
            opened = False
        else:
            opened = await self._doors.until(number, Door.OPEN, self._opens_within_s)
        if not opened:
            await self._watch_out(visit)

    async def _unlock(self, number: int) -> None:
        """Send the one frame. A lock that must still rest is waited for: nothing was sent yet.

        Raises:
            UnlockRefusedError: nothing was sent, and nothing will be.
            LinkError, UnknownChannelError: as `Doors.unlock`.
        """
        try:
            await self._doors.unlock(number)
        except UnlockRefusedError as refused:
            if refused.reason != "too_soon" or refused.seconds_left > RESTS_AT_MOST_S:
                raise
            await asyncio.sleep(refused.seconds_left)
            await self._doors.unlock(number)


def _outcome(given: Input) -> Outcome:
    match given:
        case Idle():
            return "idle"
        case Cancelled():
            return "cancelled"
        case Restarted():
            return "restarted"
        case _:
            return "finished"
