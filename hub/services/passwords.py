"""Secrets that people type: hashed with argon2id (RFC 9106), checked away from the event loop, few at a time."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256

# Each check holds its memory for its time: more at once would let a stranger at the sign-in page take it.
_AT_ONCE = 2


def pin_hasher() -> PasswordHasher:
    """The hasher for PINs, which stations check: 19 MiB, 2 passes, 1 lane (OWASP password storage guide).

    A kiosk's memory is small, and its throttle, not the hash, keeps a short PIN from being guessed.
    """
    return PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)


class Passwords:
    """Hashes and checks passwords and PINs; one instance per event loop."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()  # RFC 9106, low memory: 64 MiB, 3 passes, 4 lanes
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, secret: str) -> str:
        """Return the argon2id hash string of `secret`."""
        async with self._gate:
            return await asyncio.to_thread(self._hasher.hash, secret)

    async def matches(self, hashed: str | None, secret: str) -> bool:
        """Whether `secret` belongs to `hashed`; with None it takes as long and is False."""
        known = hashed if hashed is not None else await self._hash_of_nobody()
        async with self._gate:
            right = await asyncio.to_thread(self._verify, known, secret)
        return right and hashed is not None

    async def _hash_of_nobody(self) -> str:
        if self._nobody is None:
            self._nobody = await self.hash("nobody has this password")
        return self._nobody

    def _verify(self, hashed: str, secret: str) -> bool:
        try:
            return self._hasher.verify(hashed, secret)
        except (VerificationError, InvalidHashError):
            return False
