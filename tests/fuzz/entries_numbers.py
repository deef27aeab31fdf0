"""Numbers and codes that people type and labels carry: whatever the text, a typed answer."""

from __future__ import annotations

from datetime import date

from contract import ids
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
    )
]
