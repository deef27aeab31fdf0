"""Identifiers that people hold."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contract import ids


@given(st.integers())
def test_a_drawn_receipt_number_is_read_back_as_a_person_types_it(seed: int) -> None:
    number = ids.new_receipt_number(random.Random(seed).randrange)
    typed = ids.show_receipt_number(number).lower().replace("0", "o").replace("1", "l")
    # the check symbol is not confusable: only the ten symbols before it are typed carelessly
    typed = typed[:12] + number[-1].lower()
    assert ids.is_receipt_number(number)
    assert ids.read_receipt_number(typed) == number


@given(st.integers(), st.integers(0, 10), st.sampled_from(ids.CROCKFORD))
def test_every_changed_symbol_is_detected(seed: int, place: int, symbol: str) -> None:
    number = ids.new_receipt_number(random.Random(seed).randrange)
    changed = number[:place] + symbol + number[place + 1 :]
    assert ids.is_receipt_number(changed) == (changed == number)


@given(st.text(max_size=64))
def test_reading_never_raises(text: str) -> None:
    number = ids.read_receipt_number(text)
    assert number is None or ids.is_receipt_number(number)


@given(st.integers())
def test_pickup_codes_are_eight_digits(seed: int) -> None:
    code = ids.new_pickup_code(random.Random(seed).randrange)
    assert len(code) == 8
    assert code.isascii()
    assert code.isdigit()


@pytest.mark.parametrize(
    "value", ["hub", "ab", "Station", "dc_24", "dc-24h-01\n", "x" * 33, "dc/24", "+", "dc#", "１２３"]
)
def test_bad_station_ids_are_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(ids.StationId).validate_python(value)


@pytest.mark.parametrize("value", ["dc-24h-01", "hub-1", "abc"])
def test_good_station_ids(value: str) -> None:
    assert TypeAdapter(ids.StationId).validate_python(value) == value
