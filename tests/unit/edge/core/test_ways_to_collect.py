"""Tokens and claims without a station: what is genuine, what is not, and that no text ever raises."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from edge.core import pickup_token
from edge.core.claim import Claim
from edge.core.codes import PickupCode

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
CODE = PickupCode(12, "0" * 31 + "20261124" + "0001", b"m" * 32)
END = datetime(2026, 11, 28, 18, 0, tzinfo=UTC)
TOKEN = pickup_token.make(KEY, "dc-24h-01", CODE, END)


def test_a_token_says_where_and_until_when_and_nothing_about_the_person() -> None:
    said = pickup_token.read(KEY, TOKEN)
    assert said is not None
    assert (said.station, said.compartment, said.expires) == ("dc-24h-01", 12, int(END.timestamp()))
    assert said.fits(KEY, CODE)
    payload = TOKEN.split(".")[1]
    body = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert set(body) == {"station", "compartment", "jti", "exp"}
    assert CODE.case_number not in TOKEN
    assert CODE.case_number not in json.dumps(body)


def test_a_token_fits_one_code_at_one_compartment_for_one_case() -> None:
    said = pickup_token.read(KEY, TOKEN)
    assert said is not None
    for other in (PickupCode(13, CODE.case_number, CODE.mac), PickupCode(12, "1" * 43, CODE.mac),
                  PickupCode(12, CODE.case_number, b"n" * 32)):  # fmt: skip
        assert not said.fits(KEY, other)
    assert not said.fits(OTHER_KEY, CODE)


def test_another_stations_key_makes_no_token_of_ours() -> None:
    assert pickup_token.read(OTHER_KEY, TOKEN) is None
    later = pickup_token.make(OTHER_KEY, "dc-24h-01", CODE, END + timedelta(days=9))
    assert pickup_token.read(KEY, later) is None


@given(st.integers(0, len(TOKEN) - 1), st.characters())
def test_one_changed_character_makes_it_worthless(place: int, sign: str) -> None:
    changed = TOKEN[:place] + sign + TOKEN[place + 1 :]
    assert (pickup_token.read(KEY, changed) is not None) == (changed == TOKEN)


@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    assert pickup_token.read(KEY, text) is None


def test_who_is_named_twice_collects_as_the_recipient_and_an_empty_claim_is_nobodys() -> None:
    assert Claim("a" * 64, ("a" * 64, "b" * 64)).whose("a" * 64) == "card"
    assert Claim("a" * 64, ("b" * 64,)).whose("b" * 64) == "relative"
    assert Claim("a" * 64, ("b" * 64,)).whose("c" * 64) is None
    assert Claim().whose("a" * 64) is Claim().whose("") is None
