from pathlib import Path
from typing import Any

import pytest

from edge.links.simulator_control import RefusedError
from edge.scanner_sections import DocumentCameraConfig
from edge.scanners.document_camera.source_mjpeg import MjpegSource
from edge.simulate_camera import KINDS, SimulatedCamera, is_simulated
from hall.addresses import free_port


def config(source: str, folder: Path = Path("nowhere")) -> DocumentCameraConfig:
    return DocumentCameraConfig(source=source, width=640, height=480, calibration_dir=folder)


@pytest.mark.parametrize(
    ("source", "simulated"),
    [("http://127.0.0.1:9/x", True), ("http://127.0.0.1/x", False), ("http://10.0.0.7:80/x", False), ("/dev/v", False)],
)
def test_only_a_port_of_this_computer_is_simulated(source: str, simulated: bool) -> None:
    assert is_simulated(config(source)) is simulated
    assert not is_simulated(None)


def test_what_is_laid_down_is_seen_until_it_is_taken_away(tmp_path: Path) -> None:
    port = free_port()
    camera = SimulatedCamera(config(f"http://127.0.0.1:{port}/mat", tmp_path))
    camera.plug()
    source = MjpegSource(f"http://127.0.0.1:{port}/mat", 5.0)
    empty = source.newest().whole().mean()
    camera.sheet({"id": "form", "kind": "a4", "x_mm": 230, "y_mm": 170, "angle": 2})
    while source.newest().whole().mean() < empty + 30:
        pass
    assert camera.state()["sheets"]["form"]["kind"] == "a4"
    camera.sheet({"id": "form", "kind": ""})
    while source.newest().whole().mean() > empty + 1:
        pass
    source.close()
    camera.close()


@pytest.mark.parametrize(
    "request_",
    [
        {"id": "a", "kind": "a5"}, {"id": "", "kind": "a4"}, {"kind": "a4"}, {"id": "a", "kind": "a4", "x_mm": "1"},
        {"id": "a", "kind": "a4", "angle": float("nan")}, {"id": "a", "kind": "a4", "y_mm": 1e9},
        {"id": "a", "kind": ["a4"]},
    ],
)  # fmt: skip
def test_a_sheet_that_is_none_is_refused(request_: dict[str, Any]) -> None:
    camera = SimulatedCamera(config("http://127.0.0.1:9/x"))
    with pytest.raises(RefusedError):
        camera.sheet(request_)
    for act, wrong in ((camera.hand, {"on": 1}), (camera.camera, {"fault": "fire"})):
        with pytest.raises(RefusedError):
            act(wrong)
    assert camera.state() == {"sheets": {}, "hand": False, "fault": None}


def test_every_kind_can_be_drawn() -> None:
    from edge.scanners.document_camera.mat_simulator import KINDS as DRAWN  # noqa: PLC0415 - named like ours

    assert DRAWN == KINDS


def test_the_demonstration_s_mat_is_where_its_calibration_says() -> None:
    from edge.scanners.document_camera.mat_simulator import MatSimulator  # noqa: PLC0415 - as above
    from edge.scanners.document_camera.self_test import self_test  # noqa: PLC0415 - as above
    from edge.scanners.document_camera.source import Shot  # noqa: PLC0415 - as above

    mat = MatSimulator()
    found = self_test(Shot(mat.jpeg()).whole(), mat.calibration(frames=2))
    assert (found.verdict, found.seen) == ("ok", 4)
    assert found.worst_mm < 0.2
