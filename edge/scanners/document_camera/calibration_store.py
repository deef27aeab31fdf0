"""A calibration on the disk: `calibration.json` beside one file of arrays that it names by hash.

The arrays are written first and the JSON last, each durable before the next; a power cut leaves the old calibration.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.errors import ConfigError
from edge.scanners.document_camera.model import Background, Calibration, Lens

_VERSION = 1
_NAME = "calibration.json"
_AGAIN = "calibrate again: python -m edge calibrate"
_ARRAYS = ("mean", "noise", "flat")


def save(directory: Path, calibration: Calibration) -> None:
    """Write it; older arrays are swept afterwards."""
    directory.mkdir(parents=True, exist_ok=True)
    packed = _packed(calibration)
    digest = hashlib.sha256(packed).hexdigest()
    arrays = directory / f"arrays-{digest[:16]}.npz"
    _write(arrays, packed)
    _write(directory / _NAME, json.dumps(_facts(calibration, digest), indent=1).encode("ascii"))
    for old in directory.glob("arrays-*"):
        if old != arrays:
            old.unlink()


def load(directory: Path) -> Calibration:
    """Read it back.

    Raises:
        ConfigError: nothing there, or not what `save` wrote.
    """
    try:
        facts = json.loads((directory / _NAME).read_text(encoding="ascii"))
    except FileNotFoundError as error:
        raise ConfigError(str(directory), "calibration_dir", f"a calibration; {_AGAIN} --station FILE") from error
    except (OSError, ValueError) as error:
        raise ConfigError(str(directory / _NAME), "file", f"readable JSON; {_AGAIN}") from error
    if not isinstance(facts, dict) or facts.get("v") != _VERSION:
        raise ConfigError(str(directory / _NAME), "v", f"{_VERSION}; {_AGAIN}")
    return _calibration(directory / _NAME, facts, _unpacked(directory, str(facts.get("arrays", ""))))


def _facts(calibration: Calibration, digest: str) -> dict[str, Any]:
    lens = calibration.lens
    return {
        "v": _VERSION,
        "width": lens.width,
        "height": lens.height,
        "matrix": lens.matrix.tolist(),
        "distortion": lens.distortion.tolist(),
        "to_mm": calibration.to_mm.tolist(),
        "field_mm": list(calibration.field_mm),
        "residual_mm": calibration.residual_mm,
        "white": list(calibration.white),
        "marks": None if calibration.marks is None else calibration.marks.tolist(),
        "arrays": digest,
    }


def _packed(calibration: Calibration) -> bytes:
    arrays: dict[str, NDArray[np.float32]] = {}
    if calibration.background is not None:
        arrays |= {"mean": calibration.background.mean, "noise": calibration.background.noise}
    if calibration.flat is not None:
        arrays["flat"] = calibration.flat
    out = io.BytesIO()
    np.savez(out, **arrays)  # type: ignore[arg-type]  # the stub takes the arrays for the flag allow_pickle
    return out.getvalue()


def _unpacked(directory: Path, digest: str) -> dict[str, NDArray[np.float32]]:
    path = directory / f"arrays-{digest[:16]}.npz"
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise ConfigError(str(path), "file", f"a readable file; {_AGAIN}") from error
    if hashlib.sha256(packed).hexdigest() != digest:
        raise ConfigError(str(path), "sha256", f"{digest}; {_AGAIN}")
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in _ARRAYS if name in arrays}


def _calibration(file: Path, facts: dict[str, Any], arrays: dict[str, NDArray[np.float32]]) -> Calibration:
    lens = Lens(
        _numbers(file, facts, "matrix", (3, 3)),
        _numbers(file, facts, "distortion", (5,)),
        int(_numbers(file, facts, "width", ())),
        int(_numbers(file, facts, "height", ())),
    )
    width, height = _numbers(file, facts, "field_mm", (2,))
    blue, green, red = _numbers(file, facts, "white", (3,))
    background = Background(arrays["mean"], arrays["noise"]) if {"mean", "noise"} <= set(arrays) else None
    return Calibration(
        lens=lens,
        to_mm=_numbers(file, facts, "to_mm", (3, 3)),
        field_mm=(float(width), float(height)),
        residual_mm=float(_numbers(file, facts, "residual_mm", ())),
        background=background,
        flat=arrays.get("flat"),
        white=(float(blue), float(green), float(red)),
        marks=None if facts.get("marks") is None else _numbers(file, facts, "marks", (4, 2)),
    )


def _numbers(file: Path, facts: dict[str, Any], key: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    try:
        numbers = np.array(facts[key], dtype=np.float64)
        good = numbers.shape == shape and bool(np.isfinite(numbers).all())
    except (KeyError, TypeError, ValueError):
        good = False
    if not good:
        raise ConfigError(str(file), key, f"finite numbers of shape {shape}; {_AGAIN}")
    return numbers


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk when this returns."""
    half = path.with_name(f".{path.name}.half")
    with half.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
