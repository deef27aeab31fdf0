"""Checks: what simulated good and bad pages taught; each of these once went wrong."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.ports import Page
from edge.scanners.document_camera.check_blur import SOFT, blur
from edge.scanners.document_camera.check_border import cut
from edge.scanners.document_camera.check_duplicate import duplicate
from edge.scanners.document_camera.check_image import Look, look_at
from edge.scanners.document_camera.check_light import blank, glare
from edge.scanners.document_camera.encode import jpeg, thumbnail_of
from edge.scanners.document_camera.model import Background, Calibration, Frame
from edge.scanners.document_camera.warp import Cutout
from tests.unit.edge.scanners.document_camera.page_scenes import calibration, printed

WIDTH, HEIGHT = 1240, 1754


def look(image: Frame, known: Calibration | None = None) -> Look:
    """A page that fills the middle of a frame, at the camera's own resolution."""
    height, width = image.shape[:2]
    x, y = np.meshgrid(np.arange(-1, width // 16 + 2) * 16 + 100, np.arange(-1, height // 16 + 2) * 16 + 100)
    nodes = np.stack([x, y], axis=-1).astype(np.float32)
    frame = np.zeros((height + 300, width + 300, 3), np.uint8)
    return look_at(Cutout(image, (width / 11.8, height / 11.8), 300, nodes), frame, known)


def page(level: float = 0.88) -> Frame:
    return (printed(WIDTH, HEIGHT) * level).astype(np.uint8)


def softly(image: Frame, sigma: float) -> Frame:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)


def test_a_soft_picture_is_no_blur() -> None:
    image = softly(page(), 1.0)
    picture = np.random.default_rng(3).integers(20, 190, (18, 23)).astype(np.uint8)
    image[200:1000, 120:1120] = cv2.resize(picture, (1000, 800), interpolation=cv2.INTER_CUBIC)[..., np.newaxis]
    assert blur(look(image)).passed
    assert not blur(look(softly(image, 2.4))).passed


@pytest.mark.parametrize("kernel", [(15, 1), (1, 15)])
def test_what_moved_in_one_direction_is_blurred(kernel: tuple[int, int]) -> None:
    moved = cv2.blur(softly(page(), 0.8), kernel)
    assert blur(look(softly(page(), 0.8))).passed
    assert not blur(look(np.asarray(moved, np.uint8))).passed


def test_a_page_of_nothing_but_softness_is_blurred() -> None:
    check = blur(look(softly(page(), 9.0)))
    assert check.score > SOFT
    assert not check.passed


def test_paper_lit_to_the_limit_is_no_reflection_and_a_lamp_in_it_is_one() -> None:
    ramp = np.linspace(1.15, 0.75, WIDTH, dtype=np.float32)[np.newaxis, :, np.newaxis]
    bright = np.clip(printed(WIDTH, HEIGHT) * ramp, 0, 255).astype(np.uint8)
    assert glare(look(bright)).passed
    lamp = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.circle(lamp, (900, 1000), 110, 200, -1)
    mirrored = np.clip(bright + cv2.GaussianBlur(lamp, (0, 0), 20)[..., np.newaxis], 0, 255).astype(np.uint8)
    check = glare(look(mirrored))
    assert not check.passed
    assert check.region is not None
    assert 0.5 < (check.region[0] + check.region[2]) / 2 < 0.9


def test_paper_in_shadow_is_not_taken_for_a_dark_mat() -> None:
    image = np.full((HEIGHT, WIDTH, 3), 230, np.uint8)
    image[:, 700:] = 105
    base = calibration()
    mean = np.full((500, 400, 3), 45, np.float32)
    known = Calibration(base.lens, base.to_mm, base.field_mm, 0.05, Background(mean, np.ones_like(mean)))
    assert cut(look(softly(image, 20), known)).passed
    cv2.fillPoly(image, [np.array([[0, 0], [180, 0], [0, 180]])], (45, 45, 45))
    assert not cut(look(image, known)).passed


@pytest.mark.parametrize("text", ["12", "7/9"])
def test_the_number_of_a_page_is_print(text: str) -> None:
    image = np.full((3508, 2480, 3), 225, np.uint8)
    assert not blank(look(image)).passed
    cv2.putText(image, text, (1200, 3330), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (60, 60, 60), 4, cv2.LINE_AA)
    assert blank(look(softly(image, 1.2))).passed


def test_the_same_page_a_little_off_is_a_duplicate_and_another_name_in_the_form_is_not() -> None:
    first, other = page(), page()
    for image, shift in ((first, 0), (other, 24)):
        for stroke in range(8):
            x = 400 + 20 * stroke
            cv2.line(image, (x, 640 + shift // 2), (x + 12 + shift, 670), (60, 40, 40), 4, cv2.LINE_AA)
    earlier = Page(b"", jpeg(thumbnail_of(first), 80), 210_000, 297_000, 300, 232, "a4")
    again = softly(np.ascontiguousarray(first[3:-2, 2:-4]), 1.2)
    assert not duplicate(thumbnail_of(again), [earlier]).passed
    assert duplicate(thumbnail_of(other), [earlier]).passed
