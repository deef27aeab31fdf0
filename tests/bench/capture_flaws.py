"""Good pages and pages with one known flaw, drawn by lot, and what every check says of them.

What is flawed is said by what was done to the scene, not by how it looks: a lens out of focus by 2 pixels or more, a
sheet that moved, a mirrored lamp on the page, a finger that reaches in by 7 mm or more, a corner folded over or out of
sight, a page without print, a page that was captured before. Good pages have lamps, shadows, tints, stamps and noise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from edge.ports import Check, Page
from edge.scanners.document_camera.check_duplicate import duplicate
from edge.scanners.document_camera.check_image import Look, look_at
from edge.scanners.document_camera.check_light import blank
from edge.scanners.document_camera.checks import all_checks
from edge.scanners.document_camera.encode import jpeg, thumbnail_of
from edge.scanners.document_camera.enhance import enhance
from edge.scanners.document_camera.model import Calibration, Frame, Sheet
from edge.scanners.document_camera.paper import light_of
from edge.scanners.document_camera.simulator import (
    Bend,
    Finger,
    Glare,
    LaidSheet,
    Light,
    Mat,
    Scene,
    Shadow,
    render,
    simulated_calibration,
)
from edge.scanners.document_camera.simulator.paper import Pen
from edge.scanners.document_camera.warp import Cutout, cut_out, lie_of
from tests.bench.capture_print import as_seen, by_lot, printed

CALIBRATED = Light(0.85)
CONTENTS = ("letter", "form", "table", "photo", "letter", "form", "receipt", "card")
MATS = ("blue", "green", "dark")


@dataclass(frozen=True, slots=True)
class Judged:
    """What was wrong with a page (empty: nothing), and the checks' scores and verdicts."""

    seed: int
    flaw: str
    checks: tuple[Check, ...]

    def of(self, name: str) -> Check | None:
        """One check, None if it was not asked."""
        return next((check for check in self.checks if check.name == name), None)


@lru_cache(maxsize=3)
def known(mat: str) -> Calibration:
    """The camera over one of the mats."""
    return simulated_calibration(mat=Mat(mat), light=CALIBRATED, frames=3)  # type: ignore[arg-type]  # one of its kinds


def judged(given: tuple[int, str]) -> Judged:
    """Draw a page with this flaw and ask the checks."""
    seed, flaw = given
    dice = np.random.default_rng([seed, sum(flaw.encode())])
    if flaw in {"blank", "sparse"}:
        return Judged(seed, flaw, (blank(_look(as_seen(_empty(dice, flaw), by_lot(dice), dice))),))
    if flaw in {"duplicate", "filled otherwise"}:
        return Judged(seed, flaw, (_again(dice, flaw),))
    drawn = flawed(ordinary(dice), flaw, dice)
    calibration = known(drawn.mat.kind)
    frame, truth = render(drawn, seed)
    sheet = truth.sheets[0]
    outline = sheet.outline if drawn.sheets[0].bend else np.empty((0, 2))
    cut = cut_out(frame, lie_of(frame, Sheet(sheet.corners, sheet.size_mm, sheet.format, 1.0, outline), calibration))
    return Judged(seed, flaw, all_checks(look_at(cut, frame, calibration), thumbnail_of(cut.image), ()))


def ordinary(dice: np.random.Generator) -> Scene:
    """A page with nothing wrong."""
    content = str(CONTENTS[dice.integers(len(CONTENTS))])
    name = content if content in {"receipt", "card"} else "a4"
    tint = (243, 245, 246) if dice.random() < 0.7 else tuple(int(each) for each in dice.integers(175, 246, 3))
    turn = float(dice.choice([90.0, 270.0]) + dice.normal(0, 3))
    sheet: dict[str, Any] = {
        "format": name, "x": float(dice.uniform(200, 260)), "angle": turn, "content": content, "paper": tint,
        "seed": int(dice.integers(1, 1000)),
        "bend": Bend("arch", float(dice.uniform(2, 8))) if dice.random() < 0.15 else None,
    }  # fmt: skip
    lamp = Light(float(dice.uniform(0.75, 1.0)), float(dice.uniform(0.05, 0.2)), float(dice.uniform(0, 360)))
    hand = Shadow(
        float(dice.uniform(120, 340)), float(dice.uniform(80, 260)), float(dice.uniform(0, 360)),
        depth=float(dice.uniform(0.2, 0.5)), soft_mm=float(dice.uniform(6, 25)),
    )  # fmt: skip
    return Scene(
        (LaidSheet(**sheet),), Mat(MATS[dice.integers(3)]), light=lamp,  # type: ignore[arg-type]  # one of its kinds
        shadows=(hand,) if dice.random() < 0.4 else (), defocus=float(dice.uniform(0.5, 1.3)),
        noise=float(dice.uniform(1, 3.5)), jpeg=int(dice.integers(85, 96)), page_dpi=200,
    )  # fmt: skip


def flawed(scene: Scene, flaw: str, dice: np.random.Generator) -> Scene:
    """The same page with something wrong."""
    sheet = scene.sheets[0]
    wide, tall = sheet.width_height
    place = (sheet.x + float(dice.uniform(-0.3, 0.3)) * tall, 170 + float(dice.uniform(-0.3, 0.3)) * wide)
    if flaw == "blur":
        return replace(scene, defocus=float(dice.uniform(2.0, 5.0)))
    if flaw == "moved":
        moved = replace(
            sheet, motion_mm=float(dice.uniform(0.8, 2.5)), motion_angle=float(dice.uniform(0, 180)), bend=None
        )
        return replace(scene, sheets=(moved,))
    if flaw == "glare":
        inside = (sheet.x, 170.0) if sheet.format == "card" else place
        spot = Glare(*inside, radius_mm=float(dice.uniform(7, 25)), strength=float(dice.uniform(90, 220)))
        return replace(scene, glares=(spot,))
    if flaw == "finger":
        return replace(scene, fingers=(_holding(sheet, dice),))
    if flaw == "folded":
        side = min(sheet.width_height)
        return replace(scene, sheets=(replace(sheet, dog_ear=float(dice.uniform(0.08, 0.2)) * side, bend=None),))
    if flaw == "out of sight":
        return replace(scene, sheets=(replace(sheet, x=460 - sheet.width_height[1] / 2 + float(dice.uniform(2, 30))),))
    return scene


def _holding(sheet: LaidSheet, dice: np.random.Generator) -> Finger:
    """A finger (or hand) from the sheet's lower edge inwards; skin from dark to light is not what the simulator has."""
    width, height = sheet.width_height
    down, across = height / 2 - dice.uniform(7, 25), dice.uniform(-0.3, 0.3) * width
    angle = np.radians(sheet.angle)
    x = sheet.x + across * np.cos(angle) - down * np.sin(angle)
    y = sheet.y + across * np.sin(angle) + down * np.cos(angle)
    return Finger(
        float(x), float(y), sheet.angle + 90, hand=bool(dice.random() < 0.4), width_mm=float(dice.uniform(11, 18))
    )


def _look(image: Frame) -> Look:
    return look_at(Cutout(image, (210.0, 297.0), 232, np.zeros((4, 4, 2), np.float32)), image, None)


def _empty(dice: np.random.Generator, flaw: str) -> Frame:
    """A page with nothing but dust, or (`sparse`) with a page's number or one short line."""
    pen = Pen((210.0, 297.0), 300, int(dice.integers(1, 100_000)))
    for _ in range(int(dice.integers(0, 12))):
        x, y = dice.uniform(10, 200), dice.uniform(10, 287)
        pen.line(x, y, x + dice.uniform(-1, 1), y + dice.uniform(-1, 1), 0.1)
    if flaw == "sparse":
        kind, left, size = dice.integers(3), dice.uniform(25, 120), float(dice.uniform(2.8, 4.5))
        if kind == 0:
            pen.word(f"{dice.integers(10, 99)}", 103, 282, size)
        elif kind == 1:
            pen.text(left, dice.uniform(20, 260), left + dice.uniform(12, 60), size)
        else:
            pen.word("page 2 of 2", left, dice.uniform(20, 280), size)
    page = np.full((*pen.shape, 3), 245, np.uint8)
    for colour, ink in pen.inks.items():
        page = np.where(ink[..., np.newaxis] > 100, np.array(colour, np.uint8), page)
    return np.asarray(page, np.uint8)


def _again(dice: np.random.Generator, flaw: str) -> Check:
    """The duplicate check of a page and the same page again, or the same form with another name in it."""
    page = printed(dice, ("letter", "form", "table", "form")[dice.integers(4)])
    other = page
    if flaw == "filled otherwise":
        page, other = _filled(page, dice), _filled(page, dice)
    first, second = (_thumbnail(as_seen(each, by_lot(dice), dice), dice) for each in (page, other))
    earlier = Page(b"", jpeg(first, 80), 210_000, 297_000, 300, 232, "a4")
    return duplicate(second, [earlier])


def _filled(page: Frame, dice: np.random.Generator) -> Frame:
    """The form with two words written in by hand: strokes of a pen."""
    whole = page.copy()
    for row in (0.3, 0.6):
        x, y = int(0.35 * page.shape[1]), int(row * page.shape[0])
        cv2.rectangle(whole, (x, y), (x + 300, y + 70), (243, 245, 246), -1)
        for _ in range(int(dice.integers(10, 16))):
            a, b = dice.integers([x, y], [x + 290, y + 65]), dice.integers([x, y], [x + 290, y + 65])
            near = a + (b - a) * 0.2
            cv2.line(whole, tuple(a.tolist()), tuple(near.astype(int).tolist()), (60, 30, 30), 6, cv2.LINE_AA)
    return whole


def _thumbnail(image: Frame, dice: np.random.Generator) -> Frame:
    """As a page leaves; the cut is off by some tenths of a millimetre, as cuts are."""
    left, top, right, bottom = dice.integers(0, 5, 4)
    part = np.ascontiguousarray(image[top : image.shape[0] - bottom, left : image.shape[1] - right])
    return thumbnail_of(enhance(part, light_of(part, None), None))
