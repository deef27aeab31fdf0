"""`python -m edge calibrate`: print the sheet, print the mat's marks, or calibrate from pictures.

--sheet FILE.pdf [--paper a3|a4]   the sheet to print at 100 %
--marks FILE.pdf                   four marks to glue at the mat's corners
--station FILE --pictures DIR      calibrate; DIR holds the folders `sheet`, `empty` and `white`
--station FILE --live              calibrate; the station's own camera takes the pictures, the station is stopped
--ruler MM                         what a ruler says of the sheet's line of 200 mm
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from edge.config import load_station
from edge.errors import CalibrationRefusedError, ConfigError
from edge.scanner_sections import DocumentCameraConfig
from edge.scanners.document_camera import calibration_store
from edge.scanners.document_camera.calibrate import calibrate, with_marks
from edge.scanners.document_camera.calibrate_light import FEWEST_EMPTY, background, with_white
from edge.scanners.document_camera.calibrate_words import words
from edge.scanners.document_camera.model import Calibration, Frame
from edge.scanners.document_camera.source import SourceGoneError
from edge.scanners.document_camera.source_open import open_source
from edge.scanners.document_camera.target import RULER_MM, Target, marks_pdf
from edge.scanners.document_camera.wanted import Wanted

_LYING, _PROPPED = 6, 3
_LAY = "把标定板平放到另一处（覆盖四角） lay the sheet flat, each time elsewhere, also in the corners"
_PROP = "把标定板一侧垫高 5 到 10 厘米 prop up one side of the sheet by 5 to 10 cm, each time another"
_CLEAR = "清空台面，手离开 clear the mat, hands off"
_WHITE = "放一张尽量大的白纸 lay a white sheet, as large as possible"
_SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp"}


def main(arguments: Sequence[str]) -> int:
    """Run the command and return the exit code."""
    options = _parse(arguments)
    target = Target(options.paper, options.ruler / RULER_MM)
    if options.sheet is not None:
        options.sheet.write_bytes(target.pdf())
    if options.marks is not None:
        options.marks.write_bytes(marks_pdf())
    if options.station is None:
        return 0
    try:
        made = live(options.station, target) if options.live else from_pictures(options.pictures, target)
    except CalibrationRefusedError as error:
        print(words(error), file=sys.stderr)  # noqa: T201  a person at a terminal asked
        return 1
    _keep(options.station, made)
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m edge calibrate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--paper", choices=["a3", "a4"], default="a3")
    parser.add_argument("--marks", type=Path)
    parser.add_argument("--station", type=Path)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--ruler", type=float, default=RULER_MM)
    options = parser.parse_args(arguments)
    if options.station is None and options.sheet is None and options.marks is None:
        parser.error("--sheet, --marks or --station is wanted")
    if (options.station is not None) != (options.live or options.pictures is not None):
        parser.error("--station and one of --pictures and --live are wanted together")
    if not 0.9 * RULER_MM < options.ruler < 1.1 * RULER_MM:
        parser.error(f"--ruler is about {RULER_MM:.0f} mm")
    return options


def from_pictures(folder: Path, target: Target) -> Calibration:
    """The whole calibration from three folders of pictures; raises CalibrationRefusedError and ConfigError."""
    return whole(_frames(folder / "sheet"), list(_frames(folder / "empty")), next(_frames(folder / "white")), target)


def live(station: Path, target: Target) -> Calibration:
    """The same from the station's camera; raises also ConfigError when the camera is not there."""
    config = _camera(station)
    wanted = Wanted(config.source, config.width, config.height, config.deadline_seconds)
    try:
        with contextlib.closing(open_source(wanted)) as source:
            return taken(lambda: source.newest().whole(), _ask, target)
    except SourceGoneError as error:
        raise ConfigError(str(station), "document_camera.source", f"a camera that gives pictures: {error}") from error


def taken(picture: Callable[[], Frame], ask: Callable[[str], object], target: Target) -> Calibration:
    """Ask for the sheet in place after place, then for the empty mat, then for white."""
    sheets = [_shown(picture, ask, f"{number}/{_LYING}", _LAY) for number in range(1, _LYING + 1)]
    sheets += [_shown(picture, ask, f"{number}/{_PROPPED}", _PROP) for number in range(1, _PROPPED + 1)]
    empty = [_shown(picture, ask, "", _CLEAR), *(picture() for _ in range(FEWEST_EMPTY))]
    return whole(sheets, empty, _shown(picture, ask, "", _WHITE), target)


def _shown(picture: Callable[[], Frame], ask: Callable[[str], object], number: str, what: str) -> Frame:
    ask(f"{what} {number}")
    return picture()


def _ask(what: str) -> str:
    return input(f"{what}  [回车 Enter] ")


def whole(sheet: Iterable[Frame], empty: Sequence[Frame], white: Frame, target: Target) -> Calibration:
    """Lens and millimetres, background, marks, gains."""
    made = calibrate(sheet, target)
    size = made.lens.width, made.lens.height
    if {(frame.shape[1], frame.shape[0]) for frame in [*empty, white]} != {size}:
        raise CalibrationRefusedError("sizes", f"{size[0]} x {size[1]}")
    found = background(empty)
    marked = with_marks(made, empty[0])
    return with_white(replace(marked, background=found), white)


def _frames(folder: Path) -> Iterator[Frame]:
    """Pictures of a folder by name, one in memory at a time."""
    names = sorted(path for path in folder.glob("*") if path.suffix.lower() in _SUFFIXES)
    if not names:
        raise ConfigError(str(folder), "pictures", "a folder with pictures (jpg, png)")
    for path in names:
        frame = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if frame is None:
            raise ConfigError(str(path), "picture", "a picture that can be read")
        yield np.asarray(frame, dtype=np.uint8)


def _camera(station: Path) -> DocumentCameraConfig:
    config = load_station(station).document_camera
    if config is None:
        raise ConfigError(str(station), "document_camera", "a table, because a camera is being calibrated")
    return config


def _keep(station: Path, made: Calibration) -> None:
    config = _camera(station)
    size = made.lens.width, made.lens.height
    if size != (config.width, config.height):
        raise ConfigError(str(station), "document_camera.width", f"{size[0]} x {size[1]}, the size of the pictures")
    calibration_store.save(config.calibration_dir, made)
    width, height = made.field_mm
    print(  # noqa: T201  a person at a terminal asked
        f"{config.calibration_dir}: 视野 field {width:.1f} x {height:.1f} mm, 残差 residual {made.residual_mm:.3f} mm"
    )
