"""Shadows of hands and lamps taken off a page, against the same page rendered without them.

The truth is the same scene without shadow, noise and JPEG, evened by the exact flat field. How bright the result is as
a whole is nobody's error: each way may be multiplied by one factor, the same for the whole page and all colours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.enhance import enhance
from edge.scanners.document_camera.model import Calibration, Frame, Sheet
from edge.scanners.document_camera.paper import gains, light_of
from edge.scanners.document_camera.simulator import LaidSheet, Light, Scene, Shadow, render, simulated_calibration
from edge.scanners.document_camera.warp import cut_out, lie_of
from tests.bench.capture_row import Row, shared, spent

Floats = NDArray[np.float32]
CALIBRATED = Light(level=0.85)
TINTS = ((190, 222, 248), (215, 240, 205), (245, 225, 200), (205, 200, 245))
PAPER = 250.0


@dataclass(frozen=True, slots=True)
class Score:
    """Decibels and SSIM of the page as seen, as we leave it, and as the textbook does; our milliseconds on one core."""

    seed: int
    tinted: bool
    seen: tuple[float, float]
    ours: tuple[float, float]
    textbook: tuple[float, float]
    paper_off: float
    ms: float


def shadow_rows(seed: int, frames: int) -> list[Row]:
    """Rows of shadow."""
    scores = shared(one, range(seed, seed + max(4, frames // 20)))
    rows = [_row(f"shadow, {name}", part) for name, part in _parts(scores) if part]
    worst = max(score.ms for score in scores)
    text = f"median {np.median([score.ms for score in scores]):.0f} ms, most {worst:.0f} ms on one core"
    rows.append(Row("shadow, time of an A4 at 300 dpi", "≤ 150 ms", text, bool(worst <= 150)))
    tinted = [score.paper_off for score in scores if score.tinted]
    off = f"median {np.median(tinted or [0]):.1f}, most {max(tinted, default=0):.1f} levels of {len(tinted)}"
    rows.append(
        Row("shadow, coloured paper keeps its colour", "≤ 8 levels (our own)", off, max(tinted, default=0) <= 8)
    )
    return rows


def _parts(scores: list[Score]) -> list[tuple[str, list[Score]]]:
    white, tinted = ([score for score in scores if score.tinted == is_tinted] for is_tinted in (False, True))
    return [("all pages", scores), ("white paper", white), ("coloured paper", tinted)]


def _row(name: str, scores: list[Score]) -> Row:
    ours, seen, plain = (np.array([getattr(score, way) for score in scores]) for way in ("ours", "seen", "textbook"))
    (db, ssim), worst = ours.mean(axis=0), ours.min(axis=0)
    text = (
        f"{db:.1f} dB, {ssim:.3f} (worst {worst[0]:.1f}, {worst[1]:.3f}); as seen {seen.mean(axis=0)[0]:.1f}, "
        f"{seen.mean(axis=0)[1]:.3f}; dilate + median {plain.mean(axis=0)[0]:.1f}, {plain.mean(axis=0)[1]:.3f}; "
        f"{len(scores)} pages"
    )
    return Row(name, "≥ 22 dB, SSIM ≥ .85", text, bool(db >= 22 and ssim >= 0.85))


def one(seed: int) -> Score:
    """One page under shadow."""
    shaded = scene(seed)
    clean = replace(shaded, shadows=(), light=CALIBRATED, noise=0, jpeg=0)
    known = simulated_calibration(light=CALIBRATED, frames=0)
    frame, truth = render(shaded, seed)
    sheet = truth.sheets[0]
    found = Sheet(sheet.corners, sheet.size_mm, sheet.format, 1.0)
    cut = cut_out(frame, lie_of(frame, found, known))
    target = _evened(render(clean, seed)[0], found, known)
    done, ms = spent(lambda: _done(cut.image, gains(known, cut.nodes, frame)))
    ways = [likeness(image, target) for image in (cut.image, done, textbook(cut.image))]
    paper, own = (_paper_of(image) for image in (target, done))
    off = float(np.abs(own / own.max() - paper / paper.max()).max() * 255)
    return Score(seed, shaded.sheets[0].paper in TINTS, ways[0], ways[1], ways[2], off, ms)


def scene(seed: int) -> Scene:
    """A page under one or two hands and a lamp that stands otherwise than when the camera was calibrated."""
    dice = np.random.default_rng(seed)
    contents = ("letter", "form", "table", "photo")
    sheet = LaidSheet(
        "a4", x=float(dice.uniform(200, 260)), y=170.0, angle=float(90 + dice.uniform(-3, 3)),
        content=contents[dice.integers(4)],  # type: ignore[arg-type]  # each is one of the simulator's
        paper=TINTS[dice.integers(len(TINTS))] if dice.random() < 0.35 else (243, 245, 246),
        seed=int(dice.integers(1, 1000)),
    )  # fmt: skip
    shadows = tuple(
        Shadow(
            float(dice.uniform(120, 340)), float(dice.uniform(80, 260)), float(dice.uniform(0, 360)),
            width_mm=float(dice.uniform(40, 110)), depth=float(dice.uniform(0.2, 0.55)),
            soft_mm=float(dice.uniform(3, 25)),
        )
        for _ in range(int(dice.integers(1, 3)))
    )  # fmt: skip
    lamp = Light(
        0.85, float(dice.uniform(0.0, 0.3)), float(dice.uniform(0, 360)), warmth=float(dice.uniform(-0.05, 0.05))
    )
    return Scene((sheet,), light=lamp, shadows=shadows, noise=float(dice.uniform(1, 3)), page_dpi=300)


def _done(image: Frame, gain: Floats | None) -> Frame:
    return enhance(image, light_of(image, gain), gain)


def _evened(frame: Frame, found: Sheet, known: Calibration) -> Floats:
    """The page of a frame without shadow, its light evened exactly, paper at `PAPER`."""
    cut = cut_out(frame, lie_of(frame, found, known))
    gain = gains(known, cut.nodes, frame)
    assert gain is not None
    even = cut.image * cv2.resize(gain, (cut.image.shape[1], cut.image.shape[0]))
    return np.asarray(even * (PAPER / _paper_of(even).max()), np.float32)


def _paper_of(image: NDArray[np.float32] | Frame) -> NDArray[np.float64]:
    return np.asarray(np.median(image[::16, ::16].reshape(-1, 3), axis=0), np.float64)


def textbook(image: Frame) -> Frame:
    """What every tutorial does: each channel divided by its dilated, median-filtered self."""
    background = cv2.medianBlur(cv2.dilate(image, np.ones((15, 15), np.uint8)), 51)
    return np.asarray(cv2.divide(image, background, scale=255), np.uint8)


def likeness(image: Frame, truth: Floats) -> tuple[float, float]:
    """Decibels and SSIM (Wang et al. 2004, of the grey pages) after the best one factor."""
    given = image.astype(np.float32)
    given *= float((given * truth).sum(dtype=np.float64) / (given * given).sum(dtype=np.float64))
    error = float(np.square(given - truth).mean(dtype=np.float64))
    return 10 * np.log10(255**2 / max(error, 1e-9)), _ssim(_grey(given), _grey(truth))


def _grey(image: Floats) -> Floats:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.float32)


def _ssim(one: Floats, two: Floats) -> float:
    def mean(image: Floats) -> Floats:
        return np.asarray(cv2.GaussianBlur(image, (11, 11), 1.5), np.float32)

    a, b = mean(one), mean(two)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    both = (2 * a * b + c1) * (2 * (mean(one * two) - a * b) + c2)
    each = (a * a + b * b + c1) * (mean(one * one) - a * a + mean(two * two) - b * b + c2)
    return float((both / each).mean())
