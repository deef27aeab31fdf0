"""From the camera's JPEG to a finished document: true size, bytes, what PDF/A asks for."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pikepdf
from pikepdf import pdfa

from edge.scanners.document_camera.find import find
from edge.scanners.document_camera.model import Calibration
from edge.scanners.document_camera.page import make_page
from edge.scanners.document_camera.pdf import join
from edge.scanners.document_camera.pdf_check import check_pdfa
from edge.scanners.document_camera.simulator import LaidSheet, Light, Scene, Shadow, render, simulated_calibration
from tests.bench.capture_row import Row, shared

MM = 25.4 / 72
LIGHT = Light(0.85)
CONTENTS = ("letter", "form", "table", "photo")


@dataclass(frozen=True, slots=True)
class Made:
    """A document of one sheet: true size and the MediaBox in mm (None if no sheet was found), bytes, what is amiss."""

    seed: int
    format: str
    true_mm: tuple[float, float]
    box_mm: tuple[float, float] | None
    size: int
    amiss: tuple[str, ...]

    @property
    def off(self) -> tuple[float, float]:
        """The worse side's error in mm and as a share of that side."""
        if self.box_mm is None:
            return (float("inf"), float("inf"))
        errors = [(abs(a - b), abs(a - b) / b) for a, b in zip(self.box_mm, self.true_mm, strict=True)]
        return max(errors)


def document_rows(seed: int, frames: int) -> list[Row]:
    """Rows of size, bytes and PDF/A, all of the same documents."""
    made = shared(one, range(seed, seed + max(6, frames // 12)))
    found = [each for each in made if each.box_mm]
    good = sum(min(each.off[0] / 0.3, each.off[1] / 0.003) <= 1 for each in found)
    worst = max(found, key=lambda each: min(each.off[0] / 0.3, each.off[1] / 0.003))
    text = (
        f"{good} of {len(found)} ({len(made)} laid), worst {worst.off[0]:.3f} mm = {worst.off[1]:.3%} ({worst.format})"
    )
    a4 = [each.size for each in found if each.format.startswith("a4")]
    amiss = sorted({text for each in found for text in each.amiss})
    kb = f"median {np.median(a4 or [0]) / 1000:.0f} kB, most {max(a4, default=0) / 1000:.0f} kB of {len(a4)}"
    return [
        Row("physical size, from frame to MediaBox", "≤ .3 % or .3 mm", text, good == len(found)),
        Row("PDF of a colour A4", "≤ 600 kB", kb, max(a4, default=0) <= 600_000),
        Row(
            "PDF/A-2b, our look and pikepdf's validator",
            "nothing amiss",
            "; ".join(amiss) or f"nothing in {len(found)}",
            not amiss,
        ),
    ]


@lru_cache(maxsize=1)
def known() -> Calibration:
    """The camera of these frames."""
    return simulated_calibration(light=LIGHT, frames=3)


def one(seed: int) -> Made:
    """Lay a sheet, capture it, join it."""
    drawn = scene(seed)
    frame, truth = render(drawn, seed)
    sheet = truth.sheets[0]
    found = find(frame, known())
    laid = drawn.sheets[0].size_mm
    name = drawn.sheets[0].format if laid is None else "a4 trimmed" if min(laid) > 206 and max(laid) > 293 else "other"
    if len(found.sheets) != 1:
        return Made(seed, name, sheet.size_mm, None, 0, ())
    page = make_page(frame, found.sheets[0], known())
    document = join([page])
    with pikepdf.open(io.BytesIO(document)) as pdf:
        box = [float(value) * MM for value in pdf.pages[0].mediabox]
    size = (box[2], box[3])
    # Cards and passports leave upright, however they were laid.
    turned = (size[0] > size[1]) != (sheet.size_mm[0] > sheet.size_mm[1])
    true = sheet.size_mm[::-1] if turned else sheet.size_mm
    return Made(seed, name, (true[0], true[1]), size, len(document), tuple(_amiss(document)))


def _amiss(document: bytes) -> list[str]:
    """What our own look and pikepdf's validator, which approves only what it knows, find."""
    findings = pdfa.validate_written(io.BytesIO(document), "2b").findings
    return [*check_pdfa(document), *(finding.rule for finding in findings)]


def scene(seed: int) -> Scene:
    """A sheet of any size; some A4 are trimmed, as paper is."""
    dice = np.random.default_rng([seed, 5])
    name = ("a4", "a4", "a4", "a3", "card", "booklet", "receipt", "other")[dice.integers(8)]
    size = {"other": tuple(dice.uniform(90, 250, 2)), "a4": (210.0, 297.0)}.get(name)
    if name == "a4":
        size = (210 - dice.uniform(0, 3), 297 - dice.uniform(0, 3)) if dice.random() < 0.3 else None
    turn = 0.0 if name == "a3" else float(dice.choice([0.0, 90.0]) + dice.normal(0, 4))
    content = name if name in {"card", "booklet", "receipt"} else CONTENTS[dice.integers(4)]
    sheet = LaidSheet(
        "a4" if name == "other" else name, x=float(230 + dice.uniform(-8, 8)), y=170.0, angle=turn,
        content=content,  # type: ignore[arg-type]  # each is one of the simulator's
        seed=int(dice.integers(1, 1000)), size_mm=size,
    )  # fmt: skip
    shadow = Shadow(float(dice.uniform(100, 360)), float(dice.uniform(80, 260)), depth=float(dice.uniform(0.2, 0.5)))
    return Scene(
        (sheet,), light=LIGHT, shadows=(shadow,) if dice.random() < 0.4 else (), noise=float(dice.uniform(1, 3.5)),
        defocus=float(dice.uniform(0.5, 1.2)), page_dpi=300,
    )  # fmt: skip
