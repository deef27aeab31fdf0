"""Who of the staff stands at the screen: badge and PIN against the signed `staff` document, guessing made slow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from contract.events import SessionEnded, SessionStarted
from edge.clock import Clock
from edge.core.throttle import LOCKED_SECONDS, badge_key
from edge.errors import LockedOutError, WrongCodeError
from edge.services import documents
from edge.services.documents import StaffMember
from edge.services.refusals import RefusedError
from edge.services.wrong_tries import Sleep, count_wrong_try, slow_down
from edge.store.unit_of_work import Store, Transaction


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in; `id` is the correlation of its events."""

    id: UUID
    member: StaffMember


class Staff:
    """Sign-in and sign-out. The argon2id check costs tens of milliseconds and runs in the one worker owned here."""

    def __init__(self, store: Store, clock: Clock, *, new_id: Callable[[], UUID], sleep: Sleep = asyncio.sleep) -> None:
        self._store, self._clock, self._new_id, self._sleep = store, clock, new_id, sleep
        self._turn = asyncio.Lock()
        self._worker = ThreadPoolExecutor(1, "pin")
        self.session: Session | None = None

    def close(self) -> None:
        """Let the worker end."""
        self._worker.shutdown(wait=False)

    async def sign_in(self, badge: str, pin: str) -> None:
        """Begin a session.

        Raises:
            WrongCodeError: badge and PIN do not belong together, or the badge is no longer valid.
            LockedOutError: too many wrong tries with this badge.
        """
        async with self._turn:
            self.session = await self._prove(badge, pin, starts=True)

    async def vouch(self, badge: str, pin: str) -> StaffMember:
        """Check a second person beside the one who is signed in, whose session goes on; raises as `sign_in`."""
        async with self._turn:
            return (await self._prove(badge, pin, starts=False)).member

    async def _prove(self, badge: str, pin: str, *, starts: bool) -> Session:
        await slow_down(self._store, self._clock, self._sleep)
        member, hashed = await self._store.read(lambda tx: self._find(tx, badge))
        fits = await asyncio.get_running_loop().run_in_executor(self._worker, _fits, hashed, pin)
        if member is None or not fits:
            raise await self._store.transact(lambda tx: self._wrong(tx, badge))
        session = Session(self._new_id(), member)
        await self._store.transact(lambda tx: self._right(tx, session, starts=starts))
        return session

    async def sign_out(self, *, idle: bool = False) -> None:
        """End the session, if there is one."""
        session, self.session = self.session, None
        if session is not None:
            ended = SessionEnded(outcome="idle" if idle else "finished")
            await self._store.transact(lambda tx: tx.emit(ended, session.id))

    def require(self, *rights: str) -> str:
        """Return the badge of whoever is signed in with one of the rights.

        Raises:
            RefusedError: nobody is, the right is missing, or has run out.
        """
        session = self.session
        if session is None or not session.member.rights & set(rights):
            raise RefusedError("not_allowed")
        if session.member.valid_until <= self._clock.now():
            raise RefusedError("not_allowed")
        return session.member.badge

    def _find(self, tx: Transaction, badge: str) -> tuple[StaffMember | None, str]:
        """Return the member, if valid, and the hash to check: an unknown badge takes as long as a known one."""
        tx.throttle(badge_key(badge)).check(self._clock.monotonic())
        everybody = documents.staff(tx)
        valid = (each for each in everybody if each.badge == badge and each.valid_until > self._clock.now())
        member = next(valid, None)
        return member, (member or everybody[0]).pin if everybody else ""

    def _right(self, tx: Transaction, session: Session, *, starts: bool) -> None:
        badge = session.member.badge
        tx.save_throttle(tx.throttle(badge_key(badge)).passed())
        if starts:
            tx.emit(SessionStarted(who="staff", staff=badge), session.id)

    def _wrong(self, tx: Transaction, badge: str) -> WrongCodeError | LockedOutError:
        now = self._clock.monotonic()
        throttle = tx.throttle(badge_key(badge)).failed(now)
        tx.save_throttle(throttle)
        count_wrong_try(tx, now)
        return LockedOutError(LOCKED_SECONDS) if throttle.tries_left == 0 else WrongCodeError(throttle.tries_left)


def _fits(hashed: str, pin: str) -> bool:
    try:
        return PasswordHasher().verify(hashed, pin)
    except (VerificationError, InvalidHashError):
        return False
