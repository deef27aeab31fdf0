"""The same page twice: a perceptual hash finds candidates, block by block comparison decides.

Two filled copies of one form have nearly the same hash; they differ where they were filled in. So thumbnails of
candidates are compared in blocks, and the page is a duplicate only when even the least like block is alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.ports import Check, Page
from edge.scanners.document_camera.model import Frame

ALIKE = 0.80
"""Correlation of the least like block from which on two pages are one."""
HASH_BITS_APART = 14
"""Of 64; pages further apart are not compared."""
BLOCKS = 5
LEAST_CONTRAST = 4.0


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
    return _least_like_block(_detail(one), _detail(other))


def _least_like_block(one: NDArray[np.float32], two: NDArray[np.float32]) -> float:
    """Return the correlation of the least like block; 1 for two pages without any contrast."""
    tall, wide = one.shape[0] // BLOCKS, one.shape[1] // BLOCKS
    worst = 1.0
    for row in range(BLOCKS):
        for column in range(BLOCKS):
            part = (slice(row * tall, (row + 1) * tall), slice(column * wide, (column + 1) * wide))
            a, b = one[part].ravel(), two[part].ravel()
            if max(a.std(), b.std()) >= LEAST_CONTRAST:
                norm = max(float(np.linalg.norm(a - a.mean()) * np.linalg.norm(b - b.mean())), 1e-6)
                worst = min(worst, float(np.dot(a - a.mean(), b - b.mean())) / norm)
    return worst


def _detail(grey: Frame) -> NDArray[np.float32]:
    """Return what stands out from its surroundings, smoothed so that half a pixel's shift does not count."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.2).astype(np.float32)
    return np.asarray(smooth - cv2.GaussianBlur(smooth, (0, 0), 8), np.float32)


def _plain(image: Frame) -> Frame:
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def _decoded(jpeg: bytes) -> Frame:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE) if jpeg else None
    return np.full((4, 64), 255, np.uint8) if image is None else np.asarray(image, np.uint8)
