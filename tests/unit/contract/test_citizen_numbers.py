"""Numbers of persons: the published vectors, every kind, and no text that makes the reader raise."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.citizen_numbers import Oddity, PersonKind, check_of_seventeen
from contract.ids import CitizenNumber, NumberFault, read_citizen_number

TODAY = date(2026, 11, 24)
SAMPLE = "11010519491231002X"  # of GB 11643


def read(text: str) -> CitizenNumber:
    found = read_citizen_number(text, TODAY)
    assert isinstance(found, CitizenNumber)
    return found


@pytest.mark.parametrize(
    ("number", "kind", "birth", "warnings"),
    [
        (SAMPLE, "citizen", date(1949, 12, 31), set()),
        ("110101199003070011", "citizen", date(1990, 3, 7), set()),
        ("11010119900307002X", "citizen", date(1990, 3, 7), set()),
        ("110101200002290157", "citizen", date(2000, 2, 29), set()),
        ("110103196501010010", "citizen", date(1965, 1, 1), {"abolished_region"}),
        ("34052419800101001X", "citizen", date(1980, 1, 1), set()),
        ("110228198001010016", "citizen", date(1980, 1, 1), {"abolished_region"}),
        ("810000199506150113", "hmt_resident", date(1995, 6, 15), set()),
        ("82000019880808012X", "hmt_resident", date(1988, 8, 8), set()),
        ("830000199204200131", "hmt_resident", date(1992, 4, 20), set()),
        ("911840198110120019", "foreign_2023", date(1981, 10, 12), set()),
        ("USA110181101211", "foreign_2017", date(1981, 10, 12), set()),
        ("USA110181101210", "foreign_2017", date(1981, 10, 12), {"check_symbol"}),
    ],
)
def test_the_vectors_are_read_with_kind_and_birth_date(
    number: str, kind: PersonKind, birth: date, warnings: set[Oddity]
) -> None:
    assert read(number) == CitizenNumber(number, kind, birth, frozenset(warnings))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("110101197608056896", NumberFault.CHECK),
        ("110101199002300014", NumberFault.BIRTH_DATE),
        ("", NumberFault.FORM),
        ("X" * 18, NumberFault.FORM),
        ("１" * 18, NumberFault.FORM),
        (SAMPLE + "0", NumberFault.FORM),
        ("0" + SAMPLE[1:], NumberFault.FORM),
        (" " * 70 + SAMPLE, NumberFault.FORM),
    ],
)
def test_what_is_no_number_says_why(text: str, fault: NumberFault) -> None:
    assert read_citizen_number(text, TODAY) is fault


def test_a_small_x_and_spaces_around_are_mended() -> None:
    assert read(f" {SAMPLE.lower()}\n").number == SAMPLE


def test_fifteen_digits_are_made_eighteen() -> None:
    assert read("110105491231002").number == SAMPLE
    assert read("110105491231002").warnings == {"fifteen_digits"}


def test_nobody_is_born_tomorrow() -> None:
    number = "110101200002290157"
    assert isinstance(read_citizen_number(number, date(2000, 2, 29)), CitizenNumber)
    assert read_citizen_number(number, date(2000, 2, 28)) is NumberFault.FUTURE


def test_an_unknown_region_is_a_warning() -> None:
    for region in ("110199", "170101", "800101"):
        body = region + "19900307001"
        assert read(body + check_of_seventeen(body)).warnings == {"unknown_region"}


@pytest.mark.parametrize("number", [SAMPLE, "911840198110120019"])
def test_every_change_of_one_symbol_is_noticed(number: str) -> None:
    """Of the eighteen symbols; the check of 2017's permits is one source's and only warns."""
    for place in range(18):
        for symbol in "0123456789X":
            changed = number[:place] + symbol + number[place + 1 :]
            assert isinstance(read_citizen_number(changed, TODAY), CitizenNumber) == (changed == number)


def test_a_number_is_not_in_its_own_repr() -> None:
    assert "1949" not in repr(read(SAMPLE))


NEARLY = st.text(alphabet="0123456789xX１²٣ABCUSA ", max_size=64)


@given(st.one_of(st.text(max_size=64), NEARLY), st.dates())
def test_reading_never_raises(text: str, today: date) -> None:
    found = read_citizen_number(text, today)
    if isinstance(found, CitizenNumber):
        assert found.number.isascii()
        assert found.birth <= today
        assert read_citizen_number(found.number, today) == CitizenNumber(
            found.number, found.kind, found.birth, found.warnings - {"fifteen_digits"}
        )
