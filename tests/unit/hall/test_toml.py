"""The station file of a run: what is written reads back equal, whatever the texts hold."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.toml import write_toml

TEXT = st.text(st.characters(codec="utf-8"))
PLAIN = st.one_of(
    TEXT, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
FLAT = st.dictionaries(TEXT, PLAIN, max_size=4)
MEMBERS = st.dictionaries(TEXT, st.one_of(PLAIN, FLAT, st.lists(PLAIN), st.lists(FLAT)), max_size=4)


@given(st.dictionaries(TEXT, st.one_of(PLAIN, st.lists(PLAIN), MEMBERS, st.lists(MEMBERS, min_size=1, max_size=3))))
def test_reads_back_equal(table: dict[str, Any]) -> None:
    assert tomllib.loads(write_toml(table)) == table


def test_moments_keep_their_zone() -> None:
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    assert tomllib.loads(write_toml({"key": {"valid_until": moment}})) == {"key": {"valid_until": moment}}


def test_what_toml_cannot_hold_is_said() -> None:
    with pytest.raises(TypeError, match="NoneType"):
        write_toml({"a": {"b": None}})
