"""`ReceiptPrinter` over text-only ESC/POS: status before, the slip, status after; silence is never "paper plenty"."""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from edge.errors import NoAnswerError, PrinterNotReadyError
from edge.ports import Bus, ByteLink
from edge.printers.receipt.codec import QUESTIONS, PrinterStatus, is_answer, question, slip

_log = logging.getLogger(__name__)


class Settings(BaseModel):
    """What is set per printer."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    baud: Annotated[int, Field(ge=1200, le=460800)] = 115200
    answer_ms: Annotated[int, Field(ge=1, le=5000)] = 500
    """How long each DLE EOT waits for its byte."""
    settle_ms: Annotated[int, Field(ge=0, le=10000)] = 800
    """How long a slip may take to leave before the status after it is asked."""


class EscposTextPrinter:
    """A printer of slips on its own wire."""

    def __init__(self, name: str, settings: Settings, bus: Bus) -> None:
        self.name = name
        self._settings, self._bus = settings, bus

    async def check(self) -> None:
        """Ask its status; see `edge.ports.ReceiptPrinter`."""
        async with self._bus.conversation(urgent=False) as link:
            await self._require_ready(link, "asked")

    async def print_text(self, lines: list[str]) -> None:
        """Print the lines and cut; see `edge.ports.ReceiptPrinter`."""
        async with self._bus.conversation(urgent=False) as link:
            await self._require_ready(link, "before printing")
            await link.write(slip(lines))
            await asyncio.sleep(self._settings.settle_ms / 1000)
            await self._require_ready(link, "after printing")

    async def _require_ready(self, link: ByteLink, when: str) -> None:
        status = PrinterStatus(*[await self._ask(link, n, when) for n in QUESTIONS])
        if status.troubles:
            raise PrinterNotReadyError(f"{self.name}, {when}: {', '.join(status.troubles)}")
        if status.near_end:
            _log.warning("%s: the paper is nearly used up", self.name)

    async def _ask(self, link: ByteLink, n: int, when: str) -> int:
        await link.write(question(n))
        deadline = asyncio.get_running_loop().time() + self._settings.answer_ms / 1000
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            for byte in await link.read(1, left):
                if is_answer(byte):
                    return byte
        raise NoAnswerError(f"{self.name}, {when}: no answer to DLE EOT {n}")
