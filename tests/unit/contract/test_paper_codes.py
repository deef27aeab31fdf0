"""Codes on papers: read back whole, worth nothing when anything of them was changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from contract.paper_codes import (
    KINDS,
    STATION_KINDS,
    Finding,
    IssuingKey,
    IssuingKeyList,
    check,
    digest_of_facts,
    issue,
    key_name,
    public_x,
    read_short,
    short,
    show_short,
)
from contract.signing import new_signing_key

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
TODAY = date(2026, 11, 24)
DIGEST = digest_of_facts({"name": "北京测试有限公司", "qr": "whatever"})
NUMBER = "91110000MA01TEST0X"
KEY, OTHER = new_signing_key("papers-1"), new_signing_key("papers-2")


def entry(key: OKPKey, **changed: object) -> IssuingKey:
    told = {
        "kid": key_name(key),
        "issuer": "hub",
        "kinds": tuple(KINDS),
        "x": public_x(key),
        "valid_from": NOW - timedelta(days=30),
        "valid_until": NOW + timedelta(days=335),
    }
    return IssuingKey.model_validate({**told, **changed})


def listed(*keys: IssuingKey) -> IssuingKeyList:
    return IssuingKeyList(made_at=NOW, keys=keys)


LIST = listed(entry(KEY))
CODE = issue("licence_original", NUMBER, TODAY, DIGEST, KEY)


def test_says_what_was_signed() -> None:
    verdict = check(CODE, LIST, NOW)
    assert verdict.finding is Finding.GENUINE
    assert (verdict.kind, verdict.number, verdict.issued_on) == ("licence_original", NUMBER, TODAY)
    assert (verdict.issuer, verdict.short) == ("hub", short(CODE))
    assert verdict.speaks_of(DIGEST)
    assert not verdict.speaks_of("0" * 64)


@settings(max_examples=60)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    number=st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=45),
)
def test_every_number_comes_back(kind: str, number: str) -> None:
    verdict = check(issue(kind, number, TODAY, DIGEST, KEY), LIST, NOW)
    assert (verdict.finding, verdict.kind, verdict.number) == (Finding.GENUINE, kind, number)


@pytest.mark.parametrize(
    "typed",
    [
        f"HTTPS://HUB.EXAMPLE/V/{CODE}",
        f"https://hub.example/v/{CODE.lower()}",
        f"  {CODE[:50]} {CODE[50:90]}-{CODE[90:]}\n",
        "ND1" + CODE[3:].replace("0", "O").replace("1", "l"),
    ],
)
def test_as_people_and_scanners_bring_it(typed: str) -> None:
    assert check(typed, LIST, NOW).finding is Finding.GENUINE


def test_fits_a_small_code_on_paper() -> None:
    # Alphanumeric QR of level Q: 221 symbols are version 10; with a link of forty before it.
    assert len(CODE) <= 170
    assert CODE.isalnum()
    assert CODE.upper() == CODE


def test_no_symbol_can_be_changed() -> None:
    for place, symbol in enumerate(CODE):
        changed = CODE[:place] + ("7" if symbol != "7" else "8") + CODE[place + 1 :]
        assert check(changed, LIST, NOW).finding in {Finding.FORGED, Finding.NO_CODE, Finding.UNKNOWN_KEY}, place
        assert check(changed, LIST, NOW).number == ""


@pytest.mark.parametrize("cut", [1, 2, 8, 60, len(CODE) - 3, len(CODE)])
def test_no_symbol_can_be_missing_or_added(cut: int) -> None:
    for changed in (CODE[:-cut], CODE + "0" * cut):
        assert check(changed, LIST, NOW).finding in {Finding.FORGED, Finding.NO_CODE, Finding.UNKNOWN_KEY}


def test_one_spelling() -> None:
    # 101 bytes are 808 bits in 162 symbols: two bits are left over, and they are zero.
    assert len(CODE) == 3 + 162
    last = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(CODE[-1])
    assert last % 4 == 0
    for spare in (1, 2, 3):
        other = CODE[:-1] + "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[last + spare]
        assert check(other, LIST, NOW).finding is Finding.NO_CODE


def test_a_key_that_nobody_published() -> None:
    assert check(issue("receipt", "7", TODAY, DIGEST, OTHER), LIST, NOW).finding is Finding.UNKNOWN_KEY


def test_a_key_that_borrows_a_published_name() -> None:
    lie = listed(entry(KEY, x=public_x(OTHER)))
    assert check(issue("receipt", "7", TODAY, DIGEST, KEY), lie, NOW).finding is Finding.FORGED
    assert check(CODE, listed(entry(KEY, x=public_x(OTHER)), entry(KEY)), NOW).finding is Finding.GENUINE


def test_a_station_issues_no_licence() -> None:
    station = listed(entry(KEY, issuer="station-7", kinds=STATION_KINDS))
    assert check(CODE, station, NOW).finding is Finding.NOT_ENTITLED
    assert check(issue("receipt", "7", TODAY, DIGEST, KEY), station, NOW).finding is Finding.GENUINE


def test_dated_outside_its_keys_use() -> None:
    for day, finding in (
        (date(2026, 10, 24), Finding.OUT_OF_PERIOD),
        (date(2026, 10, 25), Finding.GENUINE),
        (date(2026, 11, 25), Finding.GENUINE),
        (date(2026, 11, 26), Finding.OUT_OF_PERIOD),
    ):
        assert check(issue("receipt", "7", day, DIGEST, KEY), LIST, NOW).finding is finding, day


def test_a_paper_outlives_the_use_of_its_key_and_not_its_loss() -> None:
    later = NOW + timedelta(days=4000)
    assert check(CODE, LIST, later).finding is Finding.GENUINE
    lost = listed(entry(KEY, revoked_at=NOW + timedelta(days=5)))
    assert check(CODE, lost, NOW).finding is Finding.GENUINE
    assert check(CODE, lost, later).finding is Finding.KEY_REVOKED


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda data: "ND1" + data.hex().upper()))
@settings(max_examples=200)
def test_never_raises(text: str) -> None:
    assert check(text, LIST, NOW).finding is not Finding.GENUINE
    read_short(text)


@pytest.mark.parametrize(
    ("kind", "number", "day", "digest"),
    [
        ("banknote", "7", TODAY, DIGEST),
        ("receipt", "", TODAY, DIGEST),
        ("receipt", "7" * 61, TODAY, DIGEST),
        ("receipt", "𠮷" * 46, TODAY, DIGEST),
        ("receipt", "7\n8", TODAY, DIGEST),
        ("receipt", "7 8", TODAY, DIGEST),
        ("receipt", "7", date(2019, 12, 31), DIGEST),
        ("receipt", "7", TODAY, DIGEST[:-1]),
    ],
)
def test_is_not_issued(kind: str, number: str, day: date, digest: str) -> None:
    with pytest.raises(ValueError, match=r"number|kind"):
        issue(kind, number, day, digest, KEY)


def test_the_short_code_is_typed() -> None:
    symbols = short(CODE)
    assert symbols == short(f"https://hub.example/v/{CODE.lower()}")
    assert read_short(show_short(symbols).lower()) == symbols
    assert read_short(symbols[:-1]) is None
    assert read_short("U" * 12) is None


def test_facts_are_one_thing_in_any_order_and_without_the_code() -> None:
    facts = {"b": 1, "a": ["一", {"y": 2, "x": 3}]}
    same = {"a": ["一", {"x": 3, "y": 2}], "b": 1, "qr": "HTTPS://X/V/ND1", "check_code": "7K3M"}
    assert digest_of_facts(facts) == digest_of_facts(same)
    assert digest_of_facts(facts) != digest_of_facts({**facts, "b": 2})


def test_numbers_of_kinds_are_never_given_twice() -> None:
    assert len(set(KINDS.values())) == len(KINDS)
