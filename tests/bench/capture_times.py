"""Milliseconds and memory from the camera's JPEG to a finished page, on two cores and on one, whole and by stage."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from edge.scanners.document_camera.check_image import look_at
from edge.scanners.document_camera.checks import all_checks
from edge.scanners.document_camera.codes import codes_on
from edge.scanners.document_camera.deskew import tilt_of
from edge.scanners.document_camera.encode import thumbnail_of, within_budget
from edge.scanners.document_camera.enhance import enhance
from edge.scanners.document_camera.find import find
from edge.scanners.document_camera.hands import capture
from edge.scanners.document_camera.paper import gains, light_of
from edge.scanners.document_camera.simulator import LaidSheet, Scene, Shadow, render
from edge.scanners.document_camera.source import Shot
from edge.scanners.document_camera.warp import cut_out, lie_of
from tests.bench.capture_finished import LIGHT, known
from tests.bench.capture_row import Made, Row

TARGETS = (("a4", 700), ("a3", 1200))
FRAMES, TIMES = 4, 3


def time_rows(seed: int, _: int) -> list[Row]:
    """Rows of milliseconds and memory."""
    rows = []
    for name, target in TARGETS:
        jpegs = [frame_of(seed + number, name) for number in range(FRAMES)]
        for cores in (2, 1):
            with bound_to(cores):
                wall, cpu = whole(jpegs)
                parts = stages(jpegs[0]) if cores == 1 else ""
            text = f"{wall:.0f} ms, of all processors {cpu:.0f} ms{parts}"
            met = bool(wall <= target) if cores == 2 else None
            rows.append(
                Row(f"finished {name.upper()}, {cores} core(s)", f"≤ {target} ms" if met is not None else "", text, met)
            )
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        before, after = pool.apply(peak, (frame_of(seed, "a3"),))
    rows.append(Row("memory of a capture (A3)", "", f"{after:.0f} MiB at most, {before:.0f} before it", None))
    return rows


def frame_of(seed: int, name: str) -> bytes:
    """The camera's JPEG of a printed sheet under a hand's shadow, 13 megapixels."""
    dice = np.random.default_rng([seed, 6])
    turn = float(dice.normal(0, 1 if name == "a3" else 3)) + (0 if name == "a3" else 90.0)
    content = ("letter", "form", "table")[dice.integers(3)]
    sheet = LaidSheet(
        name, angle=turn, content=content,  # type: ignore[arg-type]  # each is one of the simulator's
        seed=int(dice.integers(1, 1000)), codes=("https://example.test/7Q2K",),
    )  # fmt: skip
    shadow = Shadow(float(dice.uniform(100, 360)), float(dice.uniform(80, 260)))
    frame, _ = render(Scene((sheet,), light=LIGHT, shadows=(shadow,), jpeg=0, page_dpi=300), seed)
    return bytes(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 92])[1])


@contextmanager
def bound_to(cores: int) -> Iterator[None]:
    """Have no more than so many cores."""
    allowed, threads = os.sched_getaffinity(0), cv2.getNumThreads()
    os.sched_setaffinity(0, sorted(allowed)[:cores])
    cv2.setNumThreads(cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
        cv2.setNumThreads(threads)


def whole(jpegs: list[bytes]) -> tuple[float, float]:
    """Median milliseconds by the clock and of all processors, from the JPEG to the finished page."""
    known()
    spent = []
    for jpeg in [each for each in jpegs for _ in range(TIMES)]:
        began, used = time.perf_counter(), time.process_time()
        made = capture(Shot(jpeg).whole(), known())
        spent.append((time.perf_counter() - began, time.process_time() - used))
        assert made.pages, "a frame in which nothing was found"
    wall, cpu = 1000 * np.median(spent, axis=0)
    return float(wall), float(cpu)


class Watch:
    """Does one thing after the other and notes each one's milliseconds of the processor."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __call__(self, name: str, work: Callable[[], Made]) -> Made:
        """Return what the work gave."""
        began = time.process_time()
        made = work()
        self.said.append(f"{name} {1000 * (time.process_time() - began):.0f}")
        return made


def stages(jpeg: bytes) -> str:
    """Milliseconds of each stage, one after the other; in a capture some run side by side."""
    did = Watch()
    frame = did("decode", Shot(jpeg).whole)
    sheet = did("find", partial(find, frame, known())).sheets[0]
    cut = did("cut out", lambda: cut_out(frame, lie_of(frame, sheet, known())))
    grey = np.asarray(cv2.cvtColor(cut.image, cv2.COLOR_BGR2GRAY), np.uint8)
    did("deskew", partial(tilt_of, grey))
    gain = gains(known(), cut.nodes, frame)
    light = did("light", partial(light_of, cut.image, gain))
    done = did("enhance", partial(enhance, cut.image, light, gain))
    did("codes", partial(codes_on, grey))
    did("checks", lambda: all_checks(look_at(cut, frame, known(), grey), thumbnail_of(done), ()))
    did("JPEG", partial(within_budget, done))
    return ": " + ", ".join(did.said)


def peak(jpeg: bytes) -> tuple[float, float]:
    """MiB of a fresh process before a capture, and the most during it."""
    known()
    Path("/proc/self/clear_refs").write_text("5")
    before = _most_memory()
    capture(Shot(jpeg).whole(), known())
    return before, _most_memory()


def _most_memory() -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
