"""The simulated licence printer of a station: trays one can empty, jams one can clear, an output one can take from.

A station file with `[simulate]` and a local `socket` for its licence printer has it simulated there; a printer with an
address is left to whoever stands there. Its record of sheets is `licence-printer/` beside the station's data.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edge.config import StationConfig
from edge.links.simulator_control import Answer, RefusedError, Request
from edge.printer_sections import LicencePrinterConfig, OutputConfig
from edge.printers.licence.simulator import Device, SimulatedLicencePrinter, Tray

SHEETS_AT_FIRST = 20
ShowOutput = Callable[[OutputConfig, bool], None]


class SimulatedLicences:
    """The printer that stands at a station's local socket; `show_output` moves the contact of its output's sensor."""

    def __init__(
        self, table: LicencePrinterConfig, folder: Path, changed: Callable[[], None], show: ShowOutput
    ) -> None:
        assert table.socket is not None
        self._output, self._show, self._changed = table.output, show, changed
        trays = {
            name: Tray(round(tray.width_mm * 1000), round(tray.height_mm * 1000), tray.type, SHEETS_AT_FIRST)
            for name, tray in table.trays.items()
        }
        self.device = Device(folder, trays)
        self.device.changed = self._told
        self.printer = SimulatedLicencePrinter(self.device, table.socket)
        self._seen: bool | None = None

    def act(self, request: Request) -> Answer:
        """Do what a person does at the printer; raises RefusedError."""
        self.printer.do(request)
        return self.printer.state()

    def close(self) -> None:
        """Take it away."""
        self.printer.unplug()
        self.device.close()

    def _told(self) -> None:
        seen = self.device.sees_paper()
        # A silent sensor is a contact that no longer moves: what it said last stays.
        if self._output is not None and seen is not None and seen is not self._seen:
            self._seen = seen
            self._show(self._output, seen)
        self._changed()


def simulated_licences(
    config: StationConfig, folder: Path, changed: Callable[[], None], show: ShowOutput
) -> SimulatedLicences | None:
    """Return the station's simulated licence printer, None where there is none."""
    table = config.licence_printer
    if table is None or table.socket is None:
        return None
    return SimulatedLicences(table, folder, changed, show)


def no_licences(_request: Request) -> Answer:
    """Refuse on behalf of a station without one."""
    raise RefusedError("this station has no simulated licence printer")
