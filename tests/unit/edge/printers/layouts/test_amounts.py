"""Chinese capitals: the vectors of the facts on the domain, §1, and what lies between them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.printers.layouts.amounts import capitals

_VALUES = {sign: value for value, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}
_PLACES = {"拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1409.50", "壹仟肆佰零玖元伍角"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元零叁角贰分"),
        ("107000.53", "壹拾万柒仟元零伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("-12.30", "负壹拾贰元叁角"),
        ("100000001", "壹亿零壹元整"),
        ("100020003", "壹亿零贰万零叁元整"),
    ],
)
def test_amounts_are_read_out_as_the_rules_say(amount: str, words: str) -> None:
    assert capitals(Decimal(amount)) == words


def _worth(words: str) -> Decimal:
    """Read capitals back, the way a clerk does: sign by sign."""
    total = group = digit = Decimal(0)
    for sign in words.removesuffix("整"):
        if sign in _VALUES:
            digit = Decimal(_VALUES[sign])
        elif sign in _PLACES:
            group, digit = group + digit * _PLACES[sign], Decimal(0)
        elif sign == "万":
            group, digit = (group + digit) * 10_000, Decimal(0)
        elif sign == "亿":
            total, group, digit = total + (group + digit) * 10**8, Decimal(0), Decimal(0)
        elif sign == "元":
            total, group, digit = total + group + digit, Decimal(0), Decimal(0)
        else:
            total, digit = total + digit * Decimal("0.1" if sign == "角" else "0.01"), Decimal(0)
    return total


@given(st.integers(min_value=0, max_value=10**14 - 1))
def test_every_amount_reads_back(fen: int) -> None:
    amount = Decimal(fen) / 100
    words = capitals(amount)
    assert _worth(words) == amount
    assert "零零" not in words


@pytest.mark.parametrize("amount", ["0.001", "10000000000000000"])
def test_what_no_cheque_says_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="whole fen"):
        capitals(Decimal(amount))
