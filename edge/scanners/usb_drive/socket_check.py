"""Whether a public socket is where the station file says, and shut to everything that nobody has let in."""

from __future__ import annotations

from pathlib import Path

from edge.scanners.usb_drive.hotplug import USB

DEVICES = Path("/sys/bus/usb/devices")


def wrong_with_socket(port: str, devices: Path = DEVICES) -> str:
    """Return what should be otherwise, in words for a technician; empty when nothing is wrong, or it is no socket.

    The kernel's `authorized_default` of a bus is 0 while USBGuard decides (its setting AuthorizedDefault=none). With
    any other value a keyboard in the public socket types.
    """
    if not port.startswith(USB):
        return ""
    for name in port.removeprefix(USB).split(","):
        bus, _, steps = name.partition("-")
        hub = name.rpartition(".")[0] if "." in steps else f"usb{bus}"
        if not (devices / hub).exists():
            there = ", ".join(sorted(each.name for each in devices.glob("usb*"))) or "no bus"
            return f"a port of this machine; {name} would hang on {hub}, and there is {there}"
        if _default(devices / f"usb{bus}") != "0":
            return f"a socket that USBGuard guards; whatever is plugged into {name} is let in by the kernel now"
    return ""


def _default(bus: Path) -> str:
    try:
        return (bus / "authorized_default").read_text(encoding="ascii").strip()
    except OSError:
        return ""
