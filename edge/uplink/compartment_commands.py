"""The two commands that change whether a compartment is used; they move no coil.

What a visit holds is never touched. Params: `compartment` (number), for `take_out` also `reason`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contract.commands import CommandClaims, CommandType
from contract.events import EventData
from contract.ids import CompartmentNumber
from edge.core import story
from edge.core.compartment import NOT_FITTED, Allocation, Compartment
from edge.store.unit_of_work import Transaction
from edge.uplink.command_check import CommandRefusedError
from edge.uplink.commands import Carry


class _Params(BaseModel):
    """Later versions may add more."""

    model_config = ConfigDict(strict=True)

    compartment: CompartmentNumber
    reason: Annotated[str, Field(min_length=1, max_length=200)] = "command"


def take_out(tx: Transaction, claims: CommandClaims) -> tuple[Compartment, ...]:
    """Put one compartment out of service.

    Raises:
        CommandRefusedError: odd parameters, no such compartment, or a visit holds it.
    """
    params = _read(claims)
    before = _find(tx, params.compartment)
    if params.reason == NOT_FITTED:
        raise CommandRefusedError("malformed")
    return _keep(tx, claims, before, *story.take_out(before, params.reason, by="command"))


def return_to_service(tx: Transaction, claims: CommandClaims) -> tuple[Compartment, ...]:
    """Put one compartment back in service.

    A person at the station alone brings back what is doubtful, not in the station file, or out for its sensor.

    Raises:
        CommandRefusedError: as `take_out`, or it is one of those.
    """
    before = _find(tx, _read(claims).compartment)
    only_here = before.out_reason == NOT_FITTED or before.out_reason in story.SENSOR_FAULTS
    if before.allocation is Allocation.DOUBTFUL or only_here:
        raise CommandRefusedError("not_possible")
    return _keep(tx, claims, before, *story.return_to_service(before, by="command"))


CARRY: Mapping[str, Carry] = {
    CommandType.TAKE_OUT.value: take_out,
    CommandType.RETURN_TO_SERVICE.value: return_to_service,
}


def _read(claims: CommandClaims) -> _Params:
    try:
        return _Params.model_validate(claims.cmd.params)
    except ValidationError as error:
        raise CommandRefusedError("malformed") from error


def _find(tx: Transaction, number: int) -> Compartment:
    if not tx.has_compartment(number):
        raise CommandRefusedError("not_possible")
    found = tx.compartment(number)
    if found.visit is not None:
        raise CommandRefusedError("not_possible")
    return found


def _keep(
    tx: Transaction, claims: CommandClaims, before: Compartment, after: Compartment, events: tuple[EventData, ...]
) -> tuple[Compartment, ...]:
    if after == before:
        return ()
    tx.save(after)
    for event in events:
        tx.emit(event, claims.corr)
    return (after,)
