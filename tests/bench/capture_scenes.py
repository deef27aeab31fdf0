"""Scenes for the bench of page capture, drawn by lot from a seed: plain mats, curved sheets, clutter."""

from __future__ import annotations

from typing import Literal

import numpy as np

from edge.scanners.document_camera.simulator import Bend, Camera, Finger, Glare, LaidSheet, Light, Mat, Scene, Shadow

Kind = Literal["plain", "curved", "cluttered"]
PLAIN_MATS: tuple[Literal["blue", "green", "dark"], ...] = ("blue", "green", "dark")
MATS: tuple[Literal["clutter", "wood", "cloth"], ...] = ("clutter", "wood", "cloth")
FORMATS = ("a4", "a4", "card", "booklet", "passport", "receipt", "a3")
SIZES = {
    "a4": (210.0, 297.0),
    "a3": (420.0, 297.0),
    "card": (85.6, 54.0),
    "booklet": (125.0, 176.0),
    "passport": (125.0, 88.0),
    "receipt": (80.0, 180.0),
}
CONTENTS = ("letter", "form", "table", "photo", "blank")


def scene(seed: int, kind: Kind, times: int = 1) -> Scene:
    """The scene of a seed; `times` makes the camera's picture smaller."""
    dice = np.random.default_rng(seed)
    mats = PLAIN_MATS if kind != "cluttered" else MATS
    mat = Mat(kind=mats[dice.integers(3)], seed=int(dice.integers(4)) if kind == "cluttered" else 1)
    name = FORMATS[dice.integers(len(FORMATS))] if kind != "curved" else ("a4", "receipt")[dice.integers(2)]
    many = int(dice.integers(1, 4)) if name == "card" and kind == "plain" else 1
    sheets = tuple(_sheet(dice, name, place, many, kind) for place in range(many))
    camera = Camera()
    return Scene(
        sheets=sheets,
        mat=mat,
        camera=camera.smaller(times) if times > 1 else camera,
        light=Light(),
        shadows=_shadows(dice),
        glares=(Glare(*dice.uniform(40, 300, 2)),) if dice.random() < 0.15 else (),
        fingers=_fingers(dice, sheets[0]) if dice.random() < 0.15 and many == 1 else (),
        litter=int(dice.integers(3, 9)) if kind == "cluttered" else 0,
        defocus=float(dice.uniform(0.5, 1.2)),
        noise=float(dice.uniform(1, 3.5)),
        jpeg=int(dice.integers(85, 96)),
        page_dpi=200 // times,
    )


def _sheet(dice: np.random.Generator, name: str, place: int, many: int, kind: Kind) -> LaidSheet:
    width, height = SIZES[name]
    turn = float(dice.uniform(-3, 3)) if name == "a3" else float(dice.choice([0, 90, 180, 270]) + dice.normal(0, 6))
    x, y = _middle(dice, width, height, turn)
    if many > 1:
        x, y = 90 + 140.0 * place, float(dice.uniform(90, 250))
    own = name if name in {"card", "booklet", "receipt"} else CONTENTS[dice.integers(len(CONTENTS))]
    return LaidSheet(
        format=name,
        x=x,
        y=y,
        angle=turn,
        content="booklet" if name == "passport" else own,  # type: ignore[arg-type]  # each is one of the simulator's
        paper=(243, 245, 246) if dice.random() < 0.8 else tuple(int(c) for c in dice.integers(170, 245, 3)),  # type: ignore[arg-type]  # three of them
        seed=int(dice.integers(1, 40)),
        bend=Bend(("arch", "curl")[dice.integers(2)], float(dice.uniform(4, 14))) if kind == "curved" else None,
        dog_ear=float(dice.uniform(8, 22)) if dice.random() < 0.08 and name in {"a4", "a3"} else 0.0,
    )


def _middle(dice: np.random.Generator, width: float, height: float, turn: float) -> tuple[float, float]:
    """A place that keeps the sheet within the field where there is room."""
    angle = np.radians(turn)
    reach_x = (abs(width * np.cos(angle)) + abs(height * np.sin(angle))) / 2 + 5
    reach_y = (abs(width * np.sin(angle)) + abs(height * np.cos(angle))) / 2 + 5
    x = dice.uniform(reach_x, 460 - reach_x) if reach_x < 230 else 230.0
    y = dice.uniform(reach_y, 341 - reach_y) if reach_y < 170.5 else 170.5
    return float(x), float(y)


def _shadows(dice: np.random.Generator) -> tuple[Shadow, ...]:
    if dice.random() > 0.4:
        return ()
    x, y = dice.uniform(50, 400), dice.uniform(50, 290)
    return (Shadow(float(x), float(y), float(dice.uniform(0, 360)), depth=float(dice.uniform(0.2, 0.55))),)


def _fingers(dice: np.random.Generator, sheet: LaidSheet) -> tuple[Finger, ...]:
    """One that holds the sheet at its edge."""
    width, height = sheet.width_height
    angle = np.radians(sheet.angle)
    down = height / 2 - dice.uniform(2, 12)
    across = dice.uniform(-0.3, 0.3) * width
    x = sheet.x + across * np.cos(angle) - down * np.sin(angle)
    y = sheet.y + across * np.sin(angle) + down * np.cos(angle)
    return (
        Finger(
            float(x), float(y), float(sheet.angle + 90), hand=sheet.format in {"a4", "a3"} and bool(dice.random() < 0.4)
        ),
    )
