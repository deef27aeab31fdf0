from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import TypeAdapter

from contract.ids import CaseNumber, mask_name
from hub.core.case_numbers import CaseNumbersExhaustedError, case_number
from hub.core.catalogue import CATALOGUE, service_item
from hub.core.times import local_day, pickup_due

CODE = CATALOGUE[0].code


def test_a_case_number_is_one_of_the_contract() -> None:
    number = case_number(CODE, "20260105", 1)
    assert number == f"{CODE}202601050001"
    assert TypeAdapter(CaseNumber).validate_python(number) == number


@pytest.mark.parametrize("n", [0, 10_000])
def test_a_fifth_digit_fails_loudly(n: int) -> None:
    with pytest.raises(CaseNumbersExhaustedError):
        case_number(CODE, "20260105", n)
    assert case_number(CODE, "20260105", 9999).endswith("9999")


def test_every_service_item_has_a_code_of_its_own_and_both_titles() -> None:
    codes = [item.code for item in CATALOGUE]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[0-9A-Z]{31}", code) for code in codes)
    assert all(item.title_zh and item.title_en and len(item.title_zh) <= 120 for item in CATALOGUE)
    assert service_item(CODE) is CATALOGUE[0]
    assert service_item("0" * 31) is None


@pytest.mark.parametrize(
    ("typed", "mask"),
    [
        ("张三", "张*"),
        ("李小敏", "李*敏"),
        ("欧阳震华", "欧*华"),
        ("王", "王*"),
        ("  李 小 敏 ", "李*敏"),
        ("李*敏", "李*敏"),
        ("", ""),
        ("*" * 99, "*" * 40),
    ],
)
def test_a_name_is_masked(typed: str, mask: str) -> None:
    assert mask_name(typed) == mask


def test_the_day_of_a_case_number_is_the_local_one() -> None:
    assert local_day(datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC)) == "20261124"
    assert local_day(datetime(2026, 11, 24, 16, 0, 0, tzinfo=UTC)) == "20261125"


def test_a_pickup_period_ends_at_six_in_the_evening_of_its_last_day() -> None:
    evening = datetime(2026, 11, 24, 22, 3, tzinfo=timezone(timedelta(hours=8)))
    assert pickup_due(evening, 3) == datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
