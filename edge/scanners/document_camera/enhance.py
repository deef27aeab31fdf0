"""What a page looks like when it is handed in: even light, paper of its own colour, ink as it was.

Flat field and white balance of the installation, then the page's own light is divided out (`paper.py`), in one pass
over the pixels. Three presets: colour, grey, and black-and-white after Sauvola and Pietikäinen (2000), whose local
mean and deviation come from box filters at half size. The cut-out itself is kept beside it by whoever calls.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.model import Frame
from edge.scanners.document_camera.paper import Light, Map

Preset = Literal["colour", "grey", "black_and_white"]
WHITE = 250.0
"""The strongest channel of clean paper leaves with this."""
CLEAN = (0.93, 0.985)
"""Between these shares of the paper's own value the tone rises faster to it: noise of paper costs bytes, not sense."""
SAUVOLA_K = 0.22
SAUVOLA_WINDOW_MM = 4.0
DARK_FLOOR = 8
STRIP = 512


def enhance(image: Frame, light: Light | None, gain: Map | None, preset: Preset = "colour") -> Frame:
    """Return the enhanced page, BGR or (grey, black-and-white) of one channel; `image` is not changed."""
    even = _divided(image, light) if light is not None else _multiplied(image, gain)
    if preset == "colour":
        return even
    grey = np.asarray(cv2.cvtColor(even, cv2.COLOR_BGR2GRAY), np.uint8)
    return grey if preset == "grey" else binarised(grey)


def _divided(image: Frame, light: Light) -> Frame:
    """Divide by the paper's light, times the paper's colour lifted to `WHITE`: one integer division a pixel."""
    height, width = image.shape[:2]
    target = light.colour / light.colour.max() * WHITE
    # The divisor of each channel carries that channel's target, so that one common scale serves all three.
    divisor = np.clip(light.shading * (WHITE / target).astype(np.float32), DARK_FLOOR, 255).astype(np.uint8)
    table = _tones(target)
    out = np.empty_like(image)
    full = cv2.resize(divisor, (width, height), interpolation=cv2.INTER_LINEAR)
    for top in range(0, height, STRIP):
        part = out[top : top + STRIP]
        cv2.divide(image[top : top + STRIP], full[top : top + STRIP], dst=part, scale=WHITE)
        cv2.LUT(part, table, dst=part)
    return out


def _tones(target: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return a table per channel that pulls what is nearly paper to the paper's value, smoothly and rising."""
    values = np.arange(256, dtype=np.float64)
    table = np.empty((1, 256, 3), np.uint8)
    low, high = CLEAN
    for channel in range(3):
        paper = target[channel]
        share = np.clip((values / paper - low) / (high - low), 0, 1)
        lifted = np.maximum(values, paper * (low + (1 - low) * share))
        table[0, :, channel] = np.clip(np.where(values < low * paper, values, np.minimum(lifted, 255)), 0, 255).round()
        table[0, values >= high * paper, channel] = round(paper)
    return table


def _multiplied(image: Frame, gain: Map | None) -> Frame:
    """Apply the installation's gains alone: nobody can tell the light on a card or picture from its print."""
    if gain is None:
        return image.copy()
    height, width = image.shape[:2]
    full = np.asarray(cv2.resize(np.clip(gain * 64, 0, 255).astype(np.uint8), (width, height)), np.uint8)
    return np.asarray(cv2.multiply(image, full, scale=1 / 64), np.uint8)


def binarised(grey: Frame, dpi: int = 300) -> Frame:
    """Return 0 and 255 by Sauvola's threshold m (1 + k (s / 128 - 1)) over a window of some millimetres."""
    height, width = grey.shape
    half = cv2.resize(grey, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    window = int(SAUVOLA_WINDOW_MM * dpi / 25.4 / 2) | 1
    mean = cv2.boxFilter(half, cv2.CV_32F, (window, window))
    square = cv2.sqrBoxFilter(half, cv2.CV_32F, (window, window))
    deviation = cv2.sqrt(cv2.max(cv2.subtract(square, cv2.multiply(mean, mean)), np.zeros(1)))
    small = mean * (1 + SAUVOLA_K * (deviation * np.float32(1 / 128) - 1))
    threshold = cv2.resize(np.clip(small, 0, 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.compare(grey, threshold, cv2.CMP_GT), np.uint8)
