"""What every table of a station's file is made of: strict sections, paths, and the ports that devices stand at."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

# A file's path is text in TOML; strict mode would refuse to make a `Path` of it.
FilePath = Annotated[Path, Field(strict=False)]
Setting = str | int | float | bool


def _port(text: str) -> str:
    """A device path, `usb:VID:PID[:SERIAL]` for a USB adapter, or `socket://host:port` for a serial server."""
    if text.startswith("usb:"):
        if not re.fullmatch(r"usb:[0-9a-fA-F]{4}:[0-9a-fA-F]{4}(:.+)?", text):
            raise ValueError("usb:VID:PID or usb:VID:PID:SERIAL, the numbers as four hex digits")
        return text
    if "://" not in text:
        return text
    parts = urlsplit(text)
    try:
        whole = parts.scheme == "socket" and bool(parts.hostname) and parts.port is not None
    except ValueError:
        whole = False
    if not whole:
        raise ValueError("a device path, usb:VID:PID:SERIAL or socket://host:port")
    return text


def _board_port(text: str) -> str:
    """As `_port`, or `gpio://N` for chip N of this computer's own pins."""
    if text.startswith("gpio://"):
        if not re.fullmatch(r"gpio://\d{1,2}", text):
            raise ValueError("gpio://N, N being the number of a /dev/gpiochip")
        return text
    return _port(text)


def is_path(port: str) -> bool:
    """Whether a port is the path of a device, which a simulated one can stand at."""
    return "://" not in port and not port.startswith("usb:")


PortName = Annotated[str, Field(min_length=1), AfterValidator(_port)]
BoardPortName = Annotated[str, Field(min_length=1), AfterValidator(_board_port)]


class Section(BaseModel):
    """A table of a configuration file: nothing unknown, nothing converted, nothing changed later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
