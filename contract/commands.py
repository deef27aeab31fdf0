"""What the hub may ask of a station. Signing is not enough to move a coil: see `NEEDS_SERVICE_MODE`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from contract.ids import StationId
from contract.wire import UUID, Count, WireModel

COMMAND_TYP = "nd-command+jwt"
DOOR_LIFETIME_S = 60
COMMANDS_A_MINUTE = 6


class CommandType(StrEnum):
    """Every command there is; "open all" does not exist.

    Params: about one door (`take_out`, `return_to_service`, `test_unlock`, `emergency_release`) `compartment`, and
    `reason` (for `take_out` it may be absent); about an item `compartment` and `case_number`, for `extend_item` also
    `due` (ISO 8601 with offset); the others none.
    """

    TAKE_OUT = "take_out"
    RETURN_TO_SERVICE = "return_to_service"
    REISSUE_CODE = "reissue_code"
    WITHDRAW_ITEM = "withdraw_item"
    EXTEND_ITEM = "extend_item"
    SELF_TEST = "self_test"
    SEND_LOGS = "send_logs"
    TEST_PRINT = "test_print"
    TEST_UNLOCK = "test_unlock"
    EMERGENCY_RELEASE = "emergency_release"


NEEDS_SERVICE_MODE = frozenset({CommandType.TEST_UNLOCK, CommandType.EMERGENCY_RELEASE})
"""These run only while a person has armed service mode at the station."""

CONCERNS_DOORS = NEEDS_SERVICE_MODE | {
    CommandType.RETURN_TO_SERVICE,
    CommandType.REISSUE_CODE,
    CommandType.WITHDRAW_ITEM,
}
"""Refused while the station's clock is unsynced; live 60 s at most."""


class Command(WireModel):
    """`type` is not an enum on the wire: an unknown command must be refused with a reason, not fail to parse."""

    type: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    params: dict[str, Any] = Field(default_factory=dict)


class CommandClaims(WireModel):
    """JWT claims of one signed command (RFC 7519 names; times in seconds since 1970)."""

    jti: UUID
    iss: str
    aud: StationId
    iat: Count
    nbf: Count
    exp: Count
    epoch: UUID | None = None
    corr: UUID | None = None
    cmd: Command
