"""Sheets under the calibrated camera, on small frames: what a wrong answer would cost a citizen most."""

from __future__ import annotations

from functools import cache

import numpy as np

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.find import find
from edge.scanners.document_camera.model import Calibration, Found, Verdict
from edge.scanners.document_camera.simulator import (
    Camera,
    Finger,
    LaidSheet,
    Mat,
    Scene,
    Shadow,
    Truth,
    render,
    simulated_calibration,
)

CAMERA = Camera().smaller(2)


@cache
def calibration() -> Calibration:
    return simulated_calibration(CAMERA, Mat(), frames=3)


def seen(*sheets: LaidSheet, **more: object) -> tuple[Found, Truth]:
    scene = Scene(sheets=sheets, camera=CAMERA, page_dpi=100, **more)  # type: ignore[arg-type]  # fields of a scene
    frame, truth = render(scene, 5)
    return find(frame, calibration()), truth


def assert_right(found: Found, truth: Truth) -> None:
    assert found.verdict is Verdict.FOUND
    assert len(found.sheets) == len(truth.sheets)
    for sheet in truth.sheets:
        nearest = min(found.sheets, key=lambda each: quads.worst_corner(each.corners, sheet.corners))
        assert quads.worst_corner(nearest.corners, sheet.corners) < 1.0
        assert nearest.format == sheet.format
        assert np.allclose(nearest.size_mm, sheet.size_mm, atol=0.5)


def test_a_page_is_found_to_a_fraction_of_a_pixel_with_its_true_size() -> None:
    assert_right(*seen(LaidSheet(angle=7)))


def test_a_printed_frame_is_not_taken_for_the_page() -> None:
    assert_right(*seen(LaidSheet(content="table", angle=-4)))


def test_two_cards_are_two_sheets_from_left_to_right() -> None:
    cards = (LaidSheet("card", 330, 120, 20, "card"), LaidSheet("card", 110, 200, -10, "card"))
    found, truth = seen(*cards)
    assert_right(found, truth)
    assert found.sheets[0].corners[:, 0].mean() < found.sheets[1].corners[:, 0].mean()


def test_a_sheet_that_nearly_fills_the_field_is_whole() -> None:
    assert_right(*seen(LaidSheet("a3", 230, 170.5, 0.5)))


def test_shadows_neither_swell_a_sheet_nor_become_one() -> None:
    shadows = (Shadow(150, 170, 40, depth=0.5), Shadow(330, 120, 200, depth=0.35))
    assert_right(*seen(LaidSheet(angle=3), shadows=shadows))
    assert seen(shadows=shadows)[0].verdict is not Verdict.FOUND


def test_a_folded_corner_costs_no_corner() -> None:
    assert_right(*seen(LaidSheet(angle=3, dog_ear=18)))


def test_fingers_at_the_edge_do_not_move_it() -> None:
    assert_right(*seen(LaidSheet(angle=0), fingers=(Finger(230, 312, 90),)))


def test_an_empty_mat_is_no_sheet() -> None:
    assert seen()[0].verdict is Verdict.NO_SHEET


def test_a_hand_alone_is_no_sheet() -> None:
    found, _ = seen(fingers=(Finger(230, 200, 90, hand=True),))
    assert found.verdict is not Verdict.FOUND
    assert found.sheets == ()


def test_a_sheet_that_reaches_out_of_the_field_is_said_to_be_cut() -> None:
    found, _ = seen(LaidSheet(x=60, angle=2))
    assert found.verdict is Verdict.CROPPED
    assert found.sheets == ()


def test_free_hand_finds_a_page_and_no_page_on_an_even_ground() -> None:
    frame, truth = render(Scene(sheets=(LaidSheet(angle=7),), camera=CAMERA, page_dpi=100, mat=Mat(marks=False)), 5)
    found = find(frame, None)
    assert found.verdict is Verdict.FOUND
    assert quads.iou(found.sheets[0].corners, truth.sheets[0].corners) > 0.97
    assert find(np.full((390, 526, 3), 120, np.uint8), None).sheets == ()
