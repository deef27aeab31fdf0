"""The simulator's truth is judged from the picture alone: edges, marks and sizes must be where it says they are."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
import zxingcpp

from edge.scanners.document_camera.geometry import mm_to_pixels, pixels_to_mm
from edge.scanners.document_camera.marks import find_marks
from edge.scanners.document_camera.model import Frame, Points
from edge.scanners.document_camera.simulator import (
    Bend,
    Camera,
    Finger,
    Glare,
    LaidSheet,
    Light,
    Mat,
    Scene,
    Shadow,
    render,
    simulated_calibration,
)

SMALL = Camera().smaller(4)
EVEN = Light(fall=0, vignette=0)


def still(*sheets: LaidSheet, mat: Mat | None = None) -> Scene:
    return Scene(sheets=sheets, camera=SMALL, mat=mat or Mat("dark"), light=EVEN, noise=0, jpeg=0, page_dpi=100)


def crossings(frame: Frame, start: Points, end: Points) -> list[float]:
    """Signed distances (pixels, outwards positive) from the true side to where paper has half turned into mat."""
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.float32)
    along = (end - start) / np.linalg.norm(end - start)
    outward = np.array([along[1], -along[0]])
    reach = np.arange(-4, 4.001, 0.01)
    found = []
    for share in np.linspace(0.1, 0.9, 40):
        line = start + (end - start) * share + reach[:, None] * outward
        profile = cv2.remap(
            grey, line[:, 0].astype(np.float32), line[:, 1].astype(np.float32), cv2.INTER_LINEAR
        ).ravel()
        half = (profile[:50].mean() + profile[-50:].mean()) / 2
        found.append(float(reach[np.argmin(np.abs(profile - half))]))
    return found


@pytest.mark.parametrize("angle", [0.0, 3.0, 30.0, 137.0])
@pytest.mark.parametrize("bend", [None, Bend("arch", 8, "y")])
def test_half_of_the_change_lies_at_the_true_edge(angle: float, bend: Bend | None) -> None:
    frame, truth = render(still(LaidSheet("card", 230, 170, angle, "blank", bend=bend)), 1)
    outline = truth.sheets[0].outline
    misses = [
        miss
        for start, end in itertools.pairwise([*outline, outline[0]])
        for miss in crossings(frame, start, end)[::13]
    ]  # fmt: skip
    # The shadow that a bent sheet casts beside itself moves the half by a little.
    assert abs(float(np.median(misses))) / SMALL.pixels_per_mm < (0.01 if bend is None else 0.03)
    assert np.percentile(np.abs(misses), 90) < 0.15


def test_sizes_follow_from_the_corners() -> None:
    exact = simulated_calibration(SMALL, frames=0)
    sheets = [LaidSheet("a4", 120, 165, 10), LaidSheet("card", 330, 80, -20), LaidSheet("booklet", 340, 220, 95)]
    _, truth = render(still(*sheets), 1)
    for sheet in truth.sheets:
        corners = pixels_to_mm(sheet.corners, exact)
        assert np.linalg.norm(corners[1] - corners[0]) == pytest.approx(sheet.size_mm[0], abs=0.01)
        assert np.linalg.norm(corners[2] - corners[1]) == pytest.approx(sheet.size_mm[1], abs=0.01)
    assert [sheet.format for sheet in truth.sheets] == ["a4", "card", "booklet"]
    assert truth.sheets[2].size_mm == (176.0, 125.0)


def test_pixels_and_millimetres_go_both_ways() -> None:
    exact = simulated_calibration(SMALL, frames=0)
    corners = [(0, 0), (SMALL.width - 1, 0), (SMALL.width - 1, SMALL.height - 1), (3, 700)]
    assert mm_to_pixels(pixels_to_mm(corners, exact), exact) == pytest.approx(np.array(corners), abs=1e-5)
    assert exact.field_mm[0] == pytest.approx(460)
    assert pixels_to_mm([((SMALL.width - 1) / 2, (SMALL.height - 1) / 2)], exact)[0] == pytest.approx(
        np.array(exact.field_mm) / 2
    )


@pytest.mark.parametrize("kind", ["blue", "green", "dark", "wood", "cloth", "clutter"])
def test_every_mat_shows_its_marks_where_they_are(kind: str) -> None:
    exact = simulated_calibration(SMALL, frames=0)
    frame, _ = render(Scene(camera=SMALL, mat=Mat(kind)), 1)  # type: ignore[arg-type]  # one of the kinds
    seen = find_marks(frame)
    assert sorted(seen) == [0, 1, 2, 3]
    assert exact.marks is not None
    for number, pixel in seen.items():
        assert np.linalg.norm(pixels_to_mm(pixel, exact)[0] - exact.marks[number]) < 0.3


def test_a_bent_sheet_keeps_its_lengths() -> None:
    _, truth = render(still(LaidSheet("a4", 230, 170, 0, bend=Bend("arch", 25, "y"))), 1)
    exact = simulated_calibration(SMALL, frames=0)
    corners = pixels_to_mm(truth.sheets[0].corners, exact)
    # 297 mm of paper over an arch 25 mm high: about 8/3 h²/w shorter straight across.
    assert np.linalg.norm(corners[2] - corners[1]) == pytest.approx(297 - 8 / 3 * 25**2 / 291, abs=0.3)


def test_the_same_seed_gives_the_same_frame() -> None:
    scene = Scene(sheets=(LaidSheet("a4", 150, 170, 4),), camera=SMALL, litter=5, page_dpi=100)
    first, again, other = render(scene, 3)[0], render(scene, 3)[0], render(scene, 4)[0]
    assert (first == again).all()
    assert (first != other).any()


def test_everything_at_once_and_codes_stay_readable() -> None:
    sheet = LaidSheet("a4", 150, 170, 2, "form", codes=("nightdesk:test:1",))
    scene = Scene(
        sheets=(sheet, LaidSheet("receipt", 370, 200, 10, "receipt", bend=Bend("fold", 6, "y"), motion_mm=2)),
        camera=Camera().smaller(2),
        shadows=(Shadow(200, 260),),
        glares=(Glare(380, 200),),
        fingers=(Finger(120, 300, 90, hand=True),),
        litter=4,
    )
    frame, truth = render(scene, 5)
    assert frame.shape == (1560, 2104, 3)
    assert [code.text for code in zxingcpp.read_barcodes(frame)] == ["nightdesk:test:1"]
    assert truth.sheets[0].page.shape == (3508, 2480, 3)


def test_a_sheet_beyond_the_frame_is_not_whole() -> None:
    _, truth = render(still(LaidSheet("a4", 20, 170)), 1)
    assert not truth.sheets[0].whole


def test_the_background_is_the_empty_mat_with_its_noise() -> None:
    calibration = simulated_calibration(SMALL, frames=5)
    assert calibration.background is not None
    assert calibration.background.mean.shape == (195, 263, 3)
    assert 0.2 < calibration.background.noise.mean() < 1.5


def test_the_exact_gains_undo_the_light() -> None:
    light = Light(level=0.8, fall=0.3, vignette=0.2, warmth=0.1)
    exact = simulated_calibration(SMALL, light=light, frames=0)
    white = LaidSheet("a3", 230, 168, 0, "blank", paper=(200, 200, 200))
    frame, _ = render(Scene(sheets=(white,), camera=SMALL, light=light, noise=0, jpeg=0), 1)
    assert exact.flat is not None
    flat = cv2.resize(exact.flat, frame.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    even = (frame * flat[..., None] * np.array(exact.white, np.float32))[80:-80, 100:-100]
    assert np.ptp(cv2.resize(even, (20, 15), interpolation=cv2.INTER_AREA)) < 2
