"""The tables of a station's file for what reads: document camera, USB drive, identity card reader, code reader."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from edge.sections import FilePath, PortName, Section, Setting


def _source(text: str) -> str:
    """`/dev/v4l/by-id/...` (or by-path), `http://host/...` for MJPEG, or `images:DIR` for pictures in order."""
    if text.startswith(("/dev/", "images:")):
        return text
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("a device of /dev/v4l/by-id, http://host/... or images:DIR")
    return text


def _drive(text: str) -> str:
    """`usb:PORTS` names the public socket as the kernel does; anything else is a file that is the drive.

    A socket for USB 3 has two ports, one on each bus: `usb:1-1.4,2-1.4`.
    """
    if text.startswith("usb:") and not re.fullmatch(r"usb:\d+-\d+(\.\d+)*(,\d+-\d+(\.\d+)*)*", text):
        raise ValueError("usb:BUS-PORT of the public socket, such as usb:1-1.4,2-1.4, or the path of a disk image")
    return text


class DocumentCameraConfig(Section):
    """The camera over the mat. `calibration_dir` is written by `python -m edge calibrate`."""

    source: Annotated[str, Field(min_length=1), AfterValidator(_source)]
    width: Annotated[int, Field(ge=640, le=10000)] = 4208
    height: Annotated[int, Field(ge=480, le=10000)] = 3120
    calibration_dir: FilePath
    deadline_seconds: Annotated[float, Field(gt=0, le=30)] = 3.0
    settings: dict[str, Setting] = {}


class UsbDriveConfig(Section):
    """The public USB port. Sizes in bytes; a drive or file above them is refused in words."""

    port: Annotated[str, Field(min_length=1), AfterValidator(_drive)]
    largest_file: Annotated[int, Field(gt=0)] = 50 * 1024 * 1024
    largest_visit: Annotated[int, Field(gt=0)] = 200 * 1024 * 1024
    clamd_socket: FilePath | None = None


class IdReaderConfig(Section):
    """The reader of identity cards."""

    family: Annotated[str, Field(min_length=1)] = "sdt"
    port: PortName
    settings: dict[str, Setting] = {}


class BarcodeReaderConfig(Section):
    """The reader of bar and QR codes: on a serial port, or `grab` for a keyboard of /dev/input/by-id."""

    family: Literal["gm65", "gm72", "plain", "grab"]
    port: PortName
    settings: dict[str, Setting] = {}

    @model_validator(mode="after")
    def _keyboard_by_name(self) -> Self:
        if self.family == "grab" and not self.port.startswith("/"):
            raise ValueError("the path of an input device, because the family is grab")
        return self
