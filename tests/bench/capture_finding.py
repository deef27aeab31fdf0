"""Sheets looked for in simulated frames with exact truth, in as many processes as asked for, and the tables of them."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import cv2
import numpy as np

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.background import plan_of
from edge.scanners.document_camera.find import find
from edge.scanners.document_camera.geometry import pixels_to_mm
from edge.scanners.document_camera.model import Calibration, Found, Points
from edge.scanners.document_camera.simulator import Camera, Mat, Truth, render, simulated_calibration
from tests.bench.capture_scenes import Kind, scene
from tests.bench.capture_textbook import textbook

GROUP = 8
"""Frames over one mat that a process takes at once: mats and what is made of them are kept."""
RIGHT = 0.9
"""A crop that agrees less with every whole sheet is wrong."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One true sheet and what became of it; `worst_mm` and `size_error` are not a number when it was not found.

    `whole` is False for a sheet that reaches out of the field: what is right then is to say so. `wrong` counts, once a
    frame, the crops that are none of the true sheets, however well they fit a leaflet.
    """

    seed: int
    mat: str
    format: str
    whole: bool
    verdict: str
    iou: float
    worst_mm: float
    size_error: float
    size_error_mm: float
    textbook_iou: float
    textbook_wrong: bool
    wrong: int
    ms: float


@lru_cache(maxsize=16)
def calibration_of(camera: Camera, mat: Mat) -> Calibration:
    """What an installation over this mat would have measured."""
    return simulated_calibration(camera, mat, frames=3)


def one(seed: int, kind: Kind, times: int) -> list[Seen]:
    """Render a seed's frame and look for its sheets."""
    drawn = scene(seed, kind, times)
    calibration = calibration_of(drawn.camera, drawn.mat)
    frame, truth = render(drawn, seed)
    plan_of(calibration)
    began = time.thread_time()
    found = find(frame, calibration)
    spent = 1000 * (time.thread_time() - began)
    plain = textbook(frame)
    other = quads.order_corners(plain) if plain is not None else None
    return _compared(seed, drawn.mat.kind, truth, found, other, calibration, spent)


def _compared(
    seed: int, mat: str, truth: Truth, found: Found, other: Points | None, calibration: Calibration, spent: float
) -> list[Seen]:
    wrong = sum(_strange(each.corners, truth) for each in found.sheets)
    rows: list[Seen] = []
    for sheet in truth.sheets:
        nearest = max(found.sheets, key=lambda each: quads.iou(each.corners, sheet.corners), default=None)
        share = quads.iou(nearest.corners, sheet.corners) if nearest else 0.0
        hit = nearest if nearest is not None and share > 0.5 else None
        errors = [abs(a - b) for a, b in zip(hit.size_mm, sheet.size_mm, strict=True)] if hit else [np.nan]
        worst = _worst_mm(hit.corners, sheet.corners, calibration) if hit else np.nan
        beside = quads.iou(other, sheet.corners) if other is not None else 0.0
        astray = other is not None and _strange(other, truth)
        rows.append(
            Seen(
                seed, mat, sheet.format, sheet.whole, found.verdict.value, share, worst,
                max(errors) / max(sheet.size_mm), max(errors), beside, astray and not rows,
                wrong if not rows else 0, spent,
            )
        )  # fmt: skip
    return rows


def _strange(corners: Points, truth: Truth) -> bool:
    return all(quads.iou(corners, sheet.corners) < RIGHT for sheet in truth.sheets if sheet.whole)


def _worst_mm(first: Points, second: Points, calibration: Calibration) -> float:
    return quads.worst_corner(pixels_to_mm(first, calibration), pixels_to_mm(second, calibration))


def many(seeds: Sequence[int], kind: Kind, times: int, cores: int) -> list[Seen]:
    """All seeds, grouped by mat, in processes of one core each; how far it is goes to the error stream."""
    mats = {seed: scene(seed, kind, times).mat for seed in seeds}
    ordered = sorted(seeds, key=lambda seed: (mats[seed].kind, mats[seed].seed, seed))
    rows: list[Seen] = []
    began = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(cores, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        work: Callable[[int], list[Seen]] = partial(one, kind=kind, times=times)
        for done, found in enumerate(pool.imap(work, ordered, GROUP), 1):
            rows += found
            if done % 100 == 0 or done == len(ordered):
                print(f"{kind}: {done} of {len(ordered)} frames, {time.monotonic() - began:.0f} s", file=sys.stderr)
    return rows


def _part(name: str, rows: Sequence[Seen]) -> str:
    worst = np.array([row.worst_mm for row in rows])
    found = np.isfinite(worst)
    some = worst[found] if found.any() else np.array([np.nan])
    mine, other = np.mean([row.iou for row in rows]), np.mean([row.textbook_iou for row in rows])
    wrong, astray = sum(row.wrong for row in rows), sum(row.textbook_wrong for row in rows)
    return (
        f"| {name} | {len(rows)} | {found.mean():.2%} | {np.median(some):.3f} | {np.quantile(some, 0.95):.3f} "
        f"| {some.max():.3f} | {mine:.4f} | {wrong} | {other:.3f} | {astray} |"
    )


def print_parts(title: str, rows: Sequence[Seen]) -> None:
    """One table: all, each mat, each format; then the seeds that somebody would want to look at."""
    whole = [row for row in rows if row.whole]
    head = (
        "| frames | sheets | found | worst corner mm, median | p95 | most | IoU | wrong crops | textbook IoU | wrong |"
    )
    print(f"\n{title}\n\n{head}\n|---|---|---|---|---|---|---|---|---|---|")
    print(_part("all", whole))
    for mat in sorted({row.mat for row in whole}):
        print(_part(f"mat {mat}", [row for row in whole if row.mat == mat]))
    for name in sorted({row.format for row in whole}):
        print(_part(name, [row for row in whole if row.format == name]))
    cut = [row for row in rows if not row.whole]
    said = sum(row.verdict == "cropped" for row in cut)
    missed = [f"{row.seed} ({row.verdict})" for row in whole if row.iou < RIGHT]
    wrong = [str(row.seed) for row in rows if row.wrong]
    times = [row.ms for row in rows]
    print(f"\nReaching out of the field: {len(cut)}, said to be cut: {said}, wrong crops: {sum(r.wrong for r in cut)}.")
    print(f"Not found, seeds: {', '.join(missed) or 'none'}. Wrong crops, seeds: {', '.join(wrong) or 'none'}.")
    print(f"Finding, processor's milliseconds: median {np.median(times):.0f}, most {max(times):.0f}.", flush=True)
