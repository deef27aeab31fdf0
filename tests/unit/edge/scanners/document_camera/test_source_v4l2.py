import cv2
import pytest

from edge.scanners.document_camera.source import SourceGoneError
from edge.scanners.document_camera.source_v4l2 import MJPG, V4l2Source
from edge.scanners.document_camera.v4l2_simulator import YUYV, V4l2Simulator

SIZE = (1280, 960)


def opened(device: V4l2Simulator, **options: object) -> V4l2Source:
    return V4l2Source("/dev/v4l/by-id/x", SIZE, open_device=lambda path, api: device, **options)  # type: ignore[arg-type]  # the test's options are few


@pytest.fixture
def device() -> V4l2Simulator:
    return V4l2Simulator(sizes=((640, 480), SIZE))


def test_format_comes_before_size_and_both_sizes_before_the_rest(device: V4l2Simulator) -> None:
    opened(device, locked={cv2.CAP_PROP_AUTOFOCUS: 0, cv2.CAP_PROP_FOCUS: 30})
    order = [key for what, key, _ in device.calls if what == "set"]
    assert order == [
        cv2.CAP_PROP_FOURCC, cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FPS,
        cv2.CAP_PROP_BUFFERSIZE, cv2.CAP_PROP_CONVERT_RGB, cv2.CAP_PROP_AUTOFOCUS, cv2.CAP_PROP_FOCUS,
    ]  # fmt: skip


def test_the_camera_s_own_jpeg_is_kept_and_old_frames_are_drained(device: V4l2Simulator) -> None:
    shot = opened(device, settle_frames=0).newest()
    assert shot.jpeg.startswith(b"\xff\xd8")
    assert shot.whole().shape == (960, 1280, 3)
    assert shot.small().shape == (240, 320, 3)
    assert shot.whole().mean() < 2


@pytest.mark.parametrize(
    ("stubborn", "reason"),
    [
        ({cv2.CAP_PROP_FOURCC: YUYV}, "other_size"),
        ({cv2.CAP_PROP_FRAME_HEIGHT: 480}, "other_size"),
        ({cv2.CAP_PROP_FOCUS: 0}, "not_locked"),
    ],
)
def test_what_reads_back_otherwise_is_refused_and_let_go(
    device: V4l2Simulator, stubborn: dict[int, float], reason: str
) -> None:
    device.stubborn = stubborn
    with pytest.raises(SourceGoneError, match="property") as refused:
        opened(device, locked={cv2.CAP_PROP_FOCUS: 30})
    assert (device.released, refused.value.reason) == (True, reason)


def test_focus_and_exposure_that_drift_are_found_when_asked(device: V4l2Simulator) -> None:
    source = opened(device, locked={cv2.CAP_PROP_FOCUS: 30, cv2.CAP_PROP_EXPOSURE: 150})
    source.check()
    device.stubborn = {cv2.CAP_PROP_EXPOSURE: 90}
    with pytest.raises(SourceGoneError, match="is 90, not 150") as drifted:
        source.check()
    assert drifted.value.reason == "not_locked"


def test_a_driver_that_lies_about_its_size_is_found_by_its_frames(device: V4l2Simulator) -> None:
    device.true_size = (640, 480)
    with pytest.raises(SourceGoneError, match="frames of 640 x 480") as lied:
        opened(device)
    assert lied.value.reason == "other_size"


def test_a_camera_that_is_not_there_or_dies_is_gone(device: V4l2Simulator) -> None:
    source = opened(device)
    device.dead = True
    with pytest.raises(SourceGoneError):
        source.newest()
    device.opened = False
    with pytest.raises(SourceGoneError, match="not there"):
        opened(device)


def test_the_simulator_refuses_a_large_size_before_mjpg(device: V4l2Simulator) -> None:
    for key, value in ((cv2.CAP_PROP_FRAME_WIDTH, SIZE[0]), (cv2.CAP_PROP_FRAME_HEIGHT, SIZE[1])):
        device.set(key, value)
    assert device.get(cv2.CAP_PROP_FRAME_WIDTH) == 640
    device.set(cv2.CAP_PROP_FOURCC, MJPG)
