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
    "papers": ("证照打印", "Papers"),
    "papers_note": (
        "业务系统下达的打印任务，以及站点上报的结果。",
        "What the back office ordered to be printed, and what stations reported of it.",
    ),
    "papers_open": ("待打印", "To print"),
    "papers_doubt": ("需要处理", "To look at"),
    "papers_out": ("已交付", "Handed over"),
    "papers_over": ("撤回和过期", "Withdrawn or expired"),
    "papers_none": ("没有这样的任务。", "None."),
    "paper_number": ("证照编号", "Number of the paper"),
    "paper_kind": ("种类", "Kind"),
    "paper_until": ("打印截止", "Print until"),
    "paper_to_kiosk": ("本人在终端打印", "printed by its owner at the kiosk"),
    "paper_to_pickup": ("工作人员打印后放入取件柜", "printed by staff for a compartment"),
    "paper_subject": ("企业", "Company"),
    "paper_stock": ("用纸", "Stock"),
    "paper_plain": ("普通A4纸", "plain A4"),
    "paper_returns": ("须先收回", "To be given back first"),
    "paper_is_back": ("已收回", "given back"),
    "paper_is_out": ("未收回", "not given back yet"),
    "paper_take_in": ("登记已收回", "It was given back"),
    "paper_not_asked_back": ("该任务不要求收回此证照。", "This order does not wait for that paper."),
    "paper_withdrawn_at": ("撤回时间", "Withdrawn"),
    "paper_content": ("内容摘要", "Hash of the content"),
    "paper_jobs": ("打印记录", "Print jobs"),
    "paper_no_jobs": ("站点还没有打印。", "The station has not printed it yet."),
    "paper_blank": ("空白证照号", "Blank"),
    "paper_hash": ("打印文件摘要", "Hash of the printed file"),
    "paper_look": (
        "不能确定是否印出：请两人到打印机旁核对这张纸，并在终端登记；系统不会自动重印。",
        "Nobody knows whether it came out: look at the sheet and say at the kiosk what you found. "
        "It is never printed again by itself.",
    ),
    "paper_fetch": (
        "纸张留在出纸口：请收好并登记。",
        "The paper was left in the output: take it into safe keeping.",
    ),
    "paper_take_back": ("撤回任务", "Take the order back"),
    "paper_take_back_note": (
        "站点离线时可能仍会打印；已打印的不能撤回。",
        "A station without a line may still print it; what is printed stays printed.",
    ),
}
