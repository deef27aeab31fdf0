"""One row of `make bench-capture`, and how measures share their pages between two processes."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import cv2

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; `met` is None where there is no target."""

    measure: str
    target: str
    measured: str
    met: bool | None


Measure = Callable[[int, int], list[Row]]
"""Gets the seed and the number of frames asked for."""


def shared(work: Callable[[Given], Made], given: Iterable[Given]) -> list[Made]:
    """Do the work for each, in two processes of one core each; what is timed in them is timed on one core."""
    with multiprocessing.get_context("spawn").Pool(2, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        return list(pool.imap(work, given, 1))


def spent(work: Callable[[], Made]) -> tuple[Made, float]:
    """Return what the work gave and its thread's own milliseconds: what others do on the machine does not count."""
    began = time.thread_time()
    made = work()
    return made, 1000 * (time.thread_time() - began)
