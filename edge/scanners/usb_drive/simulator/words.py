"""Lines of Chinese for the pictures on simulated drives, as pictures themselves: no font is asked of the machine.

`words.png` holds them one below the other, one bit a pixel. It was drawn with WenQuanYi Micro Hei (Apache-2.0) at 44
pixels, 4 pixels from the top of each line; it holds these characters and no font. All of it is made up.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PIL import Image

PICTURE = Path(__file__).with_name("words.png")
HEIGHT = 56
LINES = (
    "营业执照",
    "（样本，仅供演示，无效）",
    "名　　称：夜光小吃店",
    "类　　型：个体工商户",
    "经营者：样本甲",
    "经营场所：示范市样本路8号",
    "注册日期：2026年1月5日",
    "经营范围：餐饮服务",
    "夜光小吃",
    "后厨，样本照片",
    "食品经营许可申请表",
    "申请人：样本甲",
    "申请事项：新办",
    "本人保证以上内容真实。",
    "签字：样本甲",
)


def line(text: str, height: int) -> Image.Image:
    """One of `LINES` as a mask (255: ink), so many pixels high, cut to its width."""
    top = LINES.index(text) * HEIGHT
    row = _picture().crop((0, top, _picture().width, top + HEIGHT))
    ink = row.point(lambda value: 255 - value)
    left, _, right, _ = ink.getbbox() or (0, 0, 1, 1)
    cut = ink.crop((left, 0, right, HEIGHT))
    return cut.resize((max(1, cut.width * height // HEIGHT), height), Image.Resampling.LANCZOS)


@cache
def _picture() -> Image.Image:
    with Image.open(PICTURE) as picture:
        return picture.convert("L")
