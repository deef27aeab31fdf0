"""The simulated USB socket of a station: drives that a visitor plugs in, at the path that the station's file names.

A drive is made by a process of its own, because doors and readers must answer meanwhile; the file appears whole.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from edge.links.simulator_control import Answer, RefusedError, Request
from edge.scanner_sections import UsbDriveConfig

KINDS = ("honest", "large", "bad", "locked", "broken")
_MAKER = "edge.scanners.usb_drive.simulator.drives"


def is_simulated_drive(config: UsbDriveConfig | None) -> bool:
    """Whether the station's socket is a file and no real one."""
    return config is not None and not config.port.startswith("usb:")


class SimulatedSocket:
    """One socket; `kind` is what is plugged in, `coming` what somebody is just plugging in."""

    def __init__(self, config: UsbDriveConfig, changed: Callable[[], None]) -> None:
        self._path, self._changed = Path(config.port), changed
        self._new = self._path.with_name(f"{self._path.name}.new")
        self.kind = self.coming = ""
        self.making: asyncio.Task[None] | None = None

    def clear(self) -> None:
        """Begin and end without a drive in the socket."""
        if self.making is not None:
            self.making.cancel()
        self._path.unlink(missing_ok=True)
        self._new.unlink(missing_ok=True)

    def state(self) -> Answer:
        """What a person sees of the socket."""
        return {"kind": self.kind, "coming": self.coming, "kinds": list(KINDS)}

    def drive(self, request: Request) -> None:
        """Plug a drive in (`on` true with a `kind`) or pull it out; `RefusedError` says what is wrong."""
        if request.get("on") is False:
            self.clear()
            self.kind = self.coming = ""
            return
        kind = request.get("kind")
        if request.get("on") is not True or kind not in KINDS:
            raise RefusedError(f"on must be false, or true with a kind of {', '.join(KINDS)}")
        if self.kind or self.coming:
            raise RefusedError("a drive is in the socket; pull it out first")
        self.coming = str(kind)
        self.making = asyncio.get_running_loop().create_task(self._plug_in(self.coming))

    async def _plug_in(self, kind: str) -> None:
        maker = await asyncio.create_subprocess_exec(sys.executable, "-m", _MAKER, kind, str(self._new))
        try:
            made = await maker.wait() == 0
        except asyncio.CancelledError:
            maker.kill()
            await maker.wait()
            self._new.unlink(missing_ok=True)
            raise
        if made:
            self._new.replace(self._path)
            self.kind = kind
        self.coming = ""
        self._changed()
