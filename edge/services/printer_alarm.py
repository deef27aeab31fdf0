"""Whether the licence printer works: a technician is called before a citizen meets it."""

from __future__ import annotations

import contextlib

from edge.core.printer_state import CODES, trouble
from edge.errors import LinkError, NoAnswerError, PrinterNotReadyError, TryAgainError
from edge.paper_ports import LicencePrinter, Stock
from edge.services.devices import Devices
from edge.services.paper_checks import require_ready
from edge.services.paper_parts import Machine
from edge.services.refusals import RefusedError

DEVICE = "printer-licence"
# A paper in the output is the next person's to take, a job before this one is no fault.
_NO_FAULT = frozenset({"busy", "refused", "output_full"})


class PrinterAlarm:
    """Tells `devices` what is wrong with the printer, once, and that it works again."""

    def __init__(self, devices: Devices | None) -> None:
        self._devices = devices

    async def ready(self, machine: Machine, stock: Stock) -> None:
        """Require that the printer would print now; raises as `require_ready`."""
        try:
            await require_ready(machine, stock)
        except RefusedError as error:
            code = error.text.removeprefix("print_")
            if code in CODES - _NO_FAULT:
                await self.tell(code)
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
    """Return the code of why a printer would print nothing now, whatever lies in its trays; empty when it would."""
    try:
        look = await printer.look()
    except NoAnswerError:
        return "silent"
    except (LinkError, PrinterNotReadyError):
        return "away"
    if found := look.obstacle or trouble(look.reasons):
        return "" if found in _NO_FAULT else found
    if not look.accepting:
        return "not_accepting"
    return "stopped" if look.state == "stopped" else ""
