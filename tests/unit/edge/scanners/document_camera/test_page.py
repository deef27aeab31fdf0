"""Pages: true size, even light, straight print, budgets, turning."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from edge.scanners.document_camera.check_image import look_at
from edge.scanners.document_camera.checks import all_checks
from edge.scanners.document_camera.codes import codes_on
from edge.scanners.document_camera.deskew import tilt_of, to_turn
from edge.scanners.document_camera.encode import budget, jpeg, thumbnail_of, turned
from edge.scanners.document_camera.enhance import binarised, enhance
from edge.scanners.document_camera.model import Frame
from edge.scanners.document_camera.page import make_page, turn
from edge.scanners.document_camera.page_size import aspect, settled
from edge.scanners.document_camera.paper import light_of
from edge.scanners.document_camera.plane import mm_of, pixels_of
from edge.scanners.document_camera.simulator import LaidSheet
from edge.scanners.document_camera.simulator.paper import page_texture
from edge.scanners.document_camera.surface import curved, flat
from edge.scanners.document_camera.warp import cut_out, lie_of
from tests.unit.edge.scanners.document_camera.page_scenes import calibration, laid, printed, sheet

A4 = (210.0, 297.0)


def decoded(data: bytes) -> Frame:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def test_pixels_and_millimetres_are_each_others_way_back() -> None:
    places = np.array([[0.0, 0.0], [230, 170], [459, 340], [10, 300]])
    assert np.abs(mm_of(pixels_of(places, calibration()), calibration()) - places).max() < 0.02


@pytest.mark.parametrize(("size", "at", "degrees"), [((150.0, 100.0), (60, 60), 0), ((120.0, 200.0), (200, 40), 25)])
def test_a_sheet_has_its_true_size(size: tuple[float, float], at: tuple[float, float], degrees: float) -> None:
    frame, corners = laid(printed(600, 400), size, at, degrees)
    lie = lie_of(frame, sheet(corners, size, "other"), calibration())
    assert np.allclose(lie.size_mm, size, atol=0.1)


def test_the_cut_out_is_the_sheet_pixel_for_pixel() -> None:
    """Lines of the page stand where they were printed, through lens and tilt."""
    image = np.full((1188, 840, 3), 255, np.uint8)
    cv2.rectangle(image, (400, 200), (440, 1000), (0, 0, 0), -1)
    frame, corners = laid(image, A4, (120, 20), 3)
    cut = cut_out(frame, lie_of(frame, sheet(corners, A4, "a4"), calibration()))
    assert cut.image.shape == (3508, 2480, 3)
    assert 70 <= cut.native_dpi <= 80
    rows = np.linspace(700, 2850, 9).astype(int)
    dark = [np.flatnonzero(cut.image[row, :, 1] < 110) for row in rows]
    middles = [float(where.mean()) / 2480 * 840 for where in dark]
    assert np.abs(np.array(middles) - 420).max() < 0.6


def test_a_curved_outline_is_straightened() -> None:
    """The Coons patch of straight edges is the flat sheet; of bent ones it follows them."""
    corners = np.array([[0.0, 0], [100, 0], [100, 50], [0, 50]])
    top = np.array([[x, -6 * np.sin(np.pi * x / 100)] for x in range(100)])
    outline = np.vstack([top, [[100, y] for y in range(50)], [[x, 50] for x in range(100, 0, -1)], [[0, 50]]])
    uv = np.array([[0.5, 0.0], [0.5, 1.0], [0.0, 0.5]])
    assert np.allclose(curved(corners, outline)(uv), [[50, -6], [50, 50], [0, 25]], atol=0.5)
    assert np.allclose(flat(corners)(uv), [[50, 0], [50, 50], [0, 25]])


def test_the_aspect_is_told_without_a_calibration() -> None:
    """A tilted A4 before a pinhole camera of 1,000 x 800."""
    turn_by, _ = cv2.Rodrigues(np.array([0.5, 0.3, 0.1]))
    matrix = np.array([[900.0, 0, 500], [0, 900, 400], [0, 0, 1]])
    points = np.array([[-105.0, -148.5, 0], [105, -148.5, 0], [105, 148.5, 0], [-105, 148.5, 0]])
    seen = (points @ turn_by.T + [0, 0, 700]) @ matrix.T
    assert aspect(seen[:, :2] / seen[:, 2:], 1000, 800) == pytest.approx(210 / 297, abs=0.002)


def test_a_shadow_is_divided_out_and_coloured_paper_keeps_its_colour() -> None:
    clean = cv2.resize(printed(colour=(190, 220, 250)), (1240, 1754))
    light = np.ones((1754, 1240, 1), np.float32)
    light[:, 500:] = 0.5
    shadowed = (clean * cv2.GaussianBlur(light, (0, 0), 30)[..., np.newaxis] * 0.9).astype(np.uint8)
    seen = light_of(shadowed, None)
    assert seen is not None
    done = enhance(shadowed, seen, None)
    assert cv2.PSNR(shadowed, np.asarray(clean, np.uint8)) < 15
    assert cv2.PSNR(done, np.asarray(clean, np.uint8)) > 22
    paper = np.median(done.reshape(-1, 3), axis=0)
    assert np.abs(paper - [190, 220, 250]).max() <= 4


def test_black_and_white_is_both_and_nothing_else() -> None:
    grey = np.asarray(cv2.cvtColor(printed(), cv2.COLOR_BGR2GRAY), np.uint8)
    result = binarised(grey)
    assert set(np.unique(result).tolist()) == {0, 255}
    assert np.mean((result > 0) == (grey > 128)) > 0.99


@pytest.mark.parametrize("degrees", [-3.0, -0.7, -0.12, 0.1, 0.4, 2.0])
def test_tilted_print_is_measured(degrees: float) -> None:
    grey = cv2.cvtColor(printed(1240, 1754), cv2.COLOR_BGR2GRAY)
    matrix = cv2.getRotationMatrix2D((620, 877), -degrees, 1)
    tilted = np.asarray(cv2.warpAffine(grey, matrix, (1240, 1754), borderValue=(255,)), np.uint8)
    tilt = tilt_of(tilted)
    assert tilt.degrees == pytest.approx(degrees, abs=0.03)
    assert to_turn(tilt) == tilt.degrees


@pytest.mark.parametrize("degrees", [-0.3, 0.22])
def test_ragged_lines_of_a_receipt_do_not_mislead(degrees: float) -> None:
    page = cv2.cvtColor(page_texture(LaidSheet("receipt", content="receipt", seed=3), 250), cv2.COLOR_BGR2GRAY)
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    tilted = cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=(245,))
    assert to_turn(tilt_of(np.asarray(tilted, np.uint8))) == pytest.approx(degrees, abs=0.05)


def test_straight_print_and_no_print_are_never_turned() -> None:
    grey = np.asarray(cv2.cvtColor(printed(1240, 1754), cv2.COLOR_BGR2GRAY), np.uint8)
    noise = np.random.default_rng(1).integers(200, 255, (1754, 1240)).astype(np.uint8)
    assert to_turn(tilt_of(grey)) == to_turn(tilt_of(noise)) == to_turn(tilt_of(np.full_like(grey, 255))) == 0.0


def test_a_page_is_made_whole() -> None:
    frame, corners = laid(printed(), A4, (120, 20), 1)
    page = make_page(frame, sheet(corners, A4, "a4"), calibration())
    assert (page.width_um, page.height_um, page.dpi) == (210_000, 297_000, 300)
    assert decoded(page.jpeg).shape == (3508, 2480, 3)
    assert len(page.jpeg) <= 600_000
    assert max(decoded(page.thumbnail).shape) == 320
    assert decoded(page.original).shape == (3508, 2480, 3)
    assert {check.name: check.passed for check in page.checks if check.name != "blur"} == {
        "glare": True, "blank": True, "finger": True, "cut": True, "duplicate": True,
    }  # fmt: skip
    again = make_page(frame, sheet(corners, A4, "a4"), calibration(), earlier=[page])
    assert [check.passed for check in again.checks if check.name == "duplicate"] == [False]


def test_a_card_leaves_across_and_at_its_size() -> None:
    frame, corners = laid(printed(340, 540), (54.0, 85.6), (200, 100))
    page = make_page(frame, sheet(corners, (54.0, 85.6), "card"), calibration())
    assert (page.width_um, page.height_um) == (85_600, 54_000)


def test_four_turns_are_none() -> None:
    data = jpeg(cv2.GaussianBlur(printed(640, 800), (0, 0), 1.5).astype(np.uint8), 82)
    around = data
    for _ in range(4):
        around = turned(around, 1)
    assert np.array_equal(decoded(turned(data, 1)).shape, (640, 800, 3))
    assert cv2.PSNR(decoded(data), decoded(around)) > 42


def test_turning_swaps_size_and_moves_regions() -> None:
    frame, corners = laid(printed(340, 216), (85.6, 54.0), (200, 100))
    page = make_page(frame, sheet(corners, (85.6, 54.0), "card"), calibration())
    marked = replace(page, checks=(replace(page.checks[0], region=(0.0, 0.0, 0.5, 0.25)),))
    right = turn(marked, 1)
    assert (right.width_um, right.height_um) == (page.height_um, page.width_um)
    assert right.checks[0].region == (0.75, 0.0, 1.0, 0.5)
    assert turn(marked, 4) is marked


@pytest.mark.parametrize("flaw", ["blur", "glare", "blank", "finger", "cut"])
def test_each_flaw_is_flagged_by_its_own_check(flaw: str) -> None:
    image = printed(1000, 1414)
    if flaw == "blank":
        image[:] = 255
    if flaw == "finger":
        cv2.ellipse(image, (0, 700), (110, 60), 0, 0, 360, (120, 150, 205), -1)
    if flaw == "cut":
        cv2.fillPoly(image, [np.array([[0, 0], [140, 0], [0, 140]])], (129, 82, 24))
    frame, corners = laid(image, A4, (120, 20))
    if flaw == "glare":
        cv2.circle(frame, (620, 480), 45, (255, 255, 255), -1)
    if flaw == "blur":
        frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), 3), np.uint8)
    cut = cut_out(frame, lie_of(frame, sheet(corners, A4, "a4"), calibration()))
    checks = all_checks(look_at(cut, frame, calibration()), thumbnail_of(cut.image), ())
    assert flaw in {check.name for check in checks if not check.passed}
    others = {"blur"} if flaw in {"blur", "glare", "finger", "cut"} else set()
    assert {check.name for check in checks if not check.passed} - others <= {flaw}


def test_a_page_beyond_the_frame_is_cut() -> None:
    frame, corners = laid(printed(), A4, (-15, 20))
    cut = cut_out(frame, lie_of(frame, sheet(corners, A4, "a4"), calibration()))
    checks = all_checks(look_at(cut, frame, calibration()), thumbnail_of(cut.image), ())
    assert [check.score for check in checks if check.name == "cut"] == [1.0]


def test_a_code_is_read_and_a_wall_of_text_is_not() -> None:
    import zxingcpp  # noqa: PLC0415 - its maker is wanted here only

    made = zxingcpp.create_barcode("NIGHTDESK 12345", zxingcpp.BarcodeFormat.QRCode)
    code = cv2.resize(np.array(made.to_image(scale=1)), None, fx=5, fy=5, interpolation=cv2.INTER_NEAREST)
    grey = np.asarray(cv2.cvtColor(printed(1240, 1754), cv2.COLOR_BGR2GRAY), np.uint8)
    assert codes_on(grey) == ()
    grey[20 : 20 + code.shape[0], 900 : 900 + code.shape[1]] = code
    assert codes_on(np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.0), np.uint8)) == ("NIGHTDESK 12345",)


def test_a_small_code_through_a_soft_lens_is_read_among_print() -> None:
    import zxingcpp  # noqa: PLC0415 - its maker is wanted here only

    made = zxingcpp.create_barcode("NIGHTDESK 12345 ABCDEFGH", zxingcpp.BarcodeFormat.QRCode)
    code = cv2.resize(np.array(made.to_image(scale=1)), None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    grey = np.asarray(cv2.cvtColor(printed(1240, 1754), cv2.COLOR_BGR2GRAY), np.uint8)
    grey[700 : 700 + code.shape[0], 500 : 500 + code.shape[1]] = 60 + code / 255 * 170
    soft = cv2.GaussianBlur(grey, (0, 0), 2.4) + np.random.default_rng(3).normal(0, 5, grey.shape)
    assert codes_on(np.clip(soft, 0, 255).astype(np.uint8)) == ("NIGHTDESK 12345 ABCDEFGH",)


def test_paper_that_is_no_a4_keeps_its_size() -> None:
    assert settled((210.4, 296.6), "a4") == A4
    assert settled((209.1, 296.8), "a4") == (209.1, 296.8)


def test_a_larger_page_may_take_more() -> None:
    a4 = np.zeros((3508, 2480), np.uint8)
    assert budget(np.zeros((3508, 4961), np.uint8)) > 1.9 * budget(a4)


@pytest.mark.parametrize(("deskew", "left"), [(True, 0.0), (False, 1.5)])
def test_straightening_can_be_turned_off(*, deskew: bool, left: float) -> None:
    """Print tilted by 1.5 degrees on a sheet that lies straight."""
    place = cv2.getRotationMatrix2D((420, 594), -1.5, 1)
    tilted = cv2.warpAffine(printed(), place, (840, 1188), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    frame, corners = laid(np.asarray(tilted, np.uint8), A4, (120, 20))
    page = make_page(frame, sheet(corners, A4, "a4"), calibration(), deskew=deskew)
    grey = np.asarray(cv2.cvtColor(decoded(page.jpeg), cv2.COLOR_BGR2GRAY), np.uint8)
    assert tilt_of(grey).degrees == pytest.approx(left, abs=0.1)
