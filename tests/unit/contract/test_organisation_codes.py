"""Codes of organisations and identifiers of licences: the published vectors, and every change of one symbol."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.ids import CodeFault, Uscc, is_registration_number, read_licence_id, read_uscc
from contract.organisation_codes import USCC_SYMBOLS, organisation_check, registration_check, uscc_check

USCCS = [
    "91350100M000100Y43",
    "91110000600037341L",
    "91110000802100433B",
    "11100000MB0143028R",
    "11110000000021135M",
    "91110101MA01ABCD5M",
]
ROOT = "1.2.156.3005.2."
LICENCES = [
    ROOT + "11100000000013338W011.11430000006122244L.20230000403.001.U",
    ROOT + "11100000000013338W032.11220000013544541J.2430599.001.F",
    ROOT + "11100000000013338W009.11330105002500287C.2025052201.002.0",
    ROOT + "11100000MB03271699022.340100.000000016.001.9",
    ROOT + "11100000MB0143028R001.11110101MB00001A9B.2026010100000001.001.T",
]


@pytest.mark.parametrize("code", USCCS)
def test_published_codes_are_read(code: str) -> None:
    found = read_uscc(f" {code.lower()} ")
    assert isinstance(found, Uscc)
    assert (found.code, found.region, found.organisation_code) == (code, code[2:8], code[8:17])


@pytest.mark.parametrize("first", "ANY")
def test_a_letter_may_stand_first(first: str) -> None:
    body = first + "2110101MF0123456"
    found = read_uscc(body + uscc_check(body))
    assert isinstance(found, Uscc)
    assert found.registrar in {"military", "agriculture", "other"}


def test_the_code_inside_is_judged_by_itself() -> None:
    fitting = [found.organisation_code_fits for code in USCCS if isinstance(found := read_uscc(code), Uscc)]
    assert fitting[1:4] == [True, True, True]
    body = "9111000060003734" + "0"  # its own check is 1
    found = read_uscc(body + uscc_check(body))
    assert isinstance(found, Uscc)
    assert not found.organisation_code_fits


@pytest.mark.parametrize("code", ["600037341", "802100433", "MB0143028", "D2143569X"])
def test_codes_before_the_unified_one(code: str) -> None:
    assert organisation_check(code[:8]) == code[8]


def test_the_standards_bad_example_and_other_texts_are_refused() -> None:
    # Z is no symbol of the alphabet at all.
    assert read_uscc("91350100M000100Y4Z") is CodeFault.FORM
    assert read_uscc("91350100M000100Y44") is CodeFault.CHECK
    assert read_uscc("９" * 18) is CodeFault.FORM


def test_every_change_of_one_symbol_of_a_code_is_noticed() -> None:
    for code in USCCS:
        for place in range(18):
            for symbol in USCC_SYMBOLS:
                changed = code[:place] + symbol + code[place + 1 :]
                assert isinstance(read_uscc(changed), Uscc) == (changed == code)


def test_a_registration_number_of_before_2015() -> None:
    assert registration_check("11010101234567") == "8"
    assert is_registration_number("110101012345678")
    assert not is_registration_number("110101012345679")
    assert not is_registration_number("１１０１０１０１２３４５６７８")


@pytest.mark.parametrize("text", LICENCES)
def test_licence_identifiers_are_read_and_written_back(text: str) -> None:
    found = read_licence_id(text)
    assert found is not None
    assert str(found) == text


def test_every_change_of_one_symbol_of_a_licence_is_noticed() -> None:
    symbols = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for text in LICENCES:
        for place in (n for n in range(len(ROOT), len(text)) if text[n] != "."):
            for symbol in set(symbols) - {text[place]}:
                assert read_licence_id(text[:place] + symbol + text[place + 1 :]) is None


@given(st.one_of(st.text(max_size=64), st.text(alphabet="0123456789ABXYZ.１", max_size=90)))
def test_reading_never_raises(text: str) -> None:
    assert isinstance(read_uscc(text), Uscc | CodeFault)
    assert is_registration_number(text) in {True, False}
    assert read_licence_id(text) is None or read_licence_id(ROOT + text) is None
