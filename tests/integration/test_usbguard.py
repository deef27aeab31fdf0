"""The rules for USB devices, judged by USBGuard's own daemon on devices that umockdev makes it see."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.usb_devices import (
    ATTACKS,
    BULK_ONLY,
    CONTROLLER,
    DRIVES,
    HUB,
    KEYBOARD,
    PLAIN_DRIVE,
    ROOT_HUB,
    STRANGERS,
    UsbDevice,
)

FOLDER = Path(__file__).resolve().parents[2] / "firmware_configs" / "usbguard"
PUBLIC = 'one-of { "1-1.4" "2-1.4" }'
DEADLINE_S = 20.0
_VERDICT = re.compile(r"device\.system_name='(?P<path>\S+)' target\.new='(?P<target>\w+)'")
_CONTROLLER_PAGE = f"P: {CONTROLLER}\nE: DRIVER=xhci_hcd\nE: SUBSYSTEM=pci\nA: class=0x0c0330\nA: vendor=0x8086\n\n"


@dataclass(frozen=True)
class Plugged:
    """A device at a port as the kernel names it; its parents are hubs."""

    port: str
    device: UsbDevice

    @property
    def path(self) -> str:
        """Its place below /sys, every hub on the way included."""
        bus, _, ports = self.port.partition("-")
        steps = ports.split(".")
        names = [f"{bus}-{'.'.join(steps[: at + 1])}" for at in range(len(steps))]
        return "/".join([CONTROLLER, f"usb{bus}", *names])


def rules(public: list[str], built_in: str = "") -> str:
    """The file as it is shipped, with the ports of this test's public sockets put in, as an installer does."""
    text = (FOLDER / "rules.conf").read_text(encoding="utf-8")
    assert text.count(PUBLIC) == 7
    text = text.replace(PUBLIC, "one-of { " + " ".join(f'"{port}"' for port in public) + " }")
    before, mark, after = text.rpartition("\nblock\n")
    return before + "\n" + built_in + mark + after


def settings(folder: Path) -> str:
    """The daemon's file as it is shipped, but on umockdev and with paths of the test."""
    text = (FOLDER / "usbguard-daemon.conf").read_text(encoding="utf-8")
    places = {"RuleFile": folder / "rules", "AuditFilePath": folder / "audit", "DeviceManagerBackend": "umockdev"}
    for key, value in places.items():
        text, count = re.subn(rf"(?m)^{key}=.*$", f"{key}={value}", text)
        assert count == 1, key
    # With Keep a controller of umockdev would stay off and nothing below it would ever be asked about.
    return text.replace("PresentControllerPolicy=keep", "PresentControllerPolicy=allow")


@contextmanager
def daemon(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    preload = {"LD_PRELOAD": "libumockdev-preload.so.0", "USBGUARD_UMOCKDEV_DEVICEDIR": str(folder / "devices")}
    # In a network namespace of its own, because all daemons of one have the same abstract socket.
    command = ["unshare", "--net", "usbguard-daemon", "-k", "-P", "-c", str(folder / "daemon.conf")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **preload}, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            # Its audit is on the disk, and a polite end would wait for devices that umockdev never takes away.
            process.kill()
            process.wait()


async def verdicts(folder: Path, policy: str, plugged: list[Plugged]) -> dict[str, str]:
    """What the daemon makes of each device, by port: allow, block or reject."""
    (folder / "devices").mkdir()
    hubs = [Plugged("1-1", HUB), *plugged]
    pages = [
        ROOT_HUB.page(f"{CONTROLLER}/usb1", 1),
        *(each.device.page(each.path, n) for n, each in enumerate(hubs, 2)),
    ]
    (folder / "devices" / "all").write_text(_CONTROLLER_PAGE + "".join(pages))
    (folder / "rules").write_text('allow id 05e3:0608 via-port "1-1"\n' + policy)
    (folder / "daemon.conf").write_text(settings(folder))
    asked = {each.path: each.port for each in plugged}
    with daemon(folder) as process:
        until = time.monotonic() + DEADLINE_S
        while len(told := _told(folder / "audit", asked)) < len(asked) and process.poll() is None:
            assert time.monotonic() < until, f"no verdict on {set(asked.values()) - set(told)}"
            await asyncio.sleep(0.02)
    assert set(told) == set(asked.values()), (folder / "log").read_text()
    return told


def _told(audit: Path, asked: dict[str, str]) -> dict[str, str]:
    text = audit.read_text(encoding="utf-8") if audit.exists() else ""
    found = (match for line in text.splitlines() if (match := _VERDICT.search(line)))
    return {asked[match["path"]]: match["target"] for match in found if match["path"] in asked}


def at_public_sockets(devices: tuple[UsbDevice, ...]) -> list[Plugged]:
    return [Plugged(f"1-1.{number}", device) for number, device in enumerate(devices, 1)]


async def judged(folder: Path, change: tuple[str, str], *devices: UsbDevice) -> dict[str, str]:
    """The verdicts by the devices' names, at the public socket, with one word of the rules changed."""
    plugged = at_public_sockets(devices)
    told = await verdicts(folder, rules([each.port for each in plugged]).replace(*change), plugged)
    return {each.device.name: told[each.port] for each in plugged}


async def test_only_a_plain_drive_comes_in_by_the_public_socket(tmp_path: Path) -> None:
    # Block instead of reject, for which the daemon waits two seconds each on umockdev: what is allowed is the same.
    told = await judged(tmp_path, ("\nreject ", "\nblock "), *DRIVES, *ATTACKS, *STRANGERS)
    expected = {each.name: "allow" for each in DRIVES} | {each.name: "block" for each in (*ATTACKS, *STRANGERS)}
    assert told == expected


async def test_every_attack_meets_a_rule_that_rejects_it(tmp_path: Path) -> None:
    told = await judged(tmp_path, ("\nreject ", "\nallow "), *ATTACKS, *STRANGERS)
    assert {name for name, target in told.items() if target == "allow"} == {each.name for each in ATTACKS}


async def test_a_drive_with_a_keyboard_is_switched_off_until_it_is_pulled_out(tmp_path: Path) -> None:
    assert await judged(tmp_path, ("", ""), ATTACKS[0]) == {ATTACKS[0].name: "reject"}


async def test_nothing_comes_in_elsewhere_but_what_is_built_in(tmp_path: Path) -> None:
    lines = (FOLDER / "rules.conf").read_text(encoding="utf-8").splitlines()
    examples = [line.removeprefix("#") for line in lines if line.startswith("#allow ")]
    plugged = [
        Plugged("1-3", UsbDevice("ours", 0x32E4, 0x9230, ((0x0E, 1, 0), (0x0E, 2, 0)), serial="01.00.00")),
        Plugged("1-4", UsbDevice("ours", 0x0400, 0xC35A, ((0xFF, 0, 0),), serial="SDT-0001")),
        Plugged("1-5", UsbDevice("ours", 0x0483, 0x5740, ((0x02, 2, 1), (0x0A, 0, 0)), serial="GM65-0001")),
        Plugged("1-6", UsbDevice("of the same make", 0x0403, 0x6001, ((0xFF, 0xFF, 0xFF),), serial="OTHER")),
        Plugged(
            "1-7", UsbDevice("a printer that also types", 0x0416, 0x5011, ((0x07, 1, 2), KEYBOARD), serial="POS-0001")
        ),
        Plugged("1-8", UsbDevice("ours", 0x222A, 0x0001, ((0x03, 0, 0),), serial="TOUCH-0001")),
        Plugged("1-9", UsbDevice("ours, elsewhere", 0x0483, 0x5740, ((0x02, 2, 1), (0x0A, 0, 0)), serial="GM65-0001")),
        Plugged("1-1.3", PLAIN_DRIVE),
        Plugged("1-10", PLAIN_DRIVE),
    ]
    told = await verdicts(tmp_path, rules(["1-1.4", "2-1.4"], "\n".join(examples)), plugged)
    allowed = {port for port, target in told.items() if target == "allow"}
    assert allowed == {"1-3", "1-4", "1-5", "1-8"}
    assert set(told.values()) == {"allow", "block"}


async def test_the_manual_s_own_example_would_refuse_uas_drives(tmp_path: Path) -> None:
    # Why there are two rules for drives: `equals` with one wildcard wants exactly one interface.
    plugged = at_public_sockets((PLAIN_DRIVE, UsbDevice("UAS", 1, 1, (BULK_ONLY,), ((0x08, 0x06, 0x62),))))
    told = await verdicts(tmp_path, "allow with-interface equals { 08:*:* }\n", plugged)
    assert list(told.values()) == ["allow", "block"]


@pytest.mark.parametrize("uncommented", [False, True])
def test_the_file_is_read_by_usbguard_s_own_parser(tmp_path: Path, uncommented: bool) -> None:
    text = (FOLDER / "rules.conf").read_text(encoding="utf-8")
    file = tmp_path / "rules.conf"
    file.write_text(text.replace("#allow", "allow") if uncommented else text, encoding="utf-8")
    parsed = subprocess.run(["usbguard-rule-parser", "-f", str(file)], capture_output=True, text=True, check=False)
    assert parsed.returncode == 0, parsed.stdout + parsed.stderr
    assert parsed.stdout.count("\nOUTPUT: allow") == (9 if uncommented else 2)
