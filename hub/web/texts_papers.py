"""Words of the desk for papers that stations print; part of `texts.py`."""

from __future__ import annotations

PAPER_TEXTS: dict[str, tuple[str, str]] = {
    "order_odd": ("打印任务内容不完整或不合规。", "The print order is incomplete or wrong."),
    "order_too_large": ("打印内容为空或超过 8 MB。", "The content is empty or larger than 8 MB."),
    "order_known": ("同一编号的打印任务已存在，内容不同。", "Another print order has this id."),
    "order_unknown": ("没有这个打印任务。", "There is no such print order."),
    "client_name_odd": (
        "业务系统名须为2至32个小写字母、数字或连字符。",
        "A program's name has 2 to 32 small letters, digits or hyphens.",
    ),
    "client_unknown": ("没有这个业务系统。", "There is no such program."),
    "original_live": (
        "该企业已有有效正本，须先收回旧正本。",
        "The company has a valid original; the old one must be given back first.",
    ),
    "document_print": ("打印清单", "papers to print"),
    "task_paper": ("打印结果不明", "print in doubt"),
    "task_paper_left": ("纸张无人取走", "paper left behind"),
}
