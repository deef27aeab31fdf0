"""What reads at a station, opened by its table of the station file; the only place that names these drivers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import ValidationError

from edge.config import config_error
from edge.errors import ConfigError
from edge.ports import DocumentCamera
from edge.scanner_sections import DocumentCameraConfig
from edge.scanners.document_camera.driver import Settings, WatchedCamera
from edge.scanners.document_camera.source_open import Wanted


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
