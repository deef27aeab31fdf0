"""From pictures of the sheet of calibration to lens and millimetres on the mat.

A sheet that only ever lies flat leaves focal length and height of the camera undecided (Zhang's method needs planes at
different angles), so at least two pictures show it propped up on one side. Those that lie flat share one plane.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import CalibrationRefusedError
from edge.scanners.document_camera.geometry import apply, settle, undistort
from edge.scanners.document_camera.marks import COUNT, find_marks
from edge.scanners.document_camera.model import Calibration, Frame, Lens, Points
from edge.scanners.document_camera.target import Target

LARGEST_RESIDUAL_MM = 0.15
_FEWEST_SHOTS = 5
_FEWEST_CORNERS = 20
_FEWEST_PROPPED = 2
_GRID = (4, 3)
_SAME_PLANE_DEGREES, _SAME_PLANE_MM = 1.0, 2.0
_UNSURE_FOCAL = 0.02

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """Corners of the board in one picture: pixels, and millimetres on the sheet."""

    pixels: Points
    sheet: Points


def see(frame: Frame, target: Target) -> Shot | None:
    """Find the board; None if too little of it can be seen."""
    board = target.board()
    corners, numbers, _, _ = cv2.aruco.CharucoDetector(board).detectBoard(frame)
    if numbers is None or len(numbers) < _FEWEST_CORNERS:
        return None
    places = np.asarray(board.getChessboardCorners())[np.asarray(numbers).ravel(), :2].astype(np.float64)
    return Shot(np.asarray(corners, dtype=np.float64).reshape(-1, 2), places)


def calibrate(frames: Iterable[Frame], target: Target) -> Calibration:
    """Lens and millimetres, without background.

    Raises:
        CalibrationRefusedError: too few pictures, parts of the field never covered, none propped up, or a residual
            above `LARGEST_RESIDUAL_MM`.
    """
    shots, size = _shots(frames, target)
    _check_cover(shots, size)
    lens, planes = _lens(shots, size)
    flat = _on_the_mat(planes)
    laid = [shots[index] for index in flat]
    rotation, shift = planes[flat[0]]
    pose = np.column_stack([rotation[:, 0], rotation[:, 1], shift])
    start = np.asarray(np.linalg.inv(lens.matrix @ pose), dtype=np.float64)
    to_mm, residual = _refined(start, laid, lens)
    if residual > LARGEST_RESIDUAL_MM:
        raise CalibrationRefusedError("residual", f"{residual:.3f} mm")
    settled, field = settle(to_mm, lens)
    return Calibration(lens, settled / settled[2, 2], field, residual)


def _shots(frames: Iterable[Frame], target: Target) -> tuple[list[Shot], tuple[int, int]]:
    shots, sizes = [], set()
    for frame in frames:
        sizes.add((frame.shape[1], frame.shape[0]))
        if (shot := see(frame, target)) is not None:
            shots.append(shot)
    if len(shots) < _FEWEST_SHOTS:
        raise CalibrationRefusedError("too_few", f"{len(shots)}")
    if len(sizes) != 1:
        raise CalibrationRefusedError("sizes", ", ".join(f"{width} x {height}" for width, height in sorted(sizes)))
    return shots, sizes.pop()


def _check_cover(shots: Sequence[Shot], size: tuple[int, int]) -> None:
    """Distortion is only known where corners were seen."""
    points = np.concatenate([shot.pixels for shot in shots])
    cells = (points / size * _GRID).astype(int)
    missing = {(x, y) for x in range(_GRID[0]) for y in range(_GRID[1])} - {(int(x), int(y)) for x, y in cells}
    if missing:
        where = ", ".join(f"{x + 1}/{y + 1}" for x, y in sorted(missing))
        raise CalibrationRefusedError("uncovered", f"{where} ({_GRID[0]} x {_GRID[1]})")


def _lens(shots: Sequence[Shot], size: tuple[int, int]) -> tuple[Lens, list[tuple[Matrix, Matrix]]]:
    spots = [np.column_stack([shot.sheet, np.zeros(len(shot.sheet))]).astype(np.float32) for shot in shots]
    pixels = [shot.pixels.astype(np.float32) for shot in shots]
    guess = np.array([[size[0], 0, size[0] / 2], [0, size[0], size[1] / 2], [0, 0, 1.0]])
    flags = cv2.CALIB_FIX_K3 | cv2.CALIB_USE_INTRINSIC_GUESS
    _, matrix, distortion, turns, shifts, spread, _, _ = cv2.calibrateCameraExtended(
        spots, pixels, size, guess, np.zeros(5), flags=flags
    )
    if float(np.asarray(spread).ravel()[0]) > _UNSURE_FOCAL * matrix[0, 0]:
        raise CalibrationRefusedError("all_flat", f"± {float(np.asarray(spread).ravel()[0]):.0f} px")
    lens = Lens(np.asarray(matrix, np.float64), np.asarray(distortion, np.float64).ravel()[:5], *size)
    poses = [(cv2.Rodrigues(np.asarray(turn))[0], shift) for turn, shift in zip(turns, shifts, strict=True)]
    return lens, [(np.asarray(turn, np.float64), np.asarray(shift, np.float64).ravel()) for turn, shift in poses]


def _on_the_mat(planes: Sequence[tuple[Matrix, Matrix]]) -> list[int]:
    """The pictures whose sheets lie in the plane that most share."""
    groups = [
        [other for other in range(len(planes)) if _same(planes[one], planes[other])] for one in range(len(planes))
    ]
    most = max(groups, key=len)
    if len(most) < 2:
        raise CalibrationRefusedError("none_flat", f"{len(most)}")
    if len(planes) - len(most) < _FEWEST_PROPPED:
        raise CalibrationRefusedError("all_flat", f"{len(planes) - len(most)}/{_FEWEST_PROPPED}")
    return most


def _same(one: tuple[Matrix, Matrix], other: tuple[Matrix, Matrix]) -> bool:
    (turn, shift), (turn_2, shift_2) = one, other
    angle = np.degrees(np.arccos(np.clip(turn[:, 2] @ turn_2[:, 2], -1, 1)))
    return bool(angle < _SAME_PLANE_DEGREES and abs(turn[:, 2] @ (shift_2 - shift)) < _SAME_PLANE_MM)


def _refined(start: Matrix, laid: Sequence[Shot], lens: Lens) -> tuple[Matrix, float]:
    """One homography for all sheets on the mat: lay each rigidly where it fits, fit the homography, a few rounds."""
    straight = [undistort(shot.pixels, lens) for shot in laid]
    to_mm = start
    for _ in range(15):
        placed = [_rigid(shot.sheet, apply(to_mm, pixels)) for shot, pixels in zip(laid, straight, strict=True)]
        found, _ = cv2.findHomography(np.concatenate(straight), np.concatenate(placed), 0)
        to_mm = np.asarray(found, dtype=np.float64)
    misses = [
        apply(to_mm, pixels) - _rigid(shot.sheet, apply(to_mm, pixels))
        for shot, pixels in zip(laid, straight, strict=True)
    ]
    return to_mm, float(np.sqrt((np.concatenate(misses) ** 2).sum(axis=1).mean()))


def _rigid(points: Points, onto: Points) -> Points:
    """Turn and shift `points`, never stretch, to where they fit `onto` best (Kabsch)."""
    middle, middle_2 = points.mean(axis=0), onto.mean(axis=0)
    left, _, right = np.linalg.svd((points - middle).T @ (onto - middle_2))
    flip = np.diag([1.0, np.sign(np.linalg.det(left @ right))])
    return np.asarray((points - middle) @ (left @ flip @ right) + middle_2, dtype=np.float64)


def with_marks(calibration: Calibration, frame: Frame) -> Calibration:
    """Remember where the mat's four marks are in a picture of the empty mat.

    Raises:
        CalibrationRefusedError: not all four can be seen.
    """
    seen = find_marks(frame)
    if len(seen) < COUNT:
        raise CalibrationRefusedError("marks", f"{len(seen)}/{COUNT}")
    pixels = np.concatenate([np.reshape(seen[number], (1, 2)) for number in range(COUNT)])
    return replace(calibration, marks=apply(calibration.to_mm, undistort(pixels, calibration.lens)))
