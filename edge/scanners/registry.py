"""What reads at a station, opened by its table of the station file; the only place that names these drivers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import ValidationError

from edge.config import config_error
from edge.errors import ConfigError, LinkError
from edge.links.bus import SharedBus
from edge.ports import BarcodeReader, DocumentCamera, IdReader, UsbDrive
from edge.scanner_sections import BarcodeReaderConfig, DocumentCameraConfig, IdReaderConfig, UsbDriveConfig
from edge.scanners.barcode_reader import driver as barcode
from edge.scanners.barcode_reader import keyboard
from edge.scanners.document_camera.driver import Settings, WatchedCamera
from edge.scanners.document_camera.wanted import Wanted
from edge.scanners.id_reader import driver as sdt
from edge.scanners.usb_drive.driver import PublicPort
from edge.scanners.usb_drive.hotplug import open_socket
from edge.scanners.usb_drive.socket_check import wrong_with_socket

_log = logging.getLogger(__name__)
_ID_FAMILIES = ("sdt",)
# A reader has its wire for itself; a card that was taken away in the middle may still send its rest.
_QUIET_SECONDS, _LATE_SECONDS = 0.0, 0.1


def check_document_camera(file: Path, config: DocumentCameraConfig) -> Settings:
    """Type the camera's settings.

    Raises:
        ConfigError: a setting that it does not have, or a source that no reader of frames takes.
    """
    if config.source.startswith("https://"):
        raise ConfigError(str(file), "document_camera.source", "http://, a path of /dev or images:DIR")
    if config.source.startswith("images:") and not Path(config.source.removeprefix("images:")).is_dir():
        raise ConfigError(str(file), "document_camera.source", "images: and a folder with pictures")
    try:
        return Settings.model_validate(config.settings)
    except ValidationError as error:
        raise config_error(file, "document_camera.settings", error) from error


@asynccontextmanager
async def open_document_camera(file: Path, config: DocumentCameraConfig) -> AsyncIterator[DocumentCamera]:
    """Yield the camera, not yet started; whatever it runs is ended afterwards.

    Raises:
        ConfigError: as `check_document_camera`; nothing was opened.
    """
    settings = check_document_camera(file, config)
    wanted = Wanted(config.source, config.width, config.height, config.deadline_seconds, **settings.model_dump())
    camera = WatchedCamera("document-camera", wanted, config.calibration_dir)
    try:
        yield camera
    finally:
        await camera.stop()


def check_usb_drive(file: Path, config: UsbDriveConfig) -> None:
    """Look whether the public socket is there and guarded; a station runs without, but should not.

    Raises:
        ConfigError: it is not, with what should be otherwise.
    """
    if wrong := wrong_with_socket(config.port):
        raise ConfigError(str(file), "usb_drive.port", wrong)


@asynccontextmanager
async def open_usb_drive(config: UsbDriveConfig) -> AsyncIterator[UsbDrive]:
    """Follow the public port and yield it; its worker is dead afterwards."""
    port = PublicPort("usb-drive", open_socket(config.port), config)
    following = asyncio.create_task(port.run(), name="usb-drive")
    following.add_done_callback(_say_why)
    try:
        yield port
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


def _say_why(following: asyncio.Task[None]) -> None:
    """An error that the driver does not expect costs the station its drive, and nothing else; it must be seen."""
    if not following.cancelled() and following.exception() is not None:
        _log.critical("the public port is not followed any more", exc_info=following.exception())


def check_id_reader(file: Path, config: IdReaderConfig) -> sdt.Settings:
    """Type the card reader's settings.

    Raises:
        ConfigError: unknown family, or a setting that it does not have.
    """
    if config.family not in _ID_FAMILIES:
        raise ConfigError(str(file), "id_reader.family", f"one of {', '.join(_ID_FAMILIES)}")
    try:
        return sdt.Settings.model_validate(config.settings)
    except ValidationError as error:
        raise config_error(file, "id_reader.settings", error) from error


@asynccontextmanager
async def open_id_reader(file: Path, config: IdReaderConfig) -> AsyncIterator[IdReader]:
    """Open the card reader's wire and yield the reader; a wire that is not there is tried again in the background.

    Raises:
        ConfigError: as `check_id_reader`; nothing was opened.
    """
    settings = check_id_reader(file, config)
    async with SharedBus(config.port, settings.baud, quiet=_QUIET_SECONDS, late=_LATE_SECONDS, personal=True) as bus:
        reader = sdt.SdtReader("id-reader", settings, bus)
        try:
            yield reader
        finally:
            await reader.close()


def check_barcode_reader(file: Path, config: BarcodeReaderConfig) -> barcode.Settings | keyboard.Settings:
    """Type the code reader's settings.

    Raises:
        ConfigError: a setting that the family does not have.
    """
    try:
        kind = keyboard.Settings if config.family == "grab" else barcode.Settings
        return kind.model_validate(config.settings)
    except ValidationError as error:
        raise config_error(file, "barcode_reader.settings", error) from error


@asynccontextmanager
async def open_barcode_reader(file: Path, config: BarcodeReaderConfig) -> AsyncIterator[BarcodeReader]:
    """Open the code reader and yield it; one that is not there is tried again when a code is waited for.

    Raises:
        ConfigError: as `check_barcode_reader`; nothing was opened.
    """
    settings = check_barcode_reader(file, config)
    if isinstance(settings, keyboard.Settings):
        typing = keyboard.KeyboardCodeReader("barcode-reader", config.port, settings)
        # Before a code is wanted: from now on its keys do not reach the browser.
        with contextlib.suppress(LinkError):
            typing.open()
        try:
            yield typing
        finally:
            typing.close()
        return
    quiet = settings.idle_ms / 1000
    async with SharedBus(config.port, settings.baud, quiet=quiet, late=quiet, personal=True) as bus:
        yield barcode.SerialCodeReader("barcode-reader", barcode.TONGUES[config.family], settings, bus)
