"""Commands for a technician who stands at the station, and for devices: tests, test slips, one door in service mode.

`send_logs` is not among them: nothing on the wire carries a log, so it is refused as unsupported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contract.commands import CommandClaims, CommandType
from contract.ids import CompartmentNumber
from edge.clock import Clock
from edge.services.maintain_station import MaintainStation
from edge.services.refusals import RefusedError
from edge.services.self_test import SelfTest, summary
from edge.services.service_visits import ServiceVisits
from edge.services.slips import Slips
from edge.uplink.command_check import CommandRefusedError, Reason
from edge.uplink.commands import Errand, Journal, Permit

Params = TypeVar("Params", bound=BaseModel)
_REASONS: Mapping[str, Reason] = {
    "service_mode_first": "service_mode_off",
    "second_person_first": "second_person_missing",
}


class _Door(BaseModel):
    """Later versions may add more."""

    model_config = ConfigDict(strict=True)

    compartment: CompartmentNumber


class _Release(_Door):
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class ServiceCommands:
    """What `self_test`, `test_print`, `test_unlock` and `emergency_release` do."""

    def __init__(
        self, visits: ServiceVisits, maintain: MaintainStation, self_test: SelfTest, slips: Slips, clock: Clock
    ) -> None:
        self._visits, self._maintain, self._self_test = visits, maintain, self_test
        self._slips, self._clock = slips, clock

    @property
    def errands(self) -> dict[str, Errand]:
        """What asks devices and opens nothing."""
        return {CommandType.SELF_TEST.value: self._test_devices, CommandType.TEST_PRINT.value: self._print}

    @property
    def permits(self) -> dict[str, Permit]:
        """What opens one door, while a person has armed service mode here."""
        return {
            CommandType.TEST_UNLOCK.value: self._test_unlock,
            CommandType.EMERGENCY_RELEASE.value: self._release,
        }

    async def _test_devices(self, claims: CommandClaims) -> str:
        return summary(await self._self_test.run(claims.corr))

    async def _print(self, claims: CommandClaims) -> str:
        if not self._slips.has_printer:
            raise CommandRefusedError("not_possible")
        return (await self._slips.print_test(self._clock.now(), claims.corr))[:200]

    async def _test_unlock(self, claims: CommandClaims, journal: Journal) -> None:
        door, first = _read(_Door, claims), self._first()
        try:
            await self._visits.test(door.compartment, first, visit=claims.jti, also=journal)
        except RefusedError as refusal:
            raise CommandRefusedError(_REASONS.get(refusal.text, "not_possible")) from refusal

    async def _release(self, claims: CommandClaims, journal: Journal) -> None:
        """Both persons have signed at the station: the one who armed service mode, and the second."""
        wish, first = _read(_Release, claims), self._first()
        try:
            await self._visits.release(wish.compartment, wish.reason, first, command=claims.jti, also=journal)
        except RefusedError as refusal:
            raise CommandRefusedError(_REASONS.get(refusal.text, "not_possible")) from refusal

    def _first(self) -> str:
        first = self._maintain.first
        if first is None:
            raise CommandRefusedError("service_mode_off")
        return first


def _read(model: type[Params], claims: CommandClaims) -> Params:
    try:
        return model.model_validate(claims.cmd.params)
    except ValidationError as error:
        raise CommandRefusedError("malformed") from error
