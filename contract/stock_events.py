"""Event types of the stock of numbered blanks; part of the list in `events.py`. Loading and voiding stand in
`paper_events.py`.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contract.event_base import EventData, ShortText
from contract.ids import BadgeId
from contract.wire import UUID, Count, WireModel

MOST_DESTROYED_AT_ONCE = 500


class StockReceived(EventData):
    """A range of blanks came to the station and lies in its store."""

    type: ClassVar[str] = "stock_received"
    kind: ShortText
    first: ShortText
    last: ShortText
    sheets: Count
    staff: BadgeId


class StockUnloaded(EventData):
    """What lay in a tray was taken back into the store."""

    type: ClassVar[str] = "stock_unloaded"
    tray: ShortText
    sheets: Count
    staff: BadgeId


class BlankInspected(EventData):
    """A person looked at a sheet whose fate nobody knew; a spoiled one takes two, and is made void."""

    type: ClassVar[str] = "blank_inspected"
    blank: ShortText
    job: UUID
    found: Literal["printed", "blank", "spoiled"]
    staff: Annotated[tuple[BadgeId, ...], Field(min_length=1, max_length=2)]


class BlanksDestroyed(EventData):
    """Void sheets were destroyed by two persons, all of a list."""

    type: ClassVar[str] = "blanks_destroyed"
    blanks: Annotated[tuple[ShortText, ...], Field(min_length=1, max_length=MOST_DESTROYED_AT_ONCE)]
    staff: Annotated[tuple[BadgeId, ...], Field(min_length=2, max_length=2)]


class CountedStock(WireModel):
    """How many sheets of a kind are where. `in_tray` holds `to_inspect`, `voided` holds `destroyed`.

    `received` is the sum of what was ever taken in, kept apart from the sheets themselves.
    """

    kind: ShortText
    received: Count
    in_store: Count
    in_tray: Count
    to_inspect: Count
    printed: Count
    voided: Count
    destroyed: Count


class StockCounted(EventData):
    """The night's count; `balanced`: of every kind received = in store + in tray + printed + voided."""

    type: ClassVar[str] = "stock_counted"
    kinds: tuple[CountedStock, ...]
    balanced: bool
