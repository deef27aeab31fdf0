"""Draws what a recipient needs to collect an item: the code and its QR token, both sealed at once and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from contract.ids import RandomBelow
from edge.core import codes, pickup_token
from edge.services.documents import Settings
from edge.store.unit_of_work import Transaction

# An item without an end to its period: its QR code does not live for ever either.
_NO_DUE = timedelta(days=30)


class Sealer(Protocol):
    """Seals personal data to the notify process of the hub."""

    def seal(self, plain: str, event_id: UUID, field: str) -> str:
        """Return the sealed value, bound to one field of one event of this station."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A fresh code and its token, sealed for the event that will carry them."""

    event_id: UUID
    code_sealed: str
    qr_sealed: str


class PickupCodes:
    """Only here are codes drawn; `code_key` is the station's key, which lies outside the database."""

    def __init__(
        self,
        sealer: Sealer,
        *,
        station: str,
        code_key: bytes,
        new_id: Callable[[], UUID],
        random_below: RandomBelow,
    ) -> None:
        self._sealer, self._station, self._code_key = sealer, station, code_key
        self._new_id, self._random_below = new_id, random_below

    def draw(self, tx: Transaction, compartment: int, case_number: str, expires: datetime) -> Drawn:
        """Make a new code live in place of the compartment's old one; the QR token is good until `expires`."""
        digits, kept = codes.draw(self._code_key, compartment, case_number, tx.codes(), self._random_below)
        tx.save_code(kept)
        token, event_id = pickup_token.make(self._code_key, self._station, kept, expires), self._new_id()
        return Drawn(
            event_id,
            code_sealed=self._sealer.seal(digits, event_id, "code_sealed"),
            qr_sealed=self._sealer.seal(token, event_id, "qr_sealed"),
        )


def token_expires(due: datetime | None, settings: Settings, now: datetime) -> datetime:
    """Return how long a QR token is good: to the end of the period as the recipient may extend it."""
    return now + _NO_DUE if due is None else due + timedelta(hours=settings.extension_hours)
