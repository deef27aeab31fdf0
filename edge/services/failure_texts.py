"""What a slip of the layout `failure` says: what happened, where the person's things are, what to do. Pure.

The rules of such slips: no blame, no words of machines, the things of the person named before anything is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from edge.core.visit import Occasion


class Failure(NamedTuple):
    """Three paragraphs, Chinese and English each."""

    happened: tuple[str, str]
    safe: tuple[str, str]
    next: tuple[str, str]


_IN_HAND = ("文件还在您手里。", "You still have your papers.")
_WINDOW = (
    "请凭这个编号到服务窗口询问。",
    "Bring this number to a service window.",
)

FAILURES: Mapping[Occasion, Failure] = {
    "deposit_failed": Failure(
        ("柜门打不开，没有收件。", "The door did not open. Nothing was taken."),
        _IN_HAND,
        (
            "请换个时间再来，或到服务窗口办理。询问时请说这个编号。",
            "Come again later or use a service window. Say this number when you ask.",
        ),
    ),
    "deposit_doubtful": Failure(
        ("机器不能确定文件是否在柜内。", "It is not certain that papers are inside."),
        (
            "这个柜子不再给别人使用，工作人员会来查看。",
            "Nobody else can use this compartment; staff will look.",
        ),
        (
            "请保存收件编号，到服务窗口询问。",
            "Keep this number and ask at a service window.",
        ),
    ),
    "turned_away": Failure(
        ("现在没有合适的空柜。", "No compartment that fits is free now."),
        _IN_HAND,
        (
            "请到服务窗口交件，或用快递寄来。询问时请说这个编号。",
            "Hand them in at a service window, or send them by courier. Say this number when you ask.",
        ),
    ),
    "print_failed": Failure(
        ("没有打出任何东西。", "Nothing came out."),
        ("证照不受影响。", "Your paper is not lost."),
        (
            "可以再打印，或到服务窗口办理。询问时请说这个编号。",
            "Print it again, or ask at a service window. Say this number when you ask.",
        ),
    ),
    "print_doubtful": Failure(
        ("机器不能确定是否打出。", "It is not certain that it was printed."),
        (
            "为防止重复，这里不会再打，工作人员会查看。",
            "So that there are never two, it is not printed again here; staff will look.",
        ),
        _WINDOW,
    ),
    "pickup_failed": Failure(
        ("柜门没有打开。", "The door did not open."),
        (
            "证件还安全地锁在柜里，取件码仍然有效。",
            "Your document is safe inside and your code is still good.",
        ),
        (
            "可以再试一次，或凭这个编号到服务窗口。",
            "Try again, or bring this number to a service window.",
        ),
    ),
    "pickup_doubtful": Failure(
        ("机器不能确定证件是否已取走。", "It is not certain that the document was taken."),
        (
            "这个柜子不再给别人使用，工作人员会来查看。",
            "Nobody else can use this compartment; staff will look inside.",
        ),
        _WINDOW,
    ),
    "pickup_missing": Failure(
        ("您报告柜内没有您的证件。", "You said that your document was not inside."),
        ("已记录并通知工作人员。", "It is on record and staff are told."),
        (
            "请凭这个编号到服务窗口，我们会查清并联系您。",
            "Bring this number to a service window: they find out what happened.",
        ),
    ),
    "pickup_wrong": Failure(
        (
            "您报告柜内不是您的证件并已放回。",
            "You said that the document was not yours and put it back.",
        ),
        ("已记录并通知工作人员。", "It is on record and staff are told."),
        (
            "请凭这个编号到服务窗口领取您的证件。",
            "Bring this number to a service window for your own.",
        ),
    ),
}
"""The occasions whose slip is of the layout `failure`; all others are receipts."""
