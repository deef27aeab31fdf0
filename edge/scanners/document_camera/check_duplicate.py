"""The same page twice: a perceptual hash finds candidates, a look at every place decides.

Two filled copies of one form have nearly the same hash; they differ where they were filled in. So thumbnails of
candidates are laid on each other as well as they go (ECC, Evangelidis and Psarakis 2008: the two cuts differ by tenths
of a millimetre), and the page is a duplicate only when even the least like place, 1.4 cm wide on an A4, is alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.ports import Check, Page
from edge.scanners.document_camera.model import Frame

Detail = NDArray[np.float32]
ALIKE = 0.92
"""Likeness of the least like place from which on two pages are one. Measured (`tests/bench/capture_flaws.py`): at least
.96 for the same page captured again, at most .5 for a form with other words of handwriting in it."""
HASH_BITS_APART = 14
"""Of 64; pages further apart are not compared."""
PLACE = 15
LEAST_ENERGY = 16.0
"""Of a place: what is fainter than this is noise and may differ."""
RIM = 6
"""Pixels at the edge that are not compared: a cut may leave some of the mat there."""


def duplicate(thumbnail: Frame, earlier: Sequence[Page]) -> Check:
    """Return how alike the page is to the most alike of the earlier ones; it passes below `ALIKE`."""
    own = _plain(thumbnail)
    score = max((_likeness(own, _plain(_decoded(page.thumbnail))) for page in earlier), default=0.0)
    return Check("duplicate", round(score, 3), ALIKE, score < ALIKE)


def perceptual_hash(grey: Frame) -> int:
    """Return 64 bits: the signs of the low frequencies of the page against their median (a DCT hash)."""
    small = cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:8, :8].ravel()
    bits = low > np.median(low[1:])
    return int("".join("1" if bit else "0" for bit in bits), 2)


def _likeness(one: Frame, two: Frame) -> float:
    if abs(one.shape[0] / one.shape[1] / (two.shape[0] / two.shape[1]) - 1) > 0.03:
        return 0.0
    other = np.asarray(cv2.resize(two, (one.shape[1], one.shape[0]), interpolation=cv2.INTER_AREA), np.uint8)
    if (perceptual_hash(one) ^ perceptual_hash(other)).bit_count() > HASH_BITS_APART:
        return 0.0
    return _least_like_place(*_aligned(_detail(one), _detail(other)))


def _aligned(one: Detail, two: Detail) -> tuple[Detail, Detail]:
    """Lay the second on the first; pages without anything to hold on to stay as they are."""
    way = np.eye(2, 3, dtype=np.float32)
    stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 20, 1e-4)
    try:
        _, way = cv2.findTransformECC(one, two, way, cv2.MOTION_AFFINE, stop, None, 3)  # type: ignore[call-overload]  # its stub wants a mask, the library none
    except cv2.error:
        return one, two
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return one, np.asarray(cv2.warpAffine(two, way, (one.shape[1], one.shape[0]), flags=how), np.float32)


def _least_like_place(one: Detail, two: Detail) -> float:
    """Return 1 less the largest share of a place's energy that differs."""
    inner = (slice(RIM, -RIM), slice(RIM, -RIM))
    a, b = (np.asarray(cv2.GaussianBlur(part, (0, 0), 0.8), np.float32)[inner] for part in (one, two))
    if not a.size:
        return 1.0
    # One may be printed or lit more faintly as a whole.
    b = b * np.float32((a * b).sum() / max(float((b * b).sum()), 1.0))
    energy = cv2.blur(a * a + b * b, (PLACE, PLACE))
    least = 2 * max(LEAST_ENERGY, 0.15 * float((a * a).mean()))
    return max(0.0, 1 - float((cv2.blur(np.square(a - b), (PLACE, PLACE)) / (energy + least)).max()))


def _detail(grey: Frame) -> Detail:
    """Return what stands out from its surroundings, smoothed so that half a pixel's shift does not count."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.2).astype(np.float32)
    return np.asarray(smooth - cv2.GaussianBlur(smooth, (0, 0), 8), np.float32)


def _plain(image: Frame) -> Frame:
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def _decoded(jpeg: bytes) -> Frame:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE) if jpeg else None
    return np.full((4, 64), 255, np.uint8) if image is None else np.asarray(image, np.uint8)
