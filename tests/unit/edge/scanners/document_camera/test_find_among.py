"""Sheets on a mat that is not tidy: what lies about must neither hide a sheet nor be taken for one."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.among import Paper, Rest, Rim, is_half, meant, unfolded
from edge.scanners.document_camera.find import find
from edge.scanners.document_camera.formats import format_of, off_size_mm, trust
from edge.scanners.document_camera.model import Calibration, Found, Points, Verdict
from edge.scanners.document_camera.simulator import (
    Bend,
    Camera,
    Finger,
    LaidSheet,
    Mat,
    Scene,
    Truth,
    render,
    simulated_calibration,
)

CAMERA = Camera().smaller(2)
TINTED = (190, 220, 170)


@cache
def calibration(kind: str = "blue") -> Calibration:
    return simulated_calibration(CAMERA, Mat(kind=kind), frames=3)  # type: ignore[arg-type]  # a mat's kind


def seen(*sheets: LaidSheet, litter: int = 0, seed: int = 5, kind: str = "blue", **more: object) -> tuple[Found, Truth]:
    mat = Mat(kind=kind)  # type: ignore[arg-type]  # a mat's kind
    scene = Scene(sheets=sheets, camera=CAMERA, page_dpi=100, mat=mat, litter=litter, **more)  # type: ignore[arg-type]  # fields
    frame, truth = render(scene, seed)
    return find(frame, calibration(kind)), truth


def assert_only(found: Found, truth: Truth, number: int) -> None:
    """That sheet of the scene is found to a millimetre, and nothing else."""
    assert found.verdict is Verdict.FOUND
    assert len(found.sheets) == 1
    assert quads.worst_corner(found.sheets[0].corners, truth.sheets[number].corners) < 2.0 * 2
    assert quads.iou(found.sheets[0].corners, truth.sheets[number].corners) > 0.99


@pytest.mark.parametrize(
    "sheet", [LaidSheet(angle=8), LaidSheet("card", 200, 150, 15, "card"), LaidSheet("receipt", 210, 170, -20)]
)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_sheet_on_litter_is_found_and_the_litter_is_not(sheet: LaidSheet, seed: int) -> None:
    assert_only(*seen(sheet, litter=7, seed=seed), 0)


def test_a_sheet_on_a_mat_with_print_and_pattern_is_found_among_litter() -> None:
    assert_only(*seen(LaidSheet("booklet", 220, 170, 12, "booklet"), litter=6, seed=3, kind="clutter"), 0)


@pytest.mark.parametrize("seed", range(1, 9))
def test_litter_alone_is_no_sheet(seed: int) -> None:
    found, _ = seen(litter=6, seed=seed)
    assert found.verdict is not Verdict.FOUND
    assert found.sheets == ()


def test_a_leaflet_that_a_page_lies_on_swells_it_in_no_direction() -> None:
    leaflet = LaidSheet(x=100, y=90, angle=35, size_mm=(150, 110), paper=TINTED)
    assert_only(*seen(leaflet, LaidSheet(x=260, y=170, angle=5)), 1)


def test_a_page_that_touches_another_thing_of_its_colour_keeps_its_size() -> None:
    note = LaidSheet(x=260 + 105 + 38, y=170, size_mm=(76, 76), content="blank")
    assert_only(*seen(note, LaidSheet(x=260, y=170)), 1)


def test_a_sheet_of_any_size_is_a_sheet_on_a_tidy_mat_and_unsure_among_other_things() -> None:
    odd = LaidSheet(x=230, y=170, angle=10, size_mm=(160, 120))
    assert_only(*seen(odd), 0)
    found, _ = seen(odd, litter=6, seed=4)
    assert found.verdict is not Verdict.FOUND


def test_a_coloured_note_beside_a_page_is_no_second_page_but_a_white_paper_is() -> None:
    page, place = LaidSheet(x=120, y=170), {"x": 340.0, "y": 170.0, "angle": 20.0, "size_mm": (100.0, 72.0)}
    assert_only(*seen(page, LaidSheet(content="blank", paper=TINTED, **place)), 0)  # type: ignore[arg-type]  # fields
    found, _ = seen(page, LaidSheet(content="blank", **place))  # type: ignore[arg-type]  # fields of a sheet
    assert len(found.sheets) == 2


def test_what_is_printed_on_a_page_that_reaches_out_is_no_page() -> None:
    found, _ = seen(LaidSheet(x=230, y=148.4, content="form"), litter=4, seed=2)
    assert all(each.format == "a4" for each in found.sheets)


def test_a_page_half_under_a_hand_is_whole_or_honestly_not_found() -> None:
    for y in (60, 150, 240):
        hand = (Finger(230, y, 80, hand=True),)
        found, truth = seen(LaidSheet(x=230, y=170, angle=3), fingers=hand)
        assert all(quads.iou(each.corners, truth.sheets[0].corners) > 0.99 for each in found.sheets)


def test_a_sheet_that_bulges_beyond_its_corners_is_found() -> None:
    found, truth = seen(LaidSheet(x=230, y=170, angle=90, bend=Bend("arch", 12)))
    assert found.verdict is Verdict.FOUND
    assert quads.iou(found.sheets[0].corners, truth.sheets[0].corners) > 0.98


def test_between_sizes_that_compete_among_litter_pale_paper_is_meant_and_two_alike_are_both() -> None:
    litter, open_one, closed = Rest(True, 0.0), (125.0, 176.0), (88.0, 124.5)
    assert meant([Paper(open_one, True), Paper(closed, False)], litter) == [0]
    assert meant([Paper(closed, False), Paper(closed, False)], litter) == [0, 1]
    assert meant([Paper((148, 105), False), Paper((180, 80), True)], litter) == [1]
    assert meant([Paper((148, 105), False), Paper((180, 80), False)], litter) == []
    assert meant([Paper((76, 76), True)], litter) == []
    assert meant([Paper((85.6, 54), True), Paper((54, 85.6), False), Paper((85.6, 54), True)], litter) == [0, 1, 2]


def _rectangle(left: float, top: float, width: float, height: float, turn_deg: float = 0.0) -> Points:
    turn = np.radians(turn_deg)
    corners = np.array([(left, top), (left + width, top), (left + width, top + height), (left, top + height)])
    return np.asarray(corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]))


@pytest.mark.parametrize("turn", [0.0, 33.0, 170.0])
@pytest.mark.parametrize("first", range(4))
def test_two_halves_that_share_a_fold_are_one_open_passport(turn: float, first: int) -> None:
    one, other = _rectangle(50, 60, 88, 125, turn), _rectangle(138.4, 60.3, 87.6, 125, turn)
    whole = unfolded(np.roll(one, first, axis=0), np.roll(other, 2 * first, axis=0))
    assert whole is not None
    assert quads.iou(whole, _rectangle(50, 60, 176, 125, turn)) > 0.99
    assert unfolded(one, _rectangle(141, 60, 88, 125, turn)) is None
    assert unfolded(one, _rectangle(138, 100, 88, 125, turn)) is None


def test_two_cards_side_by_side_are_no_document() -> None:
    assert unfolded(_rectangle(0, 0, 85.6, 54), _rectangle(85.6, 0, 85.6, 54)) is None


@pytest.mark.parametrize(
    ("size", "side", "half"), [((210, 148.5), 0, True), ((210, 148.5), 1, False), ((88, 125), 1, True)]
)
def test_a_rectangle_whose_paper_goes_on_to_a_documents_size_may_be_a_half(
    size: tuple[float, float], side: int, half: bool
) -> None:
    goes_on = np.zeros(4)
    rim = Rim(np.ones(4), goes_on, np.zeros(3), even=True, upon_one=False)
    assert not is_half(_rectangle(0, 0, *size), rim)
    goes_on[side] = 0.9
    assert is_half(_rectangle(0, 0, *size), rim) is half


def test_a_leaflet_nearly_as_large_as_a_card_is_none() -> None:
    assert [trust(size) for size in ((85.9, 53.7), (84.97, 52.8), (86.5, 54))] == [3, 0, 0]
    assert [trust(size) for size in ((80.5, 150), (150, 57), (76.9, 116.8))] == [1, 1, 0]


def test_how_little_a_size_is_chance() -> None:
    assert [trust(size) for size in ((210.4, 297), (54, 85.6), (148, 210), (80, 150), (70, 150), (76, 76))] == [
        3, 3, 2, 1, 0, 0,
    ]  # fmt: skip
    assert trust((215, 303)) == 0
    assert trust((215, 303), bent=True) == 3
    assert format_of((70, 150)) == "receipt"


def test_how_far_a_size_is_from_the_nearest() -> None:
    off = off_size_mm(np.array([211.0, 85.6, 81.0]), np.array([297.0, 54.0, 140.0]))
    assert np.allclose(off, [1, 0, 1])
