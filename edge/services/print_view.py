"""What the pages of papers that are printed here are made from. No name but a masked one, no content of a paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from contract.print_orders import PrintOrder

Phase = Literal["", "preparing", "printing", "take", "thanks", "left", "failed", "doubtful"]
LIVE: frozenset[str] = frozenset({"preparing", "printing", "take"})
"""Phases in which something happens by itself; nobody is sent home in them."""


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper that may be printed: its layout, the number that it carries, what must be given back before."""

    order: UUID
    layout: str
    certificate: str
    numbered: bool
    returns: tuple[str, ...] = ()
    case_number: str | None = None
    mask: str = ""


@dataclass(frozen=True, slots=True)
class PrintView:
    """The list of a person, the paper that was chosen, and how far it is.

    `pages` are the pictures of its preview, `reason` a code of what failed, `faults` what the printer says now,
    `senses` that the output sees for itself whether the paper was taken.
    """

    papers: tuple[PaperView, ...] = ()
    chosen: PaperView | None = None
    name: str = field(default="", repr=False)
    phase: Phase = ""
    reason: str = ""
    faults: tuple[str, ...] = ()
    pages: int = 0
    take_s: int = 0
    senses: bool = False


def as_view(order: PrintOrder) -> PaperView:
    """Return what a page shows of an order."""
    return PaperView(
        order.order,
        order.layout,
        order.certificate,
        order.stock is not None,
        order.returns,
        order.case_number,
        order.mask,
    )
