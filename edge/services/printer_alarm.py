"""Whether the licence printer works: a technician is called before a citizen meets it."""

from __future__ import annotations

import contextlib

from edge.errors import LinkError, NoAnswerError, PrinterNotReadyError, TryAgainError
from edge.paper_ports import LicencePrinter, Stock
from edge.services.devices import Devices
from edge.services.paper_checks import require_ready
from edge.services.paper_parts import Machine
from edge.services.refusals import RefusedError

DEVICE = "printer-licence"
OUT_OF_ORDER = {"print_silent": "no_answer", "print_away": "away", "print_stopped": "stopped"}
"""Refusals that a technician is called for, with the fault."""


class PrinterAlarm:
    """Tells `devices` what is wrong with the printer, once, and that it works again."""

    def __init__(self, devices: Devices | None) -> None:
        self._devices = devices

    async def ready(self, machine: Machine, stock: Stock) -> None:
        """Require that the printer would print now; raises as `require_ready`."""
        try:
            await require_ready(machine, stock)
        except RefusedError as error:
            if error.text in OUT_OF_ORDER:
                await self.tell(OUT_OF_ORDER[error.text])
            raise
        await self.tell("")

    async def look(self, printer: LicencePrinter) -> None:
        """Ask a printer that nobody uses: a queue that stayed paused after a refill, one that is off (fault 35)."""
        await self.tell(await fault_of(printer))

    async def tell(self, fault: str) -> None:
        """Call a technician for a fault, or say with an empty one that it works; a disk that refuses stops no paper."""
        if self._devices is not None:
            with contextlib.suppress(TryAgainError):
                await (self._devices.failed(DEVICE, fault) if fault else self._devices.recovered(DEVICE))


async def fault_of(printer: LicencePrinter) -> str:
    """Return why a printer would print nothing now, empty when it would."""
    try:
        look = await printer.look()
    except NoAnswerError:
        return "no_answer"
    except (LinkError, PrinterNotReadyError):
        return "away"
    if look.state != "stopped" and look.accepting:
        return ""
    return next((each for each in look.reasons if each.endswith("-error") or each == "paused"), "stopped")
