"""Sheets on a mat that is not tidy: what lies about must neither hide a sheet nor be taken for one."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.among import Paper, Rest, meant
from edge.scanners.document_camera.find import find
from edge.scanners.document_camera.formats import format_of, off_size_mm, trust
from edge.scanners.document_camera.model import Calibration, Found, Verdict
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
