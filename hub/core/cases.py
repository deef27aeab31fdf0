"""The life of a case and of the deposit it is made of: which step may follow which."""

from __future__ import annotations

from enum import StrEnum


class CaseState(StrEnum):
    """Where a case stands; from `loaded` on, only what the station reports moves it."""

    MADE = "made"
    READY = "ready"
    LOADED = "loaded"
    COLLECTED = "collected"
    OVERDUE = "overdue"
    WITHDRAWN = "withdrawn"


class DepositState(StrEnum):
    """What is known of a citizen's hand-in."""

    MADE = "made"
    DOUBTFUL = "doubtful"
    CLEARED = "cleared"
    ABANDONED = "abandoned"
    NOT_FOUND = "not_found"


CASE_MAY_BE_MADE_OF = frozenset({DepositState.MADE, DepositState.CLEARED})
"""Nobody knows what a doubtful compartment holds until staff looked; an empty one holds nothing to make a case of."""

MAY_BECOME_READY = frozenset({CaseState.MADE, CaseState.READY})
"""`ready` again while nobody loaded it: the clerk chose the wrong station or period."""

LIES_THERE = frozenset({CaseState.LOADED, CaseState.OVERDUE})
"""Its item waits in a compartment, so its station can be asked about it."""
