from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.core.audit import AuditRow, Chain, digest_of, first_wrong, stamp

AT = datetime(2026, 11, 24, 22, 3, tzinfo=UTC)


def chain_of(count: int) -> list[AuditRow]:
    chain = Chain("dc-24h-01")
    return [chain.add("event", f"e/{n}/id", digest_of(f"body {n}"), AT, stamp(AT)) for n in range(count)]


def test_an_untouched_chain_is_right() -> None:
    chain = Chain("dc-24h-01")
    rows = chain_of(5)
    assert first_wrong(rows, chain) is None
    assert (chain.n, chain.head) == (5, rows[-1].hash)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "projected"},
        {"subject": "e/9/id"},
        {"digest": digest_of("another body")},
        {"at": AT + timedelta(microseconds=1)},
        {"hash": "0" * 64},
    ],
)
def test_every_altered_field_is_noticed(change: dict[str, object]) -> None:
    rows = chain_of(5)
    rows[2] = replace(rows[2], **change)  # type: ignore[arg-type]  # any one field
    assert first_wrong(rows, Chain("dc-24h-01")) == "row 3 was altered"


def test_a_row_cut_out_is_noticed() -> None:
    rows = chain_of(5)
    del rows[1]
    assert first_wrong(rows, Chain("dc-24h-01")) == "row 2 is missing (found 3)"


def test_an_altered_user_action_is_noticed() -> None:
    chain = Chain("hub:users")
    row = replace(chain.add("user", "wang made x", digest_of("{}"), AT, stamp(AT)), body='{"altered": true}')
    assert first_wrong([row], Chain("hub:users")) == "the body of row 1 was altered"


def test_a_time_in_another_zone_is_the_same_time() -> None:
    assert stamp(AT) == stamp(AT.astimezone()) == "2026-11-24T22:03:00.000000+00:00"
