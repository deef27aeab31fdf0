"""What lies under the simulated camera: frozen words, nothing drawn yet. Millimetres and degrees as on the mat."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from edge.scanners.document_camera.simulator.camera import Camera

Colour = tuple[int, int, int]
"""Blue, green, red."""
SIZES = {
    "a4": (210.0, 297.0),
    "a3": (420.0, 297.0),
    "card": (85.6, 54.0),
    "booklet": (125.0, 176.0),
    "passport": (125.0, 88.0),
    "receipt": (80.0, 180.0),
}
WHITE: Colour = (243, 245, 246)
Content = Literal["letter", "form", "table", "photo", "card", "booklet", "receipt", "blank", "target"]


@dataclass(frozen=True, slots=True)
class Bend:
    """A sheet that doesn't lie flat. Bent over its width (`x`) or its height (`y`); `height_mm` at the highest.

    `prop` is not bent but lifted at its end.
    """

    kind: Literal["arch", "curl", "wave", "fold", "prop"] = "arch"
    height_mm: float = 8.0
    over: Literal["x", "y"] = "x"


@dataclass(frozen=True, slots=True)
class LaidSheet:
    """A sheet on the mat, its middle at (`x`, `y`), turned clockwise by `angle`; later ones lie on earlier ones.

    `size_mm` overrides the format's size. `codes` are printed as QR codes. `dog_ear` folds the upper right corner over.
    `motion_mm` smears the sheet along its way, as one that was still moving.
    """

    format: str = "a4"
    x: float = 230.0
    y: float = 170.0
    angle: float = 0.0
    content: Content = "letter"
    paper: Colour = WHITE
    seed: int = 1
    size_mm: tuple[float, float] | None = None
    codes: tuple[str, ...] = ()
    bend: Bend | None = None
    dog_ear: float = 0.0
    motion_mm: float = 0.0
    motion_angle: float = 0.0

    @property
    def width_height(self) -> tuple[float, float]:
        """Of the sheet itself, before it is turned or bent."""
        return self.size_mm or SIZES[self.format]


@dataclass(frozen=True, slots=True)
class Mat:
    """What the sheets lie on. `seed` makes its texture, the same in every frame; `picture` is for kind `picture`.

    `marks`: the four fiducials. `shift_mm` moves the mat (and its marks) under the camera.
    """

    kind: Literal["blue", "green", "dark", "wood", "cloth", "clutter", "picture"] = "blue"
    seed: int = 1
    picture: Path | None = None
    marks: bool = True
    shift_mm: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Light:
    """The lamp: `level` at the middle, `fall` over the field in direction `angle`, vignette, warmth (red over blue)."""

    level: float = 1.0
    fall: float = 0.12
    angle: float = 30.0
    vignette: float = 0.12
    warmth: float = 0.0


@dataclass(frozen=True, slots=True)
class Shadow:
    """A hand's shadow, reaching in from the border towards (`x`, `y`) from direction `angle`."""

    x: float
    y: float
    angle: float = 60.0
    width_mm: float = 70.0
    depth: float = 0.35
    soft_mm: float = 12.0


@dataclass(frozen=True, slots=True)
class Glare:
    """A lamp mirrored by gloss: a bright spot."""

    x: float
    y: float
    radius_mm: float = 15.0
    strength: float = 160.0


@dataclass(frozen=True, slots=True)
class Finger:
    """A finger or a whole hand that holds the paper: the tip at (`x`, `y`), coming from direction `angle`."""

    x: float
    y: float
    angle: float = 60.0
    hand: bool = False
    width_mm: float = 16.0


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment under the camera.

    `litter` objects (pens, cables, notes) lie on the mat that were not there when it was empty. `defocus` is the
    standard deviation of the blur in pixels, `noise` of the sensor's noise in grey levels, `jpeg` a quality (0: none).
    """

    sheets: tuple[LaidSheet, ...] = ()
    mat: Mat = field(default_factory=Mat)
    camera: Camera = field(default_factory=Camera)
    light: Light = field(default_factory=Light)
    shadows: tuple[Shadow, ...] = ()
    glares: tuple[Glare, ...] = ()
    fingers: tuple[Finger, ...] = ()
    litter: int = 0
    defocus: float = 0.7
    noise: float = 2.0
    jpeg: int = 92
    page_dpi: int = 300
