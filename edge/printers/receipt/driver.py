"""`ReceiptPrinter` over ESC/POS, as text or as dots: status before, the slip, status after.

Silence is never "paper plenty". python-escpos is not used: it answers silence with "paper plenty", blocks a whole
time-out for each question and knows neither DLE EOT 2 and 3 nor automatic status (facts on hardware, §4.4).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from edge.errors import NoAnswerError, PrinterNotReadyError
from edge.paper_ports import PaperMeter, Press
from edge.ports import Bus, ByteLink
from edge.printers.receipt import length, raster, status
from edge.printers.receipt.codec import QUESTIONS, PrinterStatus, is_answer, question, slip
from edge.printers.receipt.status import Demultiplexer, Status

_log = logging.getLogger(__name__)


class Settings(BaseModel):
    """What is set per printer."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    baud: Annotated[int, Field(ge=1200, le=460800)] = 115200
    answer_ms: Annotated[int, Field(ge=1, le=5000)] = 500
    """How long each DLE EOT waits for its byte."""
    settle_ms: Annotated[int, Field(ge=0, le=10000)] = 800
    """How long a slip may take to leave before the status after it is asked."""
    roll_mm: Annotated[int, Field(ge=0, le=500_000)] = 0
    """How long its new rolls are; 0: nobody said, and nothing is forecast before the sensor says near end."""
    near_end_mm: Annotated[int, Field(ge=0, le=50_000)] = 2_000
    """What is left when the sensor says near end; it can be moved on many printers. UNCONFIRMED per model."""

    def new_meter(self) -> PaperMeter:
        """Return the meter of a driver that has printed nothing yet."""
        return PaperMeter(roll_mm=self.roll_mm, near_end_mm=self.near_end_mm)


class EscposTextPrinter:
    """A printer of slips on its own wire."""

    def __init__(self, name: str, settings: Settings, bus: Bus) -> None:
        self.name = name
        self._settings, self._bus = settings, bus
        self.meter = settings.new_meter()

    async def check(self) -> None:
        """Ask its status; see `edge.paper_ports.ReceiptPrinter`."""
        async with self._bus.conversation(urgent=False) as link:
            await self._require_ready(link, "asked")

    async def print_text(self, lines: list[str]) -> None:
        """Print the lines and cut; see `edge.paper_ports.ReceiptPrinter`."""
        async with self._bus.conversation(urgent=False) as link:
            await self._require_ready(link, "before printing")
            job = slip(lines)
            self.meter = length.fed(self.meter, job)
            await link.write(job)
            await asyncio.sleep(self._settings.settle_ms / 1000)
            await self._require_ready(link, "after printing")

    async def _require_ready(self, link: ByteLink, when: str) -> None:
        status = PrinterStatus(*[await self._ask(link, n, when) for n in QUESTIONS])
        self.meter = replace(self.meter, paper=status.roll)
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


class DotsSettings(Settings):
    """What is set for a printer that prints pictures."""

    clear_buffer: bool = True
    """Whether it knows DLE DC4 8; without it a slip that stopped for want of paper may come out later. UNCONFIRMED."""
    look_ms: Annotated[int, Field(ge=0, le=1000)] = 20
    """How long it is listened to between two bands: what it says by itself stops the job."""
    native_qr: bool = False
    """Whether it draws QR codes itself (GS ( k); otherwise they are part of the picture. UNCONFIRMED per model."""
    fonts_dir: str = ""
    """A folder with fonts of the house's own, asked last for signs that the others lack."""


# Their code may be left out of the picture, and stands at its end.
_CODE_BELOW = frozenset({"receipt", "failure"})


class EscposPrinter:
    """A printer of pictures on its own wire; it tells by itself when paper or cover change while a job runs."""

    def __init__(self, name: str, settings: DotsSettings, bus: Bus, press: Press) -> None:
        self.name = name
        self._settings, self._bus, self._press = settings, bus, press
        self.meter = settings.new_meter()
        self._heard = Demultiplexer()
        # An earlier life of the station may have left half a slip of somebody in the printer.
        self._stopped = True

    async def check(self) -> None:
        """Ask its status; see `edge.paper_ports.ReceiptPrinter`."""
        async with self._bus.conversation(urgent=False) as link:
            self._require(await self._ask(link, "asked"), "asked")

    async def print_text(self, lines: list[str]) -> None:
        """Print the lines and cut; see `edge.paper_ports.ReceiptPrinter`."""
        await self._print([slip(lines)])

    async def print_paper(self, layout: str, facts: Mapping[str, Any]) -> None:
        """Set a paper, print it and cut; see `edge.paper_ports.DotsPrinter`."""
        below = b""
        if self._settings.native_qr and layout in _CODE_BELOW and facts.get("qr"):
            below, facts = raster.native_code(facts["qr"]), {**facts, "qr": None}
        await self._print(list(raster.job(await self._press.dots(layout, facts), below=below)))

    async def _print(self, portions: list[bytes]) -> None:
        async with self._bus.conversation(urgent=False) as link:
            self._heard = Demultiplexer()
            if self._stopped and self._settings.clear_buffer:
                await link.write(raster.CLEAR_BUFFER)
            self._require(await self._ask(link, "before printing"), "before printing")
            # From here on part of the slip may lie in the printer: whatever ends the job early leaves it there.
            self._stopped = True
            await link.write(status.AUTOMATIC_ON)
            for portion in portions:
                self.meter = length.fed(self.meter, portion)
                await link.write(portion)
                await self._listen(link)
            await asyncio.sleep(self._settings.settle_ms / 1000)
            self._require(await self._ask(link, "after printing"), "after printing")
            self._stopped = False

    async def _listen(self, link: ByteLink) -> None:
        for said in self._heard.feed(await link.read(64, self._settings.look_ms / 1000)):
            if isinstance(said, Status):
                self._require(said, "while printing")

    async def _ask(self, link: ByteLink, when: str) -> Status:
        return status.from_answers(*[await self._answer(link, n, when) for n in status.QUESTIONS])

    async def _answer(self, link: ByteLink, n: int, when: str) -> int:
        await link.write(question(n))
        deadline = asyncio.get_running_loop().time() + self._settings.answer_ms / 1000
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            for said in self._heard.feed(await link.read(1, left)):
                if isinstance(said, int):
                    return said
        raise NoAnswerError(f"{self.name}, {when}: no answer to DLE EOT {n}")

    def _require(self, said: Status, when: str) -> None:
        self.meter = replace(self.meter, paper=said.paper)
        if not said.ready:
            raise PrinterNotReadyError(f"{self.name}, {when}: {', '.join(said.troubles)}")
        if said.paper == "near_end":
            _log.warning("%s: the paper is nearly used up", self.name)
