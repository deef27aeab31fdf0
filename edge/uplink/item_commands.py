"""Commands about an item that waits in a compartment: a new code, a longer period, or nobody's any more.

Params: `compartment` and `case_number`, which must be what lies there (the sender's picture may be old); `extend_item`
also `due`, the new end of the period (ISO 8601 with offset), later than the old one. No coil moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from contract.commands import CommandClaims, CommandType
from contract.events import CodeReissued, ItemExtended, ItemWithdrawn
from contract.ids import CaseNumber, CompartmentNumber
from edge.clock import Clock
from edge.core.compartment import Allocation, Compartment, Item
from edge.services import documents
from edge.services.pickup_codes import PickupCodes, token_expires
from edge.services.pickup_proof import is_overdue
from edge.store.unit_of_work import Transaction
from edge.uplink.command_check import CommandRefusedError
from edge.uplink.commands import Carry


class _Item(BaseModel):
    """Later versions may add more."""

    model_config = ConfigDict(strict=True)

    compartment: CompartmentNumber
    case_number: CaseNumber


class _Longer(_Item):
    due: Annotated[AwareDatetime, Field(strict=False)]


Params = TypeVar("Params", bound=_Item)


class ItemCommands:
    """What `reissue_code`, `withdraw_item` and `extend_item` do; each is one transaction with its journal."""

    def __init__(self, codes: PickupCodes, clock: Clock) -> None:
        self._codes, self._clock = codes, clock

    @property
    def carry(self) -> Mapping[str, Carry]:
        """Which command is whose."""
        return {
            CommandType.REISSUE_CODE.value: self.reissue_code,
            CommandType.WITHDRAW_ITEM.value: self.withdraw_item,
            CommandType.EXTEND_ITEM.value: self.extend_item,
        }

    def reissue_code(self, tx: Transaction, claims: CommandClaims) -> tuple[Compartment, ...]:
        """Draw a new code in place of the old one, which is dead from this commit on.

        Raises:
            CommandRefusedError: odd parameters, not what lies there, its recipient is unknown, or its period is over.
        """
        compartment, item = _find(tx, _read(claims, _Item))
        now = self._clock.now()
        if item.recipient_unknown or is_overdue(item, now):
            raise CommandRefusedError("not_possible")
        expires = token_expires(item.due, documents.settings(tx), now)
        drawn = self._codes.draw(tx, compartment.number, item.case_number, expires)
        told = CodeReissued(
            case_number=item.case_number,
            compartment=compartment.number,
            code_sealed=drawn.code_sealed,
            qr_sealed=drawn.qr_sealed,
            due=item.due,
        )
        tx.emit(told, claims.corr, drawn.event_id)
        return (compartment,)

    def withdraw_item(self, tx: Transaction, claims: CommandClaims) -> tuple[Compartment, ...]:
        """Kill the code and put the item on the list of what staff take out; raises as `reissue_code`."""
        compartment, item = _find(tx, _read(claims, _Item), withdrawn=True)
        if item.withdrawn:
            return ()
        withdrawn = replace(compartment, content=replace(item, withdrawn=True))
        tx.save(withdrawn)
        tx.drop_code(compartment.number)
        tx.emit(ItemWithdrawn(case_number=item.case_number, compartment=compartment.number), claims.corr)
        return (withdrawn,)

    def extend_item(self, tx: Transaction, claims: CommandClaims) -> tuple[Compartment, ...]:
        """Move the end of the period; a code that had run out opens again; raises as `reissue_code`."""
        params = _read(claims, _Longer)
        compartment, item = _find(tx, params)
        if item.due is not None and params.due == item.due:
            return ()
        if params.due <= (item.due or self._clock.now()):
            raise CommandRefusedError("not_possible")
        longer = replace(compartment, content=replace(item, due=params.due))
        tx.save(longer)
        told = ItemExtended(case_number=item.case_number, compartment=compartment.number, due=params.due, by="command")
        tx.emit(told, claims.corr)
        return (longer,)


def _read(claims: CommandClaims, model: type[Params]) -> Params:
    try:
        return model.model_validate(claims.cmd.params)
    except ValidationError as error:
        raise CommandRefusedError("malformed") from error


def _find(tx: Transaction, params: _Item, *, withdrawn: bool = False) -> tuple[Compartment, Item]:
    """Return the item that lies there for somebody; with `withdrawn` also one that lies there for nobody any more."""
    if not tx.has_compartment(params.compartment):
        raise CommandRefusedError("not_possible")
    found = tx.compartment(params.compartment)
    item = found.content
    lies = found.allocation is Allocation.OCCUPIED and found.visit is None
    if not lies or not isinstance(item, Item) or item.case_number != params.case_number:
        raise CommandRefusedError("not_possible")
    if item.withdrawn and not withdrawn:
        raise CommandRefusedError("not_possible")
    return found, item
