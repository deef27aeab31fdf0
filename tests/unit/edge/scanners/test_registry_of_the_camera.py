from pathlib import Path
from typing import Any

import pytest

from edge.errors import ConfigError
from edge.scanner_sections import DocumentCameraConfig
from edge.scanners.registry import check_document_camera


@pytest.mark.parametrize(
    ("source", "settings", "key"),
    [
        ("https://camera/x", {}, "document_camera.source"),
        ("images:no-such-folder", {}, "document_camera.source"),
        ("/dev/v4l/by-id/x", {"zoom": 2}, "document_camera.settings.zoom"),
        ("/dev/v4l/by-id/x", {"fps": 0}, "document_camera.settings.fps"),
    ],
)
def test_a_wrong_camera_is_named_by_file_and_key(source: str, settings: dict[str, Any], key: str) -> None:
    config = DocumentCameraConfig(source=source, calibration_dir=Path("c"), settings=settings)
    with pytest.raises(ConfigError) as refused:
        check_document_camera(Path("station.toml"), config)
    assert (refused.value.file, refused.value.key) == ("station.toml", key)
