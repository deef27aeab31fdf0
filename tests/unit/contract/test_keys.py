"""Signatures and sealed fields: what must open opens, whatever was touched does not."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.sealed import UnsealError, new_sealing_key, seal, unseal
from contract.signing import SignatureRefusedError, new_signing_key, sign, verify

EVENT = UUID("0197c2a3-5b1e-7c44-9d3a-6f0e8a1b2c3d")
SEALING, OTHER_SEALING = new_sealing_key("notify-1"), new_sealing_key("notify-1")
SIGNING, OTHER_SIGNING = new_signing_key("dispatch-1"), new_signing_key("dispatch-1")
TOKEN = sign(b'{"a":1}', SIGNING, typ="nd-command+jwt")
SEALED = seal("48271936", SEALING, station="dc-24h-01", event=EVENT, field="code_sealed")


@given(st.text(max_size=40))
def test_what_is_sealed_is_unsealed(plain: str) -> None:
    value = seal(plain, SEALING, station="dc-24h-01", event=EVENT, field="phone_sealed")
    assert plain not in value or len(plain) < 3
    assert unseal(value, SEALING, station="dc-24h-01", event=EVENT, field="phone_sealed") == plain


@pytest.mark.parametrize(
    ("station", "event", "field"),
    [("dc-24h-02", EVENT, "code_sealed"), ("dc-24h-01", uuid4(), "code_sealed"), ("dc-24h-01", EVENT, "phone_sealed")],
)
def test_a_sealed_value_cannot_be_moved(station: str, event: UUID, field: str) -> None:
    with pytest.raises(UnsealError):
        unseal(SEALED, SEALING, station=station, event=event, field=field)


def test_another_key_cannot_unseal() -> None:
    with pytest.raises(UnsealError):
        unseal(SEALED, OTHER_SEALING, station="dc-24h-01", event=EVENT, field="code_sealed")


@given(st.integers(0, len(TOKEN) - 2), st.sampled_from("ABab01-_."))
def test_a_touched_signature_is_refused(place: int, symbol: str) -> None:
    changed = TOKEN[:place] + symbol + TOKEN[place + 1 :]
    if changed == TOKEN:
        assert verify(changed, {"dispatch-1": SIGNING}, typ="nd-command+jwt") == ("dispatch-1", b'{"a":1}')
        return
    with pytest.raises(SignatureRefusedError):
        verify(changed, {"dispatch-1": SIGNING}, typ="nd-command+jwt")


@given(st.text(max_size=200))
def test_any_text_is_refused_and_nothing_else_raised(text: str) -> None:
    with pytest.raises(SignatureRefusedError):
        verify(text, {"dispatch-1": SIGNING}, typ="nd-command+jwt")
    with pytest.raises(UnsealError):
        unseal(text, SEALING, station="dc-24h-01", event=EVENT, field="code_sealed")


def test_a_foreign_key_of_the_same_name_is_refused() -> None:
    with pytest.raises(SignatureRefusedError, match="bad_signature"):
        verify(sign(b"{}", OTHER_SIGNING, typ="nd-command+jwt"), {"dispatch-1": SIGNING}, typ="nd-command+jwt")


def test_a_document_is_not_a_command() -> None:
    with pytest.raises(SignatureRefusedError, match="unknown_key"):
        verify(TOKEN, {"dispatch-1": SIGNING}, typ="nd-document+jwt")
