"""Commands from the hub: verified, journalled, carried out at most once, answered by an event.

What a command changes, its row in the inbox and the event that tells its outcome are one transaction, so a crash leaves
all of it or nothing. A repeated `jti` changes nothing and is answered with its stored outcome. Nothing that moves a
coil is carried out here.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
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
        carry: Mapping[str, Carry],
        changed: Callable[[tuple[Compartment, ...]], None],
        service_mode: Callable[[], bool],
    ) -> None:
        self._store, self._station, self._keys, self._clock = store, station, keys, clock
        self._carry, self._changed, self._service_mode = carry, changed, service_mode
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
        if stored is not None:
            await self._answer_again(stored, claims)
            return
        admitted = self._rate.admits()
        changed = await self._store.transact(lambda tx: self._settle(tx, claims, here, admitted=admitted))
        if changed:
            self._changed(changed)

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

    def _settle(self, tx: Transaction, claims: CommandClaims, here: Here, *, admitted: bool) -> tuple[Compartment, ...]:
        if tx.command(claims.jti) is not None:
            return ()
        try:
            changed = self._carry_out(tx, claims, here, admitted=admitted)
        except CommandRefusedError as refusal:
            tx.save_command(CommandRecord(claims.jti, claims.cmd.type, "refused", refusal.reason))
            tx.emit(CommandRefused(jti=claims.jti, command=claims.cmd.type, reason=refusal.reason), claims.corr)
            return ()
        result = "done" if changed else "nothing to do"
        tx.save_command(CommandRecord(claims.jti, claims.cmd.type, "done", result))
        tx.emit(CommandDone(jti=claims.jti, command=claims.cmd.type, result=result), claims.corr)
        return changed

    def _carry_out(
        self, tx: Transaction, claims: CommandClaims, here: Here, *, admitted: bool
    ) -> tuple[Compartment, ...]:
        check_claims(claims, here)
        if not admitted:
            raise CommandRefusedError("rate_limited")
        carry = self._carry.get(claims.cmd.type)
        if carry is None:
            raise CommandRefusedError("unsupported")
        return carry(tx, claims)


def _told_again(stored: CommandRecord) -> EventData:
    told = {"jti": stored.jti, "command": stored.command}
    if stored.state == "done":
        return CommandDone.model_validate(told | {"result": stored.outcome})
    return CommandRefused.model_validate(told | {"reason": stored.outcome})
