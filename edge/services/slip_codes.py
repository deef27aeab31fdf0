"""The code on slips that the station prints by itself: signed by a key that the hub's list names for this station.

The key comes from the station's own secret, so there is no further file to guard; it may issue slips and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc.jwk import OKPKey

from contract.ids import read_receipt_number
from contract.paper_codes import BEIJING, STATION_KINDS, digest_of_facts, issue
from edge.clock import Clock
from edge.paper_ports import DotsPrinter


class SlipCodes:
    """Signs slips; `link` leads to the hub's page for papers."""

    def __init__(self, key: OKPKey, link: str) -> None:
        self._key, self._link = key, link

    def coded(self, layout: str, facts: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        """Return the facts with the slip's code, or as they are if no code can speak of such a slip.

        A station whose clock was never set still gives slips, without a code.
        """
        number = read_receipt_number(str(facts.get("number", "")))
        # A QR code that only repeats the number gives way; a pickup's own does not.
        if layout not in STATION_KINDS or number is None or facts.get("qr") not in {None, number}:
            return dict(facts)
        try:
            code = issue(layout, number, at.astimezone(BEIJING).date(), digest_of_facts(facts), self._key)
        except ValueError:
            return dict(facts)
        return {**facts, "qr": self._link + code}


class CodedPrinter:
    """A receipt printer whose slips carry codes; everything else is the printer's own."""

    def __init__(self, printer: DotsPrinter, codes: SlipCodes, clock: Clock) -> None:
        self._printer, self._codes, self._clock = printer, codes, clock
        self.name = printer.name

    async def check(self) -> None:
        """Ask its status; see `ReceiptPrinter`."""
        await self._printer.check()

    async def print_text(self, lines: list[str]) -> None:
        """Print lines; a text printer's slip has no code."""
        await self._printer.print_text(lines)

    async def print_paper(self, layout: str, facts: Mapping[str, Any]) -> None:
        """Print a paper with its code; see `DotsPrinter`."""
        await self._printer.print_paper(layout, self._codes.coded(layout, facts, self._clock.now()))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - what a family's printer has beyond the protocol
        return getattr(self._printer, name)
