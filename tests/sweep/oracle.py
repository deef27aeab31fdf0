"""The judge of a run: what was told, what was written, what doors did and what the hub has, compared.

Shares no code with the programs that it judges. Each check returns sentences; none means that the invariant holds.
I1 told is on record · I2 one row per number and per id · I3 a coil moves only for a used grant for that very door ·
I4 per-station order without silent gaps · I5 the audit chain covers every event · L (liveness) all is delivered.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.sweep import oracle_audit, oracle_doors, oracle_rows, oracle_told
from tests.sweep.evidence import Evidence

CHECKS: dict[str, Callable[[Evidence], list[str]]] = {
    "I1": oracle_told.everything_told_is_on_record,
    "I2": oracle_rows.one_row_for_each,
    "I3": oracle_doors.doors_opened_by_grants,
    "I4": oracle_rows.in_order_without_silent_gaps,
    "I5": oracle_audit.chain_covers_every_event,
    "L": oracle_rows.everything_is_delivered,
}


def judge(evidence: Evidence) -> list[str]:
    """Return every violation, each with the name of its invariant."""
    return [f"{name}: {problem}" for name, check in CHECKS.items() for problem in check(evidence)]
