from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest

from edge.core.visit import Occasion
from edge.printers.receipt.codec import slip
from edge.services.slip_texts import COLUMNS, SlipText, fold, reprint, width

NUMBER = "PWR62DY9N4C"


def _text(occasion: Occasion) -> SlipText:
    name_zh, name_en = (
        "东城区政务服务中心 24小时自助区",
        "Dongcheng Government Service Centre, 24-hour self-service area",
    )
    return SlipText(occasion, name_zh, name_en, 12, datetime(2026, 11, 24, 22, 3, tzinfo=UTC), NUMBER)


@pytest.mark.parametrize("occasion", get_args(Occasion))
def test_says_number_time_compartment_and_what_next_within_the_paper(occasion: Occasion) -> None:
    lines = _text(occasion).lines()
    assert all(width(line) <= COLUMNS for line in lines)
    assert "PWR62-DY9N4-C" in [line.strip() for line in lines]
    assert any("12" in line and "柜号" in line for line in lines)
    assert any("2026-11-24 22:03" in line for line in lines)
    assert any("number" in line for line in lines[-5:])


@pytest.mark.parametrize("occasion", get_args(Occasion))
def test_prints_every_sign(occasion: Occasion) -> None:
    assert "〓".encode("gb18030") not in slip(_text(occasion).lines())


def test_marks_a_late_slip_in_its_first_line() -> None:
    assert reprint(["a"])[0] == "*** 补打 REPRINT ***"


@pytest.mark.parametrize("text", ["请保存收件编号，到服务窗口询问。" * 4, "一二三四五六七八九十一二三四五六。好"])
def test_no_line_begins_with_a_stop_and_nothing_is_lost(text: str) -> None:
    lines = fold(text)
    assert "".join(lines) == text
    assert not any(line[0] in "，。" for line in lines)
    assert all(width(line) <= COLUMNS for line in lines)
