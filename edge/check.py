"""`python -m edge check`: what is wrong with a station before it runs, key by key, without touching a door.

Nothing is written. Ports are looked at, not spoken to: a running station may be using them.
"""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from serial.tools import list_ports

from contract.session import MqttSession, SessionSettings, Tls
from edge import keys
from edge.app import make_clock
from edge.config import KioskSection, StationConfig, load_station
from edge.errors import ConfigError, LinkError
from edge.links.identity import adapter_name, device_path_now
from edge.lockers.registry import check_boards
from edge.printers.registry import check_licence_printer, check_receipt_printer
from edge.scanners.registry import check_barcode_reader, check_id_reader, check_usb_drive
from edge.uplink.documents import NotFetchedError, Source, fetch

ANSWERS_WITHIN_S = 5.0


@dataclass(frozen=True)
class Finding:
    """One key of the station file: whether what it names is there, in plain words."""

    key: str
    ok: bool
    words: str

    def __str__(self) -> str:
        """One line for the terminal."""
        return f"{'正常 ok   ' if self.ok else '错误 WRONG'} {self.key}: {self.words}"


async def check_station(file: Path) -> list[Finding]:
    """Check the file, keys, ports, kiosk, clock, broker and documents; later steps need a readable file only."""
    try:
        config = load_station(file)
    except ConfigError as error:
        return [Finding(error.key, ok=False, words=error.expected)]
    findings = [Finding("file", ok=True, words=f"{file} is a station file ({config.station.id})")]
    findings += [_tried(name, step) for name, step in _static(file, config)]
    findings += [_port(key, name) for key, name in _ports(config)]
    if config.usb_drive is not None and config.usb_drive.clamd_socket is not None:
        findings.append(_scanner(config.usb_drive.clamd_socket))
    findings += [_data_dir(config.station.data_dir), _kiosk(config.kiosk), _clock(config)]
    return [*findings, await _broker(config), await _documents(config)]


def _static(file: Path, config: StationConfig) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "boards", lambda: check_boards(file, config.boards)
    printer = config.receipt_printer
    if printer is not None:
        yield "receipt_printer", lambda: check_receipt_printer(file, printer)
    licences = config.licence_printer
    if licences is not None:
        yield "licence_printer", lambda: check_licence_printer(file, licences)
    cards, codes = config.id_reader, config.barcode_reader
    if cards is not None:
        yield "id_reader", lambda: check_id_reader(file, cards)
    if codes is not None:
        yield "barcode_reader", lambda: check_barcode_reader(file, codes)
    drive = config.usb_drive
    if drive is not None:
        yield "usb_drive", lambda: check_usb_drive(file, drive)
    yield "station.key_file", lambda: keys.station_key(file, config)
    yield "station.card_key_file", lambda: keys.card_key(file, config)
    yield "hub.notify_key", lambda: keys.notify_key(file, config)
    yield "hub.document_keys", lambda: keys.document_keys(file, config)
    yield "hub.command_keys", lambda: keys.command_keys(file, config)


def _tried(name: str, step: Callable[[], object]) -> Finding:
    try:
        step()
    except ConfigError as error:
        return Finding(error.key, ok=False, words=error.expected)
    return Finding(name, ok=True, words="can be used")


def _ports(config: StationConfig) -> Iterator[tuple[str, str]]:
    for number, board in enumerate(config.boards):
        yield f"boards[{number}].port", board.port
    if config.receipt_printer is not None:
        yield "receipt_printer.port", config.receipt_printer.port
    if config.id_reader is not None:
        yield "id_reader.port", config.id_reader.port
    if config.barcode_reader is not None:
        yield "barcode_reader.port", config.barcode_reader.port


def _port(key: str, name: str) -> Finding:
    if name.startswith("gpio://"):
        name = f"/dev/gpiochip{name.removeprefix('gpio://')}"
    if "://" in name:
        parts = urlsplit(name)
        return _reachable(key, parts.hostname or "", parts.port or 0)
    try:
        name = device_path_now(name)
        mode = os.stat(name).st_mode
    except LinkError as error:
        return Finding(key, ok=False, words=f"{error}; plugged in: {_plugged()}")
    except OSError as error:
        return Finding(key, ok=False, words=f"{name}: {error.strerror}; is the device plugged in (or simulated)?")
    if not stat.S_ISCHR(mode):
        return Finding(key, ok=False, words=f"{name} is no device")
    if not os.access(name, os.R_OK | os.W_OK):
        words = f"{name} may not be opened by this user; is it in the group dialout (a chip of pins: gpio)?"
        return Finding(key, ok=False, words=words)
    return Finding(key, ok=True, words=f"{name} is there")


def _scanner(path: Path) -> Finding:
    key = "usb_drive.clamd_socket"
    with socket.socket(socket.AF_UNIX) as scanner:
        scanner.settimeout(ANSWERS_WITHIN_S)
        try:
            scanner.connect(str(path))
        except OSError as error:
            words = f"{path}: {error.strerror or error}; no file of a drive will be taken"
            return Finding(key, ok=False, words=words)
    return Finding(key, ok=True, words=f"{path} answers")


def _plugged() -> str:
    names = (adapter_name(each) for each in list_ports.comports())
    return ", ".join(name for name in names if name is not None) or "no USB adapter"


def _reachable(key: str, host: str, port: int) -> Finding:
    try:
        socket.create_connection((host, port), timeout=ANSWERS_WITHIN_S).close()
    except OSError as error:
        return Finding(key, ok=False, words=f"{host}:{port} cannot be reached: {error}")
    return Finding(key, ok=True, words=f"{host}:{port} can be reached")


def _data_dir(path: Path) -> Finding:
    nearest = next(each for each in (path.resolve(), *path.resolve().parents) if each.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return Finding("station.data_dir", ok=False, words=f"{nearest} cannot be written by this user")
    return Finding("station.data_dir", ok=True, words=f"{path} can be written")


def _kiosk(section: KioskSection) -> Finding:
    try:
        socket.create_server((section.host, section.port)).close()
    except OSError as error:
        words = f"{section.host}:{section.port} cannot be used: {error.strerror}; does the station run already?"
        return Finding("kiosk.port", ok=False, words=words)
    return Finding("kiosk.port", ok=True, words=f"{section.host}:{section.port} is free")


def _clock(config: StationConfig) -> Finding:
    synced = make_clock(config).synced
    words = "is set by a time source" if synced else "is not set by a time source; commands near doors are refused"
    # The station runs all the same, so this is no fault of the configuration.
    return Finding("clock", ok=True, words=words)


async def _broker(config: StationConfig) -> Finding:
    hub = config.hub
    tls = None if hub.ca_file is None else Tls(hub.ca_file, hub.cert_file, hub.key_file)
    # Another client id than the station's: the broker would otherwise throw out the station that runs.
    settings = SessionSettings(
        url=hub.broker,
        client_id=f"{config.station.id}-check",
        username=config.station.id,
        clean_start=True,
        session_expiry_s=0,
        tls=tls if hub.broker.startswith("mqtts://") else None,
    )
    async with MqttSession(settings) as session:
        # The first attempt is enough; the session itself would go on trying.
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                if await session.attempted():
                    return Finding("hub.broker", ok=True, words=f"{hub.broker} accepts this station")
        return Finding("hub.broker", ok=False, words=f"{hub.broker}: {session.trouble or 'no answer'}")


async def _documents(config: StationConfig) -> Finding:
    hub, key = config.hub, "hub.documents_url"
    try:
        # No document has this hash: a hub that knows the station answers 404.
        await fetch(Source(hub.documents_url, hub.documents_token_file, hub.ca_file), "0" * 64)
    except NotFetchedError as error:
        if error.status == 404:
            return Finding(key, ok=True, words=f"{hub.documents_url} knows this station's token")
        return Finding(key, ok=False, words=f"{hub.documents_url}: {error}")
    return Finding(key, ok=False, words=f"{hub.documents_url} answers anything: is that the hub?")
