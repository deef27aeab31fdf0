"""The text that a card holds: 256 bytes of UTF-16LE in one of four layouts, told apart by a letter near the end.

Citizens' cards, and those of residents from Hong Kong, Macao and Taiwan, share one layout; permanent residents' permits
have one of 2017 and one of 2023. The letters are UNCONFIRMED and therefore set per reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from contract.citizen_numbers import PersonKind
from contract.ids import CitizenNumber, read_citizen_number
from edge.ports import IdCard

TEXT_BYTES = 256
PHOTO_BYTES = 1024
FOR_EVER = "长期"
KIND_FLAGS: Mapping[str, PersonKind] = {"": "citizen", "J": "hmt_resident", "I": "foreign_2017", "Y": "foreign_2023"}

_FLAG_AT = (248, 2)
Place = tuple[int, int]

_CITIZEN: Mapping[str, Place] = {
    "name": (0, 30),
    "sex": (30, 2),
    "ethnicity": (32, 4),
    "birth": (36, 16),
    "address": (52, 70),
    "number": (122, 36),
    "authority": (158, 30),
    "valid_from": (188, 16),
    "valid_to": (204, 16),
}
LAYOUTS: Mapping[PersonKind, Mapping[str, Place]] = {
    "citizen": _CITIZEN,
    "hmt_resident": {**_CITIZEN, "pass_number": (220, 18), "issue": (238, 4)},
    "foreign_2017": {
        "english_name": (0, 120),
        "sex": (120, 2),
        "number": (122, 30),
        "country": (152, 6),
        "name": (158, 30),
        "valid_from": (188, 16),
        "valid_to": (204, 16),
        "birth": (220, 16),
        "version": (236, 4),
        "authority": (240, 8),
    },
    "foreign_2023": {
        "name": (0, 30),
        "sex": (30, 2),
        "issue": (32, 4),
        "birth": (36, 16),
        "english_name": (52, 70),
        "number": (122, 36),
        "valid_from": (188, 16),
        "valid_to": (204, 16),
        "english_name_on": (220, 22),
        "country": (242, 6),
        "old_number": (250, 6),
    },
}
"""Kind of card -> field -> where it begins, how many bytes."""


class CardDataError(ValueError):
    """A card's text cannot be what a card says; never with the text in its message."""


@dataclass(frozen=True, slots=True)
class CardText:
    """The fields of a card. Held in memory for the moment of a comparison, like everything that a card says."""

    kind: PersonKind
    number: str = field(repr=False)
    birth: date = field(repr=False)
    valid_from: date = field(repr=False)
    valid_to: date | None = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)


def read_text(text: bytes, flags: Mapping[str, PersonKind] = KIND_FLAGS) -> CardText:
    """Take a card's text apart.

    Raises:
        CardDataError: too short, of an unknown kind, or a date or a number in it cannot be.
    """
    if len(text) != TEXT_BYTES:
        raise CardDataError(f"{len(text)} bytes of text instead of {TEXT_BYTES}")
    kind = flags.get(_field(text, _FLAG_AT))
    if kind is None:
        raise CardDataError("a card of an unknown kind")
    fields = {name: _field(text, place) for name, place in LAYOUTS[kind].items()}
    until = None if fields["valid_to"] == FOR_EVER else _date(fields["valid_to"], "valid_to")
    birth, since = _date(fields["birth"], "birth"), _date(fields["valid_from"], "valid_from")
    # The check symbol sees what the XOR of a frame does not. A card's birth date is past by the card's own clock.
    number = read_citizen_number(fields["number"], since)
    if not isinstance(number, CitizenNumber) or number.kind != kind or "fifteen_digits" in number.warnings:
        raise CardDataError("a number that does not belong to such a card")
    return CardText(kind, number.number, birth, since, until, fields)


def id_card(text: CardText, photo: bytes) -> IdCard:
    """Return what the services get of a card."""
    name = text.fields["name"] or text.fields.get("english_name", "")
    return IdCard(text.number, text.kind, name, text.valid_to, photo)


def _field(text: bytes, place: Place) -> str:
    at, length = place
    # Half of a surrogate pair is not a reason to refuse a card.
    return text[at : at + length].decode("utf-16-le", errors="replace").strip(" \x00")


def _date(digits: str, name: str) -> date:
    plain = digits if len(digits) == 8 and digits.isascii() and digits.isdigit() else "00000000"
    try:
        return date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
    except ValueError:
        raise CardDataError(f"{name} is no date") from None
