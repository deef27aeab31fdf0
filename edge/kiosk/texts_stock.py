"""Sentences of the pages of the blank stock, for staff; part of the table in `texts.py`."""

from __future__ import annotations

_PAGE = {
    "stock_page": ("空白证照", "Blank stock"),
    "stock_open": ("空白证照：领入、装纸、作废、盘点", "Blank stock: receive, load, void, count"),
    "stock_count": ("盘点", "Count"),
    "stock_sum": (
        "领入 {received} = 库存 {in_store} + 纸盒 {in_tray} + 已打印 {printed} + 作废 {voided}",
        "received {received} = in store {in_store} + in trays {in_tray} + printed {printed} + void {voided}",
    ),
    "stock_of_them": (
        "纸盒里待查看 {to_inspect}，作废里已销毁 {destroyed}",
        "of those in trays {to_inspect} to be looked at, of the void ones {destroyed} destroyed",
    ),
    "stock_balanced": ("账实相符", "It adds up"),
    "stock_unbalanced": ("对不上！请停止打印，清点纸张并报告", "It does not add up! Stop printing, count and report"),
    "stock_none": ("还没有领入空白证照。", "No blanks were received yet."),
    "stock_trays": ("纸盒", "Trays"),
    "stock_tray": ("纸盒 {tray}", "Tray {tray}"),
    "stock_lies": ("{sheets} 张：{first} 至 {last}", "{sheets} sheets: {first} to {last}"),
    "stock_empty": ("空", "empty"),
    "stock_busy": ("有一张正在打印或等待查看", "a sheet is being printed, or waits to be looked at"),
    "stock_load_button": ("装纸", "Load"),
    "stock_unload_button": ("全部取回", "Take all back"),
    "stock_inspect": ("等待查看的证照", "Sheets to be looked at"),
    "stock_inspect_why": (
        "不能确定这一张是否打印了。请打开打印机找到它，再选择。查看前该纸盒不再打印。",
        "Nobody knows whether this sheet was printed. Find it in the printer, then choose. Its tray prints "
        "nothing until then.",
    ),
    "found_printed": ("已打印完好", "Printed well"),
    "found_blank": ("仍是空白", "Still blank"),
    "found_spoiled": ("已损坏：作废", "Spoiled: void it"),
    "stock_receive_button": ("领入新的号段", "Receive a range"),
    "stock_void_button": ("作废一张", "Void a sheet"),
    "stock_voided_list": ("待销毁的作废证照", "Void sheets to be destroyed"),
    "stock_print_count": ("打印盘点单", "Print the count"),
    "stock_print_list": ("打印销毁清单", "Print the list"),
    "stock_destroy_button": ("已按清单销毁", "Destroyed by list"),
    "stock_paper_printed": ("已打印，请签字存档。", "Printed: please sign and file it."),
    "stock_paper_unverified": ("不能确定是否打印。", "It is not certain that it was printed."),
}

_FORMS = {
    "stock_receive_title": ("领入空白证照", "Receive blanks"),
    "stock_load_title": ("装入纸盒 {tray}", "Load tray {tray}"),
    "stock_range_why": (
        "请看第一张和最后一张上印的编号。纸张按编号顺序使用。",
        "Read the numbers on the first and the last sheet. Sheets are used in the order of their numbers.",
    ),
    "stock_kind": ("种类", "Kind"),
    "stock_choose_kind": ("请选择", "Please choose"),
    "stock_first": ("第一张编号", "First number"),
    "stock_last": ("最后一张编号", "Last number"),
    "stock_receive_do": ("领入", "Receive"),
    "stock_load_do": ("已装入", "Loaded"),
    "stock_void_title": ("作废一张空白证照", "Void a sheet"),
    "stock_number": ("这一张的编号", "Number of the sheet"),
    "stock_void_why": ("原因（记入审计）", "Reason (goes on record)"),
    "stock_void_next": ("下一步：第二人签到", "Next: a second person signs"),
    "reason_void_damaged": ("撕破、受潮或弄脏", "Torn, wet or dirty"),
    "reason_void_jammed": ("卡纸损坏", "Spoiled by a jam"),
    "reason_void_misprinted": ("打印错误", "Misprinted"),
    "reason_void_lost": ("找不到", "Cannot be found"),
    "reason_void_other": ("其他，已另行书面记录", "Other, recorded in writing elsewhere"),
    "stock_second_title": ("两人共同确认", "Two persons confirm"),
    "stock_second_void": (
        "作废 {number}。作废的纸张要保存到销毁为止。",
        "Void {number}. Keep the sheet until it is destroyed.",
    ),
    "stock_second_spoiled": (
        "{number} 已损坏，作废。作废的纸张要保存到销毁为止。",
        "{number} is spoiled and made void. Keep the sheet until it is destroyed.",
    ),
    "stock_second_destroy": (
        "清单上的 {count} 张已当着两人的面销毁：",
        "The {count} sheets of the list were destroyed before both of you:",
    ),
    "stock_second_badge": ("第二人的工号", "Badge of the second person"),
    "stock_sign": ("第二人确认", "The second person confirms"),
}

_SAID = {
    "stock_received": ("已领入 {count} 张。", "{count} sheets received."),
    "stock_loaded": ("已装入 {count} 张。", "{count} sheets loaded."),
    "stock_unloaded": ("已取回 {count} 张，请放回库里。", "{count} sheets taken back: put them into the store."),
    "stock_looked_at": ("{number} 已记录。", "{number} is on record."),
    "stock_voided": ("已作废 {count} 张，请收好。", "{count} made void: keep it."),
    "stock_destroyed": ("已记录销毁 {count} 张。", "{count} recorded as destroyed."),
    "blank_wrong_range": (
        "号段不对：两个编号的字母和位数要相同，最多 5000 张。",
        "That is no range: both numbers need the same letters and length, and at most 5000 sheets.",
    ),
    "blank_known_number": ("其中有编号以前领入过。", "One of these numbers was received before."),
    "blank_unknown_number": ("没有领入过这个编号。", "This number was never received."),
    "blank_not_in_store": ("其中有纸张不在库里。", "Not all of these sheets are in the store."),
    "blank_wrong_stock": ("种类不对：这个纸盒不用这种纸。", "Wrong kind: this tray takes another stock."),
    "blank_out_of_order": (
        "编号接不上纸盒里的最后一张。请先取回，再按顺序装。",
        "The numbers do not follow the last sheet in the tray. Take it back first, then load in order.",
    ),
    "blank_tray_empty": ("这个纸盒是空的。", "This tray is empty."),
    "blank_in_use": ("打印机正在用这个纸盒。", "The printer is using this tray."),
    "blank_to_inspect": ("请先查看等待查看的那一张。", "Look first at the sheet that waits to be looked at."),
    "blank_not_to_inspect": ("这一张已经查看过了。", "This sheet was looked at already."),
    "blank_not_voidable": (
        "这一张不能作废：已作废，或正在打印。",
        "It cannot be made void: it is, or it is being printed.",
    ),
    "blank_not_voided": ("没有可以销毁的作废证照。", "There are no void sheets to be destroyed."),
    "blank_kind_first": ("请先选择种类。", "Choose the kind first."),
    "blank_two_persons": ("需要两个人。", "This takes two persons."),
    "blank_no_reason": ("请选择原因。", "Please choose a reason."),
}

STOCK_TEXTS: dict[str, tuple[str, str]] = _PAGE | _FORMS | _SAID
