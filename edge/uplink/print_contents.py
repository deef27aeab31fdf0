"""Contents of print orders are fetched ahead, so that papers come out when hub and network are down.

A content is believed by its hash, which stands in a signed document. Source: contract of the wire, section 1.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
from contextlib import suppress

from contract.events import FileReference
from edge.errors import StoreBusyError
from edge.services.print_orders import PrintOrders
from edge.uplink.documents import NotFetchedError, Source, fetch_bytes

log = logging.getLogger(__name__)

LARGEST_CONTENT = 8 * 1024 * 1024
LOOK_EVERY_S, RETRY_MAX_S = 300.0, 60.0


class PrintContents:
    """Fetches what the orders in force name and the station does not hold."""

    def __init__(self, orders: PrintOrders, source: Source) -> None:
        self._orders, self._source = orders, source
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Another document is in force, or the hub is back."""
        self._news.set()

    async def run(self) -> None:
        """Fetch until cancelled; what cannot be had is tried again with growing pauses."""
        attempt = 0
        while True:
            self._news.clear()
            with suppress(StoreBusyError):
                await self._orders.forget()
            missed = [each for each in await self._orders.missing() if not await self._fetch(each)]
            attempt = attempt + 1 if missed else 0
            pause = random.uniform(0.5, min(RETRY_MAX_S, 2.0**attempt)) if missed else LOOK_EVERY_S  # noqa: S311  jitter, no secret
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._news.wait()
                    attempt = 0

    async def _fetch(self, wanted: FileReference) -> bool:
        try:
            content = await fetch_bytes(self._source, f"print-contents/{wanted.sha256}", LARGEST_CONTENT)
            if hashlib.sha256(content).hexdigest() != wanted.sha256:
                log.error("a print content came with another hash")
                return False
            await self._orders.keep(content)
        except NotFetchedError as error:
            log.warning("a print content was not fetched: %s", error.status or "no answer")
            return False
        except StoreBusyError:
            return False
        return True
