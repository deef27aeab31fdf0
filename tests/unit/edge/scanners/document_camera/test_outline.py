"""The live picture's lines lie where the page will be cut out, and nowhere else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.scanners.document_camera.find import find
from edge.scanners.document_camera.mat_simulator import LaidDown, MatSimulator
from edge.scanners.document_camera.model import Calibration
from edge.scanners.document_camera.outline import outlines
from edge.scanners.document_camera.source import Shot

SIZE = (1052, 780)
NEAR = 5 / 460
"""In fractions of the picture's width: on the screen, about half a finger's breadth."""


@pytest.fixture(scope="module")
def mat() -> MatSimulator:
    return MatSimulator(size=SIZE)


@pytest.fixture(scope="module")
def calibration(mat: MatSimulator) -> Calibration:
    return mat.calibration(3)


@pytest.mark.parametrize(
    "sheets",
    [
        (),
        (LaidDown("a4", 230, 170, 7.0),),
        (LaidDown("card_front", 120, 100, 5.0), LaidDown("card_back", 260, 220, 40.0), LaidDown("card_front", 350, 90)),
        (LaidDown("booklet", 150, 170, 3.0), LaidDown("receipt", 350, 170, 10.0)),
    ],
)
def test_each_sheet_has_one_line_where_it_is_cut_out(
    mat: MatSimulator, calibration: Calibration, sheets: tuple[LaidDown, ...]
) -> None:
    mat.sheets = {str(number): sheet for number, sheet in enumerate(sheets)}
    shot = Shot(mat.jpeg())
    drawn = [np.array(each) for each in outlines(shot.small(), calibration)]
    cut = [(sheet.corners + 0.5) / SIZE for sheet in find(shot.whole(), calibration).sheets]
    assert len(drawn) == len(cut) == len(sheets)
    for corners in cut:
        assert min(float(np.abs(line - corners).max()) for line in drawn) < NEAR


def test_without_an_empty_mat_of_this_size_nothing_is_drawn(mat: MatSimulator, calibration: Calibration) -> None:
    mat.sheets = {"a": LaidDown("a4", 230, 170, 7.0)}
    small = Shot(mat.jpeg()).small()
    assert outlines(small, None) == ()
    half = np.asarray(cv2.resize(small, None, fx=0.5, fy=0.5), np.uint8)
    assert outlines(half, calibration) == ()
