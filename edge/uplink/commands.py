"""Commands from the hub: verified, journalled, carried out at most once, answered by an event.

What a command changes, its row in the inbox and the event that tells its outcome are one transaction, so a crash leaves
all of it or nothing. A repeated `jti` changes nothing and is answered with its stored outcome. A command that opens a
door is a visit at the kiosk: its journal, its grant and its record are that visit's first transaction. One that asks
devices is journalled as begun before it asks them; what a crash interrupts is refused at the next start, never done
again.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from contract.commands import COMMANDS_A_MINUTE, CommandClaims
from contract.events import CommandDone, CommandRefused, EventData
from edge.clock import Clock
from edge.core.compartment import Compartment
from edge.store.inbox import CommandRecord
from edge.store.unit_of_work import Store, Transaction
from edge.uplink.command_check import CommandRefusedError, Here, PinnedKey, Reason, check_claims, read_claims

log = logging.getLogger(__name__)

MINUTE_S = 60.0

Carry = Callable[[Transaction, CommandClaims], tuple[Compartment, ...]]
"""Carries a command out inside the transaction; returns the compartments that it changed.

Raises `CommandRefusedError` when the station cannot do it; nothing is written then.
"""
Errand = Callable[[CommandClaims], Awaitable[str]]
"""Carries out, outside any transaction, a command that was journalled as begun; returns its result, a short text."""
Journal = Callable[[Transaction], None]
Permit = Callable[[CommandClaims, Journal], Awaitable[None]]
"""Begins a visit whose first transaction also runs the journal.

Raises `CommandRefusedError` when no door may be opened; nothing is written then.
"""


@dataclass(frozen=True)
class Carriers:
    """Who carries out which command, by its type; a type is in one of the three or is unsupported."""

    carry: Mapping[str, Carry] = field(default_factory=dict)
    errands: Mapping[str, Errand] = field(default_factory=dict)
    permits: Mapping[str, Permit] = field(default_factory=dict)


class Rate:
    """At most `limit` a minute, by the monotonic clock."""

    def __init__(self, clock: Clock, limit: int = COMMANDS_A_MINUTE) -> None:
        self._clock, self._limit = clock, limit
        self._times: deque[float] = deque()

    def admits(self) -> bool:
        """Count one if there is room for it."""
        now = self._clock.monotonic()
        while self._times and now - self._times[0] >= MINUTE_S:
            self._times.popleft()
        if len(self._times) >= self._limit:
            return False
        self._times.append(now)
        return True


class Commands:
    """Takes the messages of the station's command topic one by one.

    `changed` is told the compartments that a command changed, after the commit; `service_mode` says whether a person
    has armed it. Messages that no pinned key signed are nobody's commands: their refusals are events up to the same
    rate, above it a line in the log, because whoever can write to the topic must not be able to fill the disk. So are
    answers to repeated commands, which anybody can repeat who heard them once.
    """

    def __init__(
        self,
        store: Store,
        station: str,
        keys: Mapping[str, PinnedKey],
        clock: Clock,
        *,
        carriers: Carriers,
        changed: Callable[[tuple[Compartment, ...]], None],
        service_mode: Callable[[], bool],
    ) -> None:
        self._store, self._station, self._keys, self._clock = store, station, keys, clock
        self._carriers, self._changed, self._service_mode = carriers, changed, service_mode
        self._rate, self._strangers, self._repeated = Rate(clock), Rate(clock), Rate(clock)

    async def take(self, token: bytes) -> None:
        """Judge one message and do what it says, or refuse it.

        Raises:
            StoreBusyError: nothing was journalled and nothing done; the message may be taken again.
        """
        here = await self._here()
        try:
            claims = read_claims(token, self._keys, here)
        except CommandRefusedError as refusal:
            await self._refuse_stranger(refusal.reason)
            return
        stored = await self._store.read(lambda tx: tx.command(claims.jti))
        if stored is not None and stored.state == "begun":
            # Begun, and the store refused its outcome: whether the device did it nobody knows, so it is not done again.
            await self.settle_interrupted()
            return
        if stored is not None:
            await self._answer_again(stored, claims)
            return
        admitted, kind = self._rate.admits(), claims.cmd.type
        if kind in self._carriers.permits:
            await self._permit(self._carriers.permits[kind], claims, here, admitted=admitted)
            return
        changed = await self._store.transact(lambda tx: self._settle(tx, claims, here, admitted=admitted))
        if changed is not None and kind in self._carriers.errands:
            await self._run(self._carriers.errands[kind], claims)
        elif changed:
            self._changed(changed)

    async def settle_interrupted(self) -> int:
        """Refuse what was begun before the last start and has no outcome; return how many there were.

        Raises:
            StoreBusyError: nothing changed.
        """

        def work(tx: Transaction) -> int:
            begun = tx.begun_commands()
            for each in begun:
                _refuse(tx, each.jti, each.command, "interrupted", None)
            return len(begun)

        return await self._store.transact(work)

    async def _here(self) -> Here:
        epoch: UUID = await self._store.read(lambda tx: tx.epoch)
        return Here(self._station, epoch, self._clock.now(), self._clock.synced, self._service_mode())

    async def _refuse_stranger(self, reason: Reason) -> None:
        log.warning("a message on the command topic was refused: %s", reason)
        if self._strangers.admits():
            await self._store.transact(lambda tx: tx.emit(CommandRefused(reason=reason)))

    async def _answer_again(self, stored: CommandRecord, claims: CommandClaims) -> None:
        log.info("command %s again: its stored outcome stands", stored.jti)
        if self._repeated.admits():
            await self._store.transact(lambda tx: tx.emit(_told_again(stored), claims.corr))

    async def _permit(self, permit: Permit, claims: CommandClaims, here: Here, *, admitted: bool) -> None:
        def journal(tx: Transaction) -> None:
            if tx.command(claims.jti) is not None:
                raise CommandRefusedError("not_possible")
            _done(tx, claims, "begun at the kiosk")

        try:
            _admit(claims, here, admitted=admitted)
            await permit(claims, journal)
        except CommandRefusedError as refusal:
            reason = refusal.reason
            await self._store.transact(lambda tx: _refuse_once(tx, claims, reason))

    async def _run(self, errand: Errand, claims: CommandClaims) -> None:
        try:
            result = await errand(claims)
        except CommandRefusedError as refusal:
            reason = refusal.reason
            await self._store.transact(lambda tx: _refuse(tx, claims.jti, claims.cmd.type, reason, claims.corr))
        else:
            await self._store.transact(lambda tx: _done(tx, claims, result))

    def _settle(
        self, tx: Transaction, claims: CommandClaims, here: Here, *, admitted: bool
    ) -> tuple[Compartment, ...] | None:
        """Return what changed, empty also for an errand that is begun now; None when it was refused or known."""
        if tx.command(claims.jti) is not None:
            return None
        try:
            _admit(claims, here, admitted=admitted)
            if claims.cmd.type in self._carriers.errands:
                tx.save_command(CommandRecord(claims.jti, claims.cmd.type, "begun"))
                return ()
            changed = self._carry_out(tx, claims)
        except CommandRefusedError as refusal:
            _refuse(tx, claims.jti, claims.cmd.type, refusal.reason, claims.corr)
            return None
        _done(tx, claims, "done" if changed else "nothing to do")
        return changed

    def _carry_out(self, tx: Transaction, claims: CommandClaims) -> tuple[Compartment, ...]:
        carry = self._carriers.carry.get(claims.cmd.type)
        if carry is None:
            raise CommandRefusedError("unsupported")
        return carry(tx, claims)


def _admit(claims: CommandClaims, here: Here, *, admitted: bool) -> None:
    check_claims(claims, here)
    if not admitted:
        raise CommandRefusedError("rate_limited")


def _done(tx: Transaction, claims: CommandClaims, result: str) -> None:
    tx.save_command(CommandRecord(claims.jti, claims.cmd.type, "done", result))
    tx.emit(CommandDone(jti=claims.jti, command=claims.cmd.type, result=result), claims.corr)


def _refuse(tx: Transaction, jti: UUID, command: str, reason: Reason, corr: UUID | None) -> None:
    tx.save_command(CommandRecord(jti, command, "refused", reason))
    tx.emit(CommandRefused(jti=jti, command=command, reason=reason), corr)


def _refuse_once(tx: Transaction, claims: CommandClaims, reason: Reason) -> None:
    if tx.command(claims.jti) is None:
        _refuse(tx, claims.jti, claims.cmd.type, reason, claims.corr)


def _told_again(stored: CommandRecord) -> EventData:
    told = {"jti": stored.jti, "command": stored.command}
    if stored.state == "done":
        return CommandDone.model_validate(told | {"result": stored.outcome})
    return CommandRefused.model_validate(told | {"reason": stored.outcome})
