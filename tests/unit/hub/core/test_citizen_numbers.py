from __future__ import annotations

import pytest

from hub.core.citizen_numbers import is_citizen_number

RIGHT = "11010519491231002X"  # the sample of GB 11643


def test_the_published_sample_is_right_and_every_other_last_symbol_wrong() -> None:
    assert is_citizen_number(RIGHT)
    assert not any(is_citizen_number(RIGHT[:-1] + symbol) for symbol in "0123456789")


@pytest.mark.parametrize("text", ["", "X" * 18, "1" * 17, RIGHT.lower(), f" {RIGHT}", "１" * 18, RIGHT + "0"])
def test_what_is_no_number_is_refused_without_an_error(text: str) -> None:
    assert not is_citizen_number(text)


def test_every_change_of_one_digit_is_noticed() -> None:
    for place in range(17):
        for digit in "0123456789":
            changed = RIGHT[:place] + digit + RIGHT[place + 1 :]
            assert is_citizen_number(changed) == (changed == RIGHT)
