"""The simulated camera is calibrated from rendered pictures alone, and compared with the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest

from edge.errors import CalibrationRefusedError, ConfigError
from edge.scanners.document_camera import calibrate_run, calibration_store
from edge.scanners.document_camera.calibrate import calibrate, see, with_marks
from edge.scanners.document_camera.calibrate_light import background, with_white
from edge.scanners.document_camera.calibrate_run import whole
from edge.scanners.document_camera.calibrate_words import words
from edge.scanners.document_camera.geometry import apply, mm_to_pixels, pixels_to_mm
from edge.scanners.document_camera.model import Calibration, Frame
from edge.scanners.document_camera.self_test import self_test
from edge.scanners.document_camera.simulator import (
    Bend,
    Camera,
    LaidSheet,
    Light,
    Mat,
    Scene,
    render,
    simulated_calibration,
)
from edge.scanners.document_camera.simulator.calibration import LYING, PROPPED
from edge.scanners.document_camera.target import Target

CAMERA = Camera().smaller(3)


def frame(*sheets: LaidSheet, seed: int = 1, mat: Mat | None = None, light: Light | None = None) -> Frame:
    scene = Scene(sheets=sheets, camera=CAMERA, mat=mat or Mat(), light=light or Light(), defocus=0.6, page_dpi=150)
    return render(scene, seed)[0]


def sheet(x: float, y: float, angle: float, bend: Bend | None = None) -> LaidSheet:
    return LaidSheet("a3", x, y, angle, "target", size_mm=(420, 297), bend=bend)


@cache
def lying() -> tuple[Frame, ...]:
    return tuple(frame(sheet(*place), seed=number) for number, place in enumerate(LYING))


@cache
def propped() -> tuple[Frame, ...]:
    return tuple(frame(sheet(240, 170, turn, bend), seed=9) for turn, bend in PROPPED)


@cache
def empty() -> tuple[Frame, ...]:
    return tuple(frame(seed=50 + number) for number in range(5))


def white(warmth: float = 0.1) -> Frame:
    light = Light(level=0.85, fall=0.15, warmth=warmth)
    return frame(LaidSheet("a3", 230, 168, 0, "blank"), light=light)


@cache
def made() -> Calibration:
    return whole([*lying(), *propped()], empty(), white(), Target())


def test_a_technician_is_asked_for_each_picture() -> None:
    pictures = iter([*lying(), *propped()[:3], empty()[0], *empty(), white()])
    asked: list[str] = []
    calibration = calibrate_run.taken(lambda: next(pictures), asked.append, Target())
    assert len(asked) == 11
    assert worst_error_mm(calibration) < 0.15


def worst_error_mm(calibration: Calibration) -> float:
    """Over the whole field, against the exact one: each of a net of distances, because the frames may differ a hair."""
    exact = simulated_calibration(CAMERA, frames=0)
    x, y = np.meshgrid(np.linspace(10, 450, 12), np.linspace(10, 327, 9))
    points = np.column_stack([x.ravel(), y.ravel()])
    seen = pixels_to_mm(mm_to_pixels(points, exact), calibration)
    return float(np.linalg.norm(seen - points, axis=1).max())


def test_pictures_give_back_the_camera() -> None:
    assert made().residual_mm < 0.15
    assert worst_error_mm(made()) < 0.15
    assert made().field_mm == pytest.approx(simulated_calibration(CAMERA, frames=0).field_mm, abs=0.2)
    assert made().background is not None


def test_the_marks_are_remembered_and_found_again() -> None:
    assert self_test(empty()[1], made()).verdict == "ok"
    near = self_test(frame(mat=Mat(shift_mm=(0.4, 0.3))), made())
    far = self_test(frame(mat=Mat(shift_mm=(1.2, -0.9))), made())
    assert (near.verdict, far.verdict) == ("ok", "moved")
    assert far.worst_mm == pytest.approx(1.5, abs=0.25)


def test_marks_that_cannot_be_seen_and_frames_of_another_size() -> None:
    assert self_test(frame(mat=Mat(marks=False)), made()).verdict == "unseen"
    assert self_test(empty()[0][:-10], made()).verdict == "other_size"
    with pytest.raises(CalibrationRefusedError, match="marks"):
        with_marks(made(), frame(mat=Mat(marks=False)))


def test_white_makes_white_even_and_grey() -> None:
    gains = made()
    assert gains.flat is not None
    seen = white().astype(np.float32)
    flat = cv2.resize(gains.flat, seen.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    even = seen * flat[..., None] * np.array(gains.white, dtype=np.float32)
    area = cv2.resize(even[100:-100, 120:-120], (20, 15), interpolation=cv2.INTER_AREA)
    assert area.std(axis=(0, 1)).max() / area.mean() < 0.01
    assert np.ptp(area.mean(axis=(0, 1))) < 2


def refused(frames: Sequence[Frame]) -> str:
    with pytest.raises(CalibrationRefusedError) as caught:
        calibrate(frames, Target())
    assert words(caught.value)
    return caught.value.reason


def test_what_does_not_calibrate_is_refused_with_its_reason() -> None:
    assert refused(lying()[:3]) == "too_few"
    assert refused([*lying()[:3], *empty()]) == "too_few"
    assert refused([*lying()[:4], lying()[0][:-8]]) == "sizes"
    assert refused(list(lying())) == "all_flat"


def test_a_sheet_that_is_not_flat_is_refused() -> None:
    arched = [frame(sheet(*place, Bend("arch", 12, "x")), seed=3) for place in LYING[:4]]
    assert refused([*arched, *propped()]) in {"residual", "none_flat"}


def test_a_corner_that_was_never_covered_is_named() -> None:
    small = [
        frame(LaidSheet("other", 160 + 6 * number, 120, 3 * number, "target", size_mm=(297, 210)), seed=number)
        for number in range(5)
    ]
    with pytest.raises(CalibrationRefusedError, match=r"uncovered: .*4/3"):
        calibrate(small, Target("a4"))


def test_an_empty_mat_that_was_not_empty_is_refused() -> None:
    with pytest.raises(CalibrationRefusedError, match="moved"):
        background([*empty(), frame(LaidSheet("card", 200, 200))])
    with pytest.raises(CalibrationRefusedError, match="too_few_empty"):
        background(empty()[:2])
    with pytest.raises(CalibrationRefusedError, match="no_white"):
        with_white(made(), empty()[0])
    with pytest.raises(CalibrationRefusedError, match="overexposed"):
        with_white(made(), frame(LaidSheet("a3", 230, 168, 0, "blank"), light=Light(level=1.4)))


def test_a_stretched_print_is_corrected_by_the_ruler() -> None:
    shot = see(lying()[0], Target(stretch=1.01))
    assert shot is not None
    assert shot.sheet.max() == pytest.approx(12 * 30 * 1.01)


def test_the_printed_sheet_is_exact() -> None:
    """Drawn by another's program, at 100 dpi, the board is where it should be."""
    for target in (Target("a3"), Target("a4")):
        page = pypdfium2.PdfDocument(target.pdf())[0]
        drawn = page.render(scale=100 / 72).to_numpy()[..., :3]
        assert page.get_size() == pytest.approx(tuple(each * 72 / 25.4 for each in target.size_mm), abs=0.01)
        shot = see(np.ascontiguousarray(drawn), target)
        assert shot is not None
        columns, rows = target.squares
        assert len(shot.sheet) == (columns - 1) * (rows - 1)
        scale = np.array(target.size_mm) / drawn.shape[1::-1]
        misses = (shot.pixels + 0.5) * scale - shot.sheet - target.origin
        assert np.abs(misses).max() < 0.1


def test_a_calibration_comes_back_from_the_disk(tmp_path: Path) -> None:
    calibration_store.save(tmp_path / "camera", made())
    calibration_store.save(tmp_path / "camera", replace(made(), residual_mm=0.1))
    back = calibration_store.load(tmp_path / "camera")
    assert back.residual_mm == 0.1
    assert back.white == made().white
    assert back.background is not None
    assert made().background is not None
    assert (back.background.mean == made().background.mean).all()  # type: ignore[union-attr]  # asserted above
    assert apply(back.to_mm, [(5, 7)]) == pytest.approx(apply(made().to_mm, [(5, 7)]))
    assert back.marks == pytest.approx(made().marks)
    assert len(list((tmp_path / "camera").iterdir())) == 2


def spoiled(folder: Path) -> Iterator[tuple[str, str]]:
    """Key that must be named -> how the file was spoiled."""
    text = (folder / "calibration.json").read_text()
    yield "v", text.replace('"v": 1', '"v": 2')
    yield "file", text[:-20]
    yield "to_mm", text.replace('"to_mm"', '"to"')
    yield "width", text.replace('"width": ', '"width": "x", "w": ')
    yield "marks", text.replace('"marks": [', '"marks": [[0, 0],')


def test_a_spoiled_calibration_is_named_by_its_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as missing:
        calibration_store.load(tmp_path)
    assert missing.value.key == "calibration_dir"
    calibration_store.save(tmp_path, made())
    good = (tmp_path / "calibration.json").read_text()
    for key, text in spoiled(tmp_path):
        (tmp_path / "calibration.json").write_text(text)
        with pytest.raises(ConfigError) as caught:
            calibration_store.load(tmp_path)
        assert caught.value.key == key
    (tmp_path / "calibration.json").write_text(good)
    arrays = next(tmp_path.glob("arrays-*"))
    arrays.write_bytes(arrays.read_bytes()[:-1])
    with pytest.raises(ConfigError, match="sha256"):
        calibration_store.load(tmp_path)


def test_the_command_prints_sheet_and_marks(tmp_path: Path) -> None:
    sheet_file, marks_file = tmp_path / "sheet.pdf", tmp_path / "marks.pdf"
    assert calibrate_run.main(["--sheet", str(sheet_file), "--marks", str(marks_file), "--paper", "a4"]) == 0
    assert sheet_file.read_bytes().startswith(b"%PDF")
    assert marks_file.read_bytes().startswith(b"%PDF")
    with pytest.raises(SystemExit):
        calibrate_run.main([])
