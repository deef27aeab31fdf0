"""What an order's paper looks like: its content from the disk, set by the press, or the PDF that was received."""

from __future__ import annotations

import logging

from contract.print_orders import PrintOrder
from edge.clock import Clock
from edge.errors import LayoutRefusedError, PressError
from edge.paper_ports import Press
from edge.services.paper_parts import Contents
from edge.services.refusals import RefusedError

_log = logging.getLogger(__name__)


class PaperSetter:
    """Sets papers of orders."""

    def __init__(self, press: Press, contents: Contents, clock: Clock) -> None:
        self._press, self._contents, self._clock = press, contents, clock

    async def preview(self, order: PrintOrder) -> list[bytes]:
        """Return the pages as PNG: facts as a specimen, with the stock drawn; a received PDF as it came.

        None when it cannot be shown: that is not refused here. Printing says why, and whoever asked gets a slip.
        """
        try:
            content = await self._contents.content(order.order)
            if content.pdf is not None:
                return await self._press.pdf_png(content.pdf)
            return await self._press.png(order.layout, content.facts or {}, specimen=True)
        except (RefusedError, LayoutRefusedError, PressError) as error:
            _log.warning("no preview: %s", type(error).__name__)
            return []

    async def pdf(self, order: PrintOrder) -> bytes:
        """Return what is printed; a received PDF is never drawn again.

        Raises:
            RefusedError: it is not here, or no paper can be made of it.
        """
        content = await self._contents.content(order.order)
        if content.pdf is not None:
            return content.pdf
        facts = dict(content.facts or {})
        if "production" in facts:
            # A specimen is for the screen: what is printed is the paper, whatever its facts were made with.
            facts["production"] = True
        try:
            return await self._press.pdf(order.layout, facts, self._clock.now())
        except LayoutRefusedError as error:
            _log.warning("paper refused: %s", error)
            raise RefusedError("print_layout") from error
        except PressError as error:
            raise RefusedError("print_press") from error
