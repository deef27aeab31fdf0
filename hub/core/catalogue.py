"""The service items whose results are handed out at stations; a small sample until a catalogue can be imported.

Form of the code: GB/T 39554.1: 18 symbols of the department's social credit code, 1 level of exercise (4 = county or
district), 12 digits of the base code. The codes here are made up and stand for no real department.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Size = Literal["s", "m", "l"]
SIZES: tuple[Size, ...] = ("s", "m", "l")


@dataclass(frozen=True)
class ServiceItem:
    """One service item; `size` is the compartment its usual result needs."""

    code: str
    title_zh: str
    title_en: str
    size: Size = "s"


_DEPARTMENT = "11110101MB00001A9B"


def _item(base: str, title_zh: str, title_en: str, size: Size = "s") -> ServiceItem:
    return ServiceItem(f"{_DEPARTMENT}4{base}", title_zh, title_en, size)


CATALOGUE: tuple[ServiceItem, ...] = (
    _item("000709012000", "边境管理区通行证核发", "Border area pass"),
    _item("000709004000", "临时居民身份证申领", "Temporary resident identity card"),
    _item("000709031000", "无犯罪记录证明开具", "Certificate of no criminal record"),
    _item("000131001000", "公司设立登记（营业执照）", "Company registration (business licence)", "m"),
    _item("000131014000", "食品经营许可", "Food business permit", "m"),
    _item("000118007000", "道路货物运输经营许可", "Road freight permit"),
    _item("000122003000", "营业性演出许可", "Commercial performance permit"),
    _item("000117002000", "建筑工程施工许可", "Construction permit", "l"),
)

_BY_CODE = {item.code: item for item in CATALOGUE}


def service_item(code: str) -> ServiceItem | None:
    """Return the service item of a 31-symbol code, or None."""
    return _BY_CODE.get(code)
