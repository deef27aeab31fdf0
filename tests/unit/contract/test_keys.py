"""Signatures and sealed fields: what must open opens, whatever was touched does not."""

import base64
import json
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe

from contract.sealed import UnsealError, new_sealing_key, seal, unseal
from contract.signing import SignatureRefusedError, new_signing_key, sign, unverified, verify

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


def _signed(header: dict[str, object]) -> str:
    """Sign without our code."""

    def part(data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    private = SIGNING.private_key
    assert isinstance(private, Ed25519PrivateKey)
    said = part(json.dumps(header).encode()) + b"." + part(b'{"a":1}')
    return (said + b"." + part(private.sign(said))).decode()


@pytest.mark.parametrize("header", [{}, {"typ": "JWT"}, {"typ": "jose"}, {"typ": "nd-command+jwt", "more": 1}])
def test_a_token_of_another_library_needs_no_type(header: dict[str, object]) -> None:
    text = _signed({"alg": "EdDSA", "kid": "dispatch-1", **header})
    assert verify(text, {"dispatch-1": SIGNING}, typ="nd-command+jwt") == ("dispatch-1", b'{"a":1}')


def test_a_long_document_is_verified_and_an_endless_one_refused() -> None:
    long = b"x" * 4_000_000
    token = sign(long, SIGNING, typ="nd-document+jwt")
    assert unverified(token) == long
    assert verify(token, {"dispatch-1": SIGNING}, typ="nd-document+jwt") == ("dispatch-1", long)
    with pytest.raises(SignatureRefusedError, match="malformed"):
        verify(sign(long * 2, SIGNING, typ="nd-document+jwt"), {"dispatch-1": SIGNING}, typ="nd-document+jwt")


def test_a_header_that_must_be_understood_and_is_not_is_refused() -> None:
    header = {"alg": "EdDSA", "kid": "dispatch-1", "crit": ["more"], "more": 1}
    with pytest.raises(SignatureRefusedError):
        verify(_signed(header), {"dispatch-1": SIGNING}, typ="nd-command+jwt")


def test_a_value_sealed_by_another_library_is_unsealed() -> None:
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": "notify-1", "typ": "JOSE", "made_by": "somebody"}
    bound = {"station": "dc-24h-01", "event": str(EVENT), "field": "code_sealed"}
    registry = jwe.JWERegistry(algorithms=["ECDH-ES", "A256GCM"], strict_check_header=False)
    value = jwe.encrypt_compact(header | bound, b"48271936", SEALING, registry=registry)
    assert unseal(value, SEALING, station="dc-24h-01", event=EVENT, field="code_sealed") == "48271936"


@pytest.mark.parametrize("typ", ["nd-document+jwt", "", 7, None, ["JWT"]])
def test_a_token_of_another_type_is_refused(typ: object) -> None:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "EdDSA", "kid": "dispatch-1", "typ": typ}).encode())
    with pytest.raises(SignatureRefusedError):
        verify(f"{header.rstrip(b'=').decode()}.e30.AAAA", {"dispatch-1": SIGNING}, typ="nd-command+jwt")


def test_a_document_is_not_a_command() -> None:
    with pytest.raises(SignatureRefusedError, match="unknown_key"):
        verify(TOKEN, {"dispatch-1": SIGNING}, typ="nd-document+jwt")
