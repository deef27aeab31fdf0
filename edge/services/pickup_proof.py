"""What a recipient shows to collect an item is judged here, in one transaction: code, QR token, card.

What is typed for a compartment without a live code is counted and answered like a wrong code: the screen does not tell
which compartments hold something. Only who has proved a right to an item learns that its period is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contract.events import PickupRefused
from edge.clock import Clock
from edge.core import pickup_token
from edge.core.codes import PickupCode
from edge.core.compartment import Allocation, Compartment, Item
from edge.core.throttle import LOCKED_SECONDS, compartment_key
from edge.core.visit import Means
from edge.errors import AskCitizenError, LockedOutError, WrongCodeError
from edge.services import documents
from edge.services.refusals import RefusedError
from edge.services.wrong_tries import count_wrong_try
from edge.store.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class Proven:
    """A person has a right to the item of `case_number`; `code` is the live code it rests on, None with a card."""

    compartment: int
    case_number: str
    means: Means
    code: PickupCode | None = None


def by_code(tx: Transaction, clock: Clock, key: bytes, number: int, typed: str) -> Proven | AskCitizenError:
    """Judge compartment and code; a wrong one is counted. Refusals are returned: raising would undo the count."""
    refusal = locked(tx, clock, number)
    if refusal is not None:
        return refusal
    kept = tx.code(number)
    if kept is None or not kept.fits(key, typed):
        return wrong_try(tx, clock, number, "wrong_code")
    tx.save_throttle(tx.throttle(compartment_key(number)).passed())
    return Proven(number, kept.case_number, "code", kept)


def by_token(tx: Transaction, clock: Clock, key: bytes, station: str, text: str) -> Proven | AskCitizenError:
    """Judge what a scanner read; a text that is no live token of ours is counted at the kiosk."""
    token = pickup_token.read(key, text)
    kept = None if token is None else tx.code(token.compartment)
    # Without a set clock the end cannot be judged; the live code and the item's own period still rule.
    late = token is not None and clock.synced and token.expires <= clock.now().timestamp()
    if token is None or kept is None or late or token.station != station or not token.fits(key, kept):
        tx.emit(PickupRefused(reason="wrong_token"))
        count_wrong_try(tx, clock.monotonic())
        return RefusedError("wrong_token")
    refusal = locked(tx, clock, token.compartment)
    return Proven(token.compartment, kept.case_number, "qr", kept) if refusal is None else refusal


def by_card(tx: Transaction, card_hash: str) -> Proven | AskCitizenError:
    """Find the item that this card may collect: one that can be collected now first, then by number."""
    found = [
        (_refusal(each, None) is not None, each.number, each, means)
        for each in tx.compartments()
        if isinstance(each.content, Item)
        and (means := documents.claim_on(tx, each.content.case_number).whose(card_hash)) is not None
    ]
    if not found:
        tx.emit(PickupRefused(reason="unknown_card"))
        return RefusedError("card_no_item")
    _, number, compartment, means = min(found, key=lambda each: each[:2])
    assert isinstance(compartment.content, Item)
    return Proven(number, compartment.content.case_number, means)


def obstacle(tx: Transaction, clock: Clock, proven: Proven) -> RefusedError | None:
    """Return why the item cannot be handed out here now although the person has a right to it; told as an event."""
    compartment = tx.compartment(proven.compartment)
    content = compartment.content
    if not isinstance(content, Item) or content.case_number != proven.case_number:
        return RefusedError("compartment_doubtful")
    if proven.code is not None and tx.code(proven.compartment) != proven.code:
        return RefusedError("compartment_doubtful")
    refusal = _refusal(compartment, clock.now() if clock.synced else None)
    if refusal is not None:
        reason = "expired" if refusal.text == "period_over" else "out_of_service"
        tx.emit(PickupRefused.model_validate({"compartment": proven.compartment, "reason": reason}))
    return refusal


def in_doubt(tx: Transaction, proven: Proven) -> bool:
    """Whether staff must look for this very item before anybody may open its door."""
    compartment = tx.compartment(proven.compartment)
    content = compartment.content
    mine = isinstance(content, Item) and content.case_number == proven.case_number
    return mine and compartment.allocation is Allocation.DOUBTFUL


def is_overdue(item: Item, now: datetime | None) -> bool:
    """Whether the pickup period is over; `now` is None while nothing has set the clock: then only what was seen."""
    return item.expired or (now is not None and item.due is not None and item.due <= now)


def wrong_try(tx: Transaction, clock: Clock, number: int, reason: str) -> AskCitizenError:
    """Count a wrong try at a compartment and at the kiosk, and return what the person is told."""
    now = clock.monotonic()
    throttle = tx.throttle(compartment_key(number)).failed(now)
    tx.save_throttle(throttle)
    tx.emit(PickupRefused.model_validate({"compartment": number, "reason": reason}))
    count_wrong_try(tx, now)
    return LockedOutError(LOCKED_SECONDS) if throttle.tries_left == 0 else WrongCodeError(throttle.tries_left)


def locked(tx: Transaction, clock: Clock, number: int) -> LockedOutError | None:
    """Return the refusal of a compartment that is locked out after wrong tries."""
    try:
        tx.throttle(compartment_key(number)).check(clock.monotonic())
    except LockedOutError as refusal:
        tx.emit(PickupRefused(compartment=number, reason="locked_out"))
        return refusal
    return None


def _refusal(compartment: Compartment, now: datetime | None) -> RefusedError | None:
    if compartment.allocation is not Allocation.OCCUPIED or not isinstance(compartment.content, Item):
        return RefusedError("compartment_doubtful")
    if not compartment.in_service:
        return RefusedError("compartment_out")
    if compartment.content.withdrawn:
        return RefusedError("item_withdrawn")
    return RefusedError("period_over") if is_overdue(compartment.content, now) else None
