"""Numbers and codes that people type and labels carry: whatever the text, a typed answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from joserfc.jwk import OKPKey

from contract import ids, paper_codes
from edge.core import pickup_token
from tests.fuzz.runner import Entry

_TODAY = date(2026, 11, 24)
_KEY = b"k" * 32


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="surrogatepass" if len(data) % 2 else "replace")


def _feed(data: bytes) -> None:
    text = _text(data)
    ids.read_citizen_number(text, _TODAY)
    ids.read_uscc(text)
    ids.is_registration_number(text)
    ids.read_licence_id(text)
    ids.read_receipt_number(text)
    ids.read_case_number(text)
    pickup_token.read(_KEY, text)


_ISSUING = OKPKey.import_key(
    {"kty": "OKP", "crv": "Ed25519", "kid": "p", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
     "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}
)  # fmt: skip
_CODE = paper_codes.issue("licence_original", "91350100M000100Y43", _TODAY, "ab" * 32, _ISSUING)
_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
_LIST = paper_codes.IssuingKeyList(
    made_at=_AT,
    keys=(
        paper_codes.IssuingKey(
            kid=paper_codes.key_name(_ISSUING), issuer="hub", kinds=tuple(paper_codes.KINDS),
            x=paper_codes.public_x(_ISSUING), valid_from=_AT - timedelta(days=9), valid_until=_AT + timedelta(days=9),
        ),
    ),
)  # fmt: skip


def _feed_code(data: bytes) -> None:
    """Whatever is scanned: never an exception, and genuine only as the code that was signed."""
    text = _text(data)
    verdict = paper_codes.check(text, _LIST, _AT)
    paper_codes.read_short(text)
    if verdict.finding is paper_codes.Finding.GENUINE:
        assert verdict.short == paper_codes.short(_CODE), "another code than the signed one is called genuine"


ENTRIES = [
    Entry(
        "numbers",
        _feed,
        seeds=[
            b"11010519491231002X",
            b"110105491231002",
            b"USA110181101211",
            b"91350100M000100Y43",
            b"110101012345678",
            b"1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
            "１１０１０５１９４９１２３１００２Ｘ".encode(),
            b"7K3M9-Q2T8X-4",
            b"11110101MB00001A9B4000131001000202601050001",
            b"\xed\xa0\x80",
        ],
        # Half of the surrogates that are made cannot be text at all.
        allowed=(UnicodeDecodeError,),
    ),
    Entry(
        "paper codes",
        _feed_code,
        seeds=[
            _CODE.encode(),
            f"HTTPS://HUB.EXAMPLE/V/{_CODE}".encode(),
            f"https://hub.example/v/{_CODE.lower()}".encode(),
            b"7K3M-9Q2T-8X4C",
            b"ND1",
            "ＮＤ１".encode(),
        ],
        allowed=(UnicodeDecodeError,),
    ),
]
