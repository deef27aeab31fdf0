"""Whether a signed command may be carried out here and now. Pure; the inbox and the rate are the caller's.

Source: contract of the wire, section 1 (Commands); RFC 7519 for the claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from joserfc.jwk import OKPKey
from pydantic import ValidationError

from contract.commands import (
    COMMAND_TYP,
    CONCERNS_DOORS,
    DOOR_LIFETIME_S,
    NEEDS_SERVICE_MODE,
    CommandClaims,
    CommandType,
)
from contract.signing import SignatureRefusedError, verify

LONGEST_TOKEN = 8192
# The hub's clock may be a little ahead of the station's; an expiry gets no such allowance.
AHEAD_S = 5

Reason = Literal[
    "bad_signature",
    "unknown_key",
    "wrong_station",
    "expired",
    "not_yet_valid",
    "wrong_epoch",
    "too_long_lived",
    "rate_limited",
    "clock_unsynced",
    "service_mode_off",
    "unsupported",
    "malformed",
    "not_possible",
    "second_person_missing",
    "interrupted",
]
_SIGNATURE_REASONS: Mapping[str, Reason] = {
    "unknown_key": "unknown_key",
    "bad_signature": "bad_signature",
}


class CommandRefusedError(Exception):
    """The command is not carried out; `reason` is one of the wire's words."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class PinnedKey:
    """A public key from the station file, and until when it may sign."""

    key: OKPKey
    valid_until: datetime


@dataclass(frozen=True)
class Here:
    """The station as a command finds it."""

    station: str
    epoch: UUID
    now: datetime
    synced: bool
    service_mode: bool = False


def read_claims(token: bytes, keys: Mapping[str, PinnedKey], here: Here) -> CommandClaims:
    """Return what a pinned key signed, whatever it says.

    While the clock is unsynced a key's validity cannot be judged; `check_claims` then refuses whatever concerns doors.

    Raises:
        CommandRefusedError: malformed, unknown_key (or one that is no longer valid), bad_signature.
    """
    if len(token) > LONGEST_TOKEN:
        raise CommandRefusedError("malformed")
    valid = {kid: pin.key for kid, pin in keys.items() if not here.synced or here.now < pin.valid_until}
    try:
        _, payload = verify(token.decode("ascii"), valid, typ=COMMAND_TYP)
    except UnicodeDecodeError as error:
        raise CommandRefusedError("malformed") from error
    except SignatureRefusedError as error:
        raise CommandRefusedError(_SIGNATURE_REASONS.get(error.reason, "malformed")) from error
    try:
        return CommandClaims.model_validate_json(payload)
    except ValidationError as error:
        raise CommandRefusedError("malformed") from error


def check_claims(claims: CommandClaims, here: Here) -> None:
    """Judge a command that nobody has seen before.

    Raises:
        CommandRefusedError: it is for another station or store, out of its time, or not to be done without a person.
    """
    if claims.aud != here.station:
        raise CommandRefusedError("wrong_station")
    doors = claims.cmd.type in CONCERNS_DOORS
    if doors and not here.synced:
        raise CommandRefusedError("clock_unsynced")
    if doors and claims.exp - claims.iat > DOOR_LIFETIME_S:
        raise CommandRefusedError("too_long_lived")
    if here.synced:
        _check_times(claims, here.now.timestamp())
    # A command near a door is meant for the store whose picture its sender saw, so it must name one.
    if claims.epoch != here.epoch and (doors or claims.epoch is not None):
        raise CommandRefusedError("wrong_epoch")
    if claims.cmd.type not in set(CommandType):
        raise CommandRefusedError("unsupported")
    if claims.cmd.type in NEEDS_SERVICE_MODE and not here.service_mode:
        raise CommandRefusedError("service_mode_off")


def _check_times(claims: CommandClaims, now: float) -> None:
    if claims.exp <= now:
        raise CommandRefusedError("expired")
    if max(claims.nbf, claims.iat) > now + AHEAD_S:
        raise CommandRefusedError("not_yet_valid")
