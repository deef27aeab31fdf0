"""Codes: how many of those that any decoder reads are read here, on pages that a camera saw badly.

Any decoder: zxing-cpp with everything it can try, on the page and on the code's own place at half to three times its
size, OpenCV's two on the place with as much around, and ours on the page. A text counts when it is what was printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp

from edge.scanners.document_camera.codes import QR_ALONE, codes_on
from edge.scanners.document_camera.model import Frame
from edge.scanners.document_camera.simulator.paper import qr_cells
from tests.bench.capture_print import Seen, as_seen, printed
from tests.bench.capture_row import Row, shared, spent

PER_MM = 300 / 25.4
QUIET = 4
LETTERS = np.array(list("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"))


@dataclass(frozen=True, slots=True)
class Read:
    """Whether each decoder read what was printed; `wrong`: ours said something else as well."""

    seed: int
    cells_mm: float
    ours: bool
    zxing: bool
    opencv: bool
    anyone: bool
    wrong: int
    ms: float


def code_rows(seed: int, frames: int) -> list[Row]:
    """Rows of codes."""
    pages = shared(one, range(seed, seed + max(8, frames // 5)))
    known = [page for page in pages if page.anyone]
    share = sum(page.ours for page in known) / max(1, len(known))
    beside = f"zxing-cpp plain {sum(page.zxing for page in pages)}, OpenCV's own {sum(page.opencv for page in pages)}"
    text = f"{share:.1%} of {len(known)} that anyone read ({len(pages)} pages; {beside})"
    times = [page.ms for page in pages]
    plain = spent_on_plain(seed)
    time = f"median {np.median(times):.0f} ms, most {max(times):.0f} ms on one core; without codes {plain:.0f} ms"
    wrong = sum(page.wrong for page in pages)
    return [
        Row("QR codes", "≥ 96 % of what any decoder reads", text, bool(share >= 0.96)),
        Row("codes that nobody printed", "none", f"{wrong} on {len(pages)} pages", wrong == 0),
        Row("codes, time of an A4", "≤ 60 ms", time, bool(np.median(times) <= 60 and plain <= 60)),
    ]


def one(seed: int) -> Read:
    """One page with one code."""
    dice = np.random.default_rng([seed, 3])
    text = "".join(LETTERS[dice.integers(len(LETTERS), size=int(dice.integers(8, 90)))])
    page, box, cell = _with_code(printed(dice, ("letter", "form", "table")[dice.integers(3)]), text, dice)
    image = as_seen(page, _badly(dice), dice)
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    ours, ms = spent(lambda: codes_on(grey))
    plain = any(code.text == text for code in zxingcpp.read_barcodes(grey, formats=QR_ALONE))
    opencv = text in _opencv(_around(grey, box, box[2]))
    others = text in ours or plain or opencv or any(text == each for each in _at_its_place(grey, box))
    return Read(seed, cell, text in ours, plain, opencv, others, sum(each != text for each in ours), ms)


def _badly(dice: np.random.Generator) -> Seen:
    return Seen(
        float(dice.uniform(0.6, 2.6)), float(dice.uniform(1, 8)), int(dice.integers(55, 95)),
        float(dice.uniform(0.2, 0.6)) if dice.random() < 0.5 else 0.0,
        float(dice.uniform(-4, 4)) if dice.random() < 0.5 else 0.0,
    )  # fmt: skip


def _with_code(page: Frame, text: str, dice: np.random.Generator) -> tuple[Frame, tuple[int, int, int, int], float]:
    """The page with the code somewhere, its box with the quiet zone, and the width of a cell in mm."""
    cells = qr_cells(text)
    cell_mm = float(dice.uniform(0.28, 0.9))
    side = round((len(cells) + 2 * QUIET) * cell_mm * PER_MM)
    framed = np.pad(255 - cells, QUIET, constant_values=255)
    code = cv2.resize(framed, (side, side), interpolation=cv2.INTER_NEAREST)
    left, top = int(dice.integers(60, page.shape[1] - side - 60)), int(dice.integers(60, page.shape[0] - side - 60))
    ink, paper = dice.uniform(25, 110), dice.uniform(200, 246)
    whole = page.copy()
    whole[top : top + side, left : left + side] = (ink + code[..., np.newaxis] / 255.0 * (paper - ink)).astype(np.uint8)
    return whole, (left, top, side, side), cell_mm


def _around(grey: Frame, box: tuple[int, int, int, int], room: int) -> Frame:
    left, top, wide, tall = box
    return grey[max(0, top - room) : top + tall + room, max(0, left - room) : left + wide + room]


def _opencv(grey: Frame) -> set[str]:
    found: set[str] = set()
    for detector in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
        done, texts, _, _ = detector.detectAndDecodeMulti(grey)
        found |= set(texts) if done else set()
    return found


def _at_its_place(grey: Frame, box: tuple[int, int, int, int]) -> Iterator[str]:
    """What zxing reads when told where the code is, at several sizes, smoothed or sharpened, by each binariser."""
    part = _around(grey, box, box[2] // 4)
    soft = cv2.GaussianBlur(part, (0, 0), 1.5)
    for image in (part, soft, cv2.addWeighted(part, 2.5, cv2.GaussianBlur(part, (0, 0), 3), -1.5, 0)):
        for scale in (0.5, 1, 1.5, 2, 3):
            larger = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
            for binarizer in (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram):
                for code in zxingcpp.read_barcodes(larger, formats=QR_ALONE, binarizer=binarizer, try_invert=False):
                    yield code.text


def spent_on_plain(seed: int) -> float:
    """Median milliseconds of six pages without a code."""
    times = []
    for number in range(seed, seed + 6):
        dice = np.random.default_rng([number, 4])
        grey = np.asarray(cv2.cvtColor(as_seen(printed(dice), Seen(), dice), cv2.COLOR_BGR2GRAY), np.uint8)
        times.append(spent(lambda grey=grey: codes_on(grey))[1])  # type: ignore[misc]  # the page of this round
    return float(np.median(times))
