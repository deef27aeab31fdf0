"""What a slip says: Chinese first, then English, the number on a line of its own, and what to do next. Pure."""

from __future__ import annotations

import textwrap
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contract.ids import show_receipt_number
from edge.core.visit import Occasion
from edge.services.failure_texts import FAILURES

# The narrow paper (58 mm, 384 dots, 12 dots a column); a Chinese sign takes two columns.
COLUMNS = 32
REPRINT = "*** 补打 REPRINT ***"
_STOPS = "，。；：、”）"
_RULE = "-" * COLUMNS
_FRAME = "=" * COLUMNS

_TITLES: dict[Occasion, tuple[str, str]] = {
    "deposit_done": ("收件凭条", "RECEIPT OF PAPERS"),
    "deposit_failed": ("没有收件", "NOTHING WAS TAKEN"),
    "deposit_doubtful": ("收件情况待核实", "DEPOSIT TO BE CHECKED"),
    "turned_away": ("没有合适的空柜", "NO COMPARTMENT IS FREE"),
    "waiting": ("等候空柜", "WAITING FOR A COMPARTMENT"),
    "trolley": ("装车清单", "TROLLEY LIST"),
    "submission_done": ("收件凭条", "RECEIPT OF DOCUMENTS"),
    "print_failed": ("没有打印", "NOT PRINTED"),
    "print_doubtful": ("打印情况待核实", "PRINTING TO BE CHECKED"),
    "pickup_failed": ("取件未成", "NOT COLLECTED"),
    "pickup_doubtful": ("取件情况待核实", "PICKUP TO BE CHECKED"),
    "pickup_missing": ("柜内没有证件", "DOCUMENT NOT INSIDE"),
    "pickup_wrong": ("柜内不是本人证件", "ANOTHER'S DOCUMENT"),
}
_NEXT: dict[Occasion, tuple[str, str]] = {
    "deposit_done": (
        "工作人员上班后取出文件。请保存收件编号，查询时要用。收件不等于受理。",
        "Staff take the papers out when they start work. Keep this number to ask about them. "
        "Receipt is not yet acceptance.",
    ),
    "deposit_doubtful": (
        "机器不能确定文件是否在柜内。这个柜子不再给别人使用，工作人员会来查看。请保存收件编号，到服务窗口询问。",
        "It is not certain that papers are inside. Nobody else can use this compartment; staff will look. "
        "Keep this number and ask at a service window.",
    ),
    "deposit_failed": (
        "柜门打不开，文件还在您手里。请换个时间再来，或到服务窗口办理。询问时请说这个编号。",
        "The door did not open; you still have your papers. Come again later or use a service window. "
        "Say this number when you ask.",
    ),
    "turned_away": (
        "文件还在您手里。请到服务窗口交件，或用快递寄来。询问时请说这个编号。",
        "You still have your papers. Hand them in at a service window, or send them by courier. "
        "Say this number when you ask.",
    ),
    "waiting": (
        "有空柜时，我们按先后顺序发短信告诉您。空柜不预留，半小时内只通知一人。文件还在您手里。询问时请说这个编号。",
        "We text you in turn when a compartment is free. It is not held for you, but nobody else is told of it for "
        "half an hour. You still have your papers. Say this number when you ask.",
    ),
    "submission_done": (
        "工作人员上班后查看。请保存收件编号，查询时要用。收件不等于受理。",
        "Staff look at it when they start work. Keep this number to ask about it. Receipt is not yet acceptance.",
    ),
    "trolley": (
        "请按清单核对。有差异的证件连同这个编号交给负责人。",
        "Check against this list. Hand what differs to the person in charge, with this number.",
    ),
    "print_failed": (
        "没有打出任何东西，证照不受影响，可以再打印，或到服务窗口办理。询问时请说这个编号。",
        "Nothing came out. Your paper is not lost: print it again, or ask at a service window. "
        "Say this number when you ask.",
    ),
    "print_doubtful": (
        "机器不能确定是否打出。为防止重复，这里不会再打，工作人员会查看。请凭这个编号到服务窗口询问。",
        "It is not certain that it was printed. So that there are never two, it is not printed again here; staff will "
        "look. Bring this number to a service window.",
    ),
    "pickup_failed": (
        "柜门没有打开。证件还安全地锁在柜里，取件码仍然有效。可以再试一次，或凭这个编号到服务窗口。",
        "The door did not open. Your document is safe inside and your code is still good. "
        "Try again, or bring this number to a service window.",
    ),
    "pickup_missing": (
        "您报告柜内没有您的证件，已记录并通知工作人员。请凭这个编号到服务窗口，我们会查清并联系您。",
        "You said that your document was not inside. It is on record and staff are told. "
        "Bring this number to a service window: they find out what happened.",
    ),
    "pickup_wrong": (
        "您报告柜内不是您的证件并已放回，已记录并通知工作人员。请凭这个编号到服务窗口领取您的证件。",
        "You said that the document was not yours and put it back. It is on record and staff are told. "
        "Bring this number to a service window for your own.",
    ),
    "pickup_doubtful": (
        "这个柜子不再给别人使用，工作人员会来查看。请凭这个编号到服务窗口询问。",
        "Nobody else can use this compartment; staff will look inside. Bring this number to a service window.",
    ),
}


@dataclass(frozen=True, slots=True)
class SlipText:
    """The facts of one slip."""

    occasion: Occasion
    station_zh: str
    station_en: str
    compartment: int
    at: datetime
    receipt_number: str
    count: int | None = None
    detail: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return the lines to print, at most 32 columns each."""
        title_zh, title_en = _TITLES[self.occasion]
        next_zh, next_en = _NEXT[self.occasion]
        # Text mode has one size only: a frame and a line of its own make the number the first thing the eye finds.
        return [
            *fold(self.station_zh),
            *fold(self.station_en),
            _RULE,
            title_zh,
            title_en,
            _FRAME,
            "收件编号 Receipt number",
            "",
            show_receipt_number(self.receipt_number).center(COLUMNS).rstrip(),
            _FRAME,
            *([f"柜号 Compartment  {self.compartment}"] if self.compartment else []),
            *([f"件数 Pieces  {self.count}"] if self.count is not None else []),
            f"时间 Time  {self.at:%Y-%m-%d %H:%M}",
            *(line for each in self.detail for line in fold(each)),
            _RULE,
            *fold(next_zh),
            *fold(next_en),
        ]

    @property
    def layout(self) -> str:
        """The layout that this slip is set from."""
        return layout_of(self.occasion)

    def facts(self, *, again: bool) -> dict[str, Any]:
        """Return what its layout is told; `again` marks it as printed later than it should have been."""
        title_zh, title_en = _TITLES[self.occasion]
        return {
            "station_zh": self.station_zh,
            "station_en": self.station_en,
            "title_zh": title_zh,
            "title_en": title_en,
            "number": show_receipt_number(self.receipt_number),
            "rows": [{"zh": zh, "en": en, "value": value} for zh, en, value in self._rows()],
            "details": [line.strip() for line in self.detail if line.strip()],
            # Windows scan it instead of typing: the number alone, which says nothing about anybody.
            "qr": self.receipt_number,
            "reprint": again,
            **self._said(),
        }

    def _rows(self) -> list[tuple[str, str, str]]:
        rows = [("柜号", "Compartment", str(self.compartment))] if self.compartment else []
        rows += [("件数", "Pieces", str(self.count))] if self.count is not None else []
        return [*rows, ("时间", "Time", f"{self.at:%Y-%m-%d %H:%M}")]

    def _said(self) -> dict[str, str]:
        failure = FAILURES.get(self.occasion)
        parts = {"next": _NEXT[self.occasion]} if failure is None else failure._asdict()
        return {
            f"{part}_{tongue}": text
            for part, both in parts.items()
            for tongue, text in zip(("zh", "en"), both, strict=True)
        }


def layout_of(occasion: Occasion) -> str:
    """Return the layout of a slip: those of failures say what happened and where the person's things are."""
    return "failure" if occasion in FAILURES else "receipt"


def test_lines(station_zh: str, station_en: str, at: datetime) -> list[str]:
    """Return the lines of a slip that only shows that the printer prints; it carries no number of anybody."""
    return [
        *fold(station_zh),
        *fold(station_en),
        _RULE,
        "打印测试",
        "PRINTER TEST",
        f"时间 Time  {at:%Y-%m-%d %H:%M}",
        _RULE,
        *fold("本条仅供检修，不是凭条。"),
        *fold("For maintenance only. This is not a receipt."),
    ]


def reprint(lines: list[str]) -> list[str]:
    """Mark the lines of a slip that is printed later than it should have been."""
    return [REPRINT, *lines]


def width(text: str) -> int:
    """Return the columns that a text takes on paper."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def fold(text: str, columns: int = COLUMNS) -> list[str]:
    """Break a text into lines of at most `columns`: at spaces, and in Chinese anywhere but before a stop."""
    if text.isascii():
        return textwrap.wrap(text, columns)
    lines = [""]
    for sign in text:
        if width(lines[-1] + sign) > columns:
            # A stop never begins a line: it takes the sign before it along.
            taken = lines[-1][-1] if sign in _STOPS else ""
            lines[-1] = lines[-1].removesuffix(taken)
            lines.append(taken)
        lines[-1] += sign
    return lines
