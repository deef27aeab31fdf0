"""The simulated document camera of a station: an HTTP camera at the port that the station's file names, over a mat.

OpenCV is imported when the first frame is wanted: until then the process of simulated devices starts as fast as ever.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any, get_args
from urllib.parse import urlsplit

from edge.links.simulator_control import Answer, RefusedError, Request
from edge.scanner_sections import DocumentCameraConfig
from edge.scanners.document_camera.http_simulator import Fault, HttpCameraSimulator

KINDS = ("a4", "a4_curved", "card_front", "card_back", "booklet", "receipt")
MOST_SHEETS = 20
# Drawing, noise and JPEG at this size cost about a tenth of a core at 8 a second; only while somebody looks.
FPS = 8.0


def is_simulated(config: DocumentCameraConfig | None) -> bool:
    """Whether the station's camera is one that can be simulated: HTTP on this computer, at a port of its own."""
    parts = urlsplit("" if config is None else config.source)
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost") and parts.port is not None


class SimulatedCamera:
    """Mat, sheets, hand and camera. Sheets are plain values here; what is drawn of them is the mat's."""

    def __init__(self, config: DocumentCameraConfig) -> None:
        self._port, self._size = urlsplit(config.source).port or 0, (config.width, config.height)
        self._calibration_dir = config.calibration_dir
        self._sheets: dict[str, dict[str, Any]] = {}
        self._hand = False
        self._device: HttpCameraSimulator | None = None
        self._take: Callable[[], bytes] | None = None
        self._taking = threading.Lock()

    def plug(self) -> None:
        """Begin to listen at the port; nothing is drawn before somebody connects."""
        self._device = HttpCameraSimulator(self._frame, self._port, FPS)

    def close(self) -> None:
        """Stop listening."""
        if self._device is not None:
            self._device.close()

    def state(self) -> Answer:
        """What lies there, and what is wrong with the camera."""
        fault = self._device.fault if self._device else None
        return {"sheets": self._sheets, "hand": self._hand, "fault": fault}

    def sheet(self, request: Request) -> None:
        """Lay a sheet down or move it; take it away with an empty `kind`. The one moved last lies on top."""
        name, kind = request.get("id"), request.get("kind")
        if not isinstance(name, str) or not 0 < len(name) <= 32:
            raise RefusedError("id must be a short name")
        if kind is not None and kind != "" and kind not in KINDS:
            raise RefusedError(f"kind must be one of {', '.join(KINDS)}, or empty to take it away")
        if not kind:
            self._sheets = {each: sheet for each, sheet in self._sheets.items() if each != name}
            return
        place = {key: _number(request, key) for key in ("x_mm", "y_mm", "angle")}
        others = {each: sheet for each, sheet in self._sheets.items() if each != name}
        if len(others) >= MOST_SHEETS:
            raise RefusedError("the mat is full")
        self._sheets = {**others, name: {"kind": kind, **place}}

    def hand(self, request: Request) -> None:
        """A hand reaches in (`on` true) or is taken back."""
        if not isinstance(request.get("on"), bool):
            raise RefusedError("on must be true or false")
        self._hand = bool(request["on"])

    def camera(self, request: Request) -> None:
        """Give the camera a fault, or null for none."""
        fault = request.get("fault")
        if fault is not None and fault not in get_args(Fault):
            raise RefusedError(f"fault must be one of {', '.join(get_args(Fault))}, or null")
        if self._device is not None:
            self._device.fault = fault

    def _frame(self) -> bytes:
        with self._taking:
            if self._take is None:
                self._take = self._taker()
        return self._take()

    def _taker(self) -> Callable[[], bytes]:
        from edge.scanners.document_camera.calibration_store import save  # noqa: PLC0415 - slow to import
        from edge.scanners.document_camera.mat_simulator import LaidDown, MatSimulator  # noqa: PLC0415 - slow to import

        mat = MatSimulator(size=self._size)
        # A fresh machine has none; a station that was calibrated keeps its own.
        if not (self._calibration_dir / "calibration.json").exists():
            save(self._calibration_dir, mat.calibration())

        def take() -> bytes:
            mat.sheets = {name: LaidDown(**sheet) for name, sheet in self._sheets.items()}
            mat.hand = self._hand
            return mat.live()

        return take


def _number(request: Request, key: str) -> float:
    value = request.get(key, 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 1000:
        raise RefusedError(f"{key} must be a number between -1000 and 1000")
    return float(value)
