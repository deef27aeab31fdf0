"""Grants: the permission to open one door once. Pure; ids come in from the caller.

A pickup code is not a grant: every try with the right code makes a new one. What a crash leaves behind is dead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from contract.events import Purpose
from edge.errors import BugError

GRANTS_PER_VISIT = 3


class GrantState(StrEnum):
    """`live` may be used once; `used` and `dead` never again."""

    LIVE = "live"
    USED = "used"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Grant:
    """Permission to open `compartment` once, for one visit, within one boot."""

    id: UUID
    compartment: int
    purpose: Purpose
    visit: UUID
    boot: int
    state: GrantState = GrantState.LIVE

    def use(self, compartment: int, boot: int) -> Grant:
        """Return the used grant; commit it before the coil moves.

        Raises:
            BugError: it is not live, is for another door, or was given before the last start.
        """
        if self.state is not GrantState.LIVE:
            raise BugError(f"grant {self.id} is {self.state}")
        if (self.compartment, self.boot) != (compartment, boot):
            raise BugError(f"grant {self.id} is not for compartment {compartment} in boot {boot}")
        return replace(self, state=GrantState.USED)

    def die(self) -> Grant:
        """Return it dead, if it was live; a used one stays used."""
        return replace(self, state=GrantState.DEAD) if self.state is GrantState.LIVE else self
