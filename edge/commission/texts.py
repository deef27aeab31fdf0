"""What the wizard says and asks, Chinese first and English complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["both", "zh", "en"]

TEXTS: Mapping[str, tuple[str, str]] = {
    # the search
    "searching": ("正在端口 {port} 以 {baud} 波特查找：{families}", "Searching {port} at {baud} baud: {families}"),
    "found": ("找到锁控板：{boards}", "Boards found: {boards}"),
    "nobody_answers": (
        "端口 {port} 上没有锁控板应答。请检查电源、A/B 接线和地址拨码，然后重试。",
        "No lock board answers on {port}. Check power, wires A and B and the address switches, then try again.",
    ),
    "only_noise": (
        "端口 {port} 上有信号但读不懂：可能两块板地址相同、A/B 接反、缺终端电阻，或是不支持的型号。",
        "Something answers on {port} that cannot be understood: two boards with one address, wires A and B exchanged, "
        "no terminating resistor, or a make that is not supported.",
    ),
    "two_families": (
        "端口 {port} 上有两种协议({facts})。不同协议的板不能共用一条总线：请分到不同端口。",
        "Two protocols answer on {port} ({facts}). Boards of different protocols "
        "must not share a wire: give each its own.",
    ),
    "two_speeds": (
        "端口 {port} 上各板波特率不同({facts})。请把所有板设为同一波特率。",
        "The boards on {port} speak at different speeds ({facts}). Set all of them to one speed.",
    ),
    "port_unusable": (
        "端口无法使用：{trouble}。若站点正在运行，请先停止。",
        "The port cannot be used: {trouble}. If the station is running, stop it first.",
    ),
    "station_runs": (
        "站点正在运行({folder} 被占用)。请先停止站点再调试。",
        "The station is running ({folder} is in use). Stop it before commissioning.",
    ),
    "not_empty": (
        "箱格 {numbers} 中有物品或状态存疑。请先全部清空，再更改接线。",
        "Compartments {numbers} hold something or are in doubt. Clear them all before the wiring is changed.",
    ),
    "board_unreadable": (
        "锁控板 {board} 应答不稳定，已停止。请检查接线、电源和是否有同地址的板。",
        "Board {board} does not answer reliably, stopped. Check its wires, its power, and "
        "for a second board of its address.",
    ),
    # meeting the doors
    "shut_all": ("请关好所有柜门。", "Shut every door."),
    "all_shut": ("全部已关", "All are shut"),
    "next_door": (
        "已认识 {count} 扇门。下一扇怎么开？",
        "{count} doors known. How is the next one opened?",
    ),
    "by_hand": ("我用钥匙开", "I open it by its key"),
    "by_lock": ("由程序开锁", "Let the program unlock one"),
    "all_met": ("所有门都开过了", "Every door was opened"),
    "open_one_by_hand": (
        "请用钥匙或机械解锁只打开一扇门，并让它开着。",
        "Open exactly one door by its key or mechanical release, and leave it open.",
    ),
    "it_is_open": ("已打开", "It is open"),
    "not_now": ("暂不", "Not now"),
    "may_i_unlock": (
        "是否允许程序逐个通电开锁？锁会弹开，请站开，并确认柜内无物品。每次开锁前都会再问。",
        "May the program power the locks, one at a time? Doors spring open: stand clear, and make sure that the "
        "cabinet is empty. It asks again before each one.",
    ),
    "yes_unlock": ("允许，我站在柜前", "Yes, I stand at the cabinet"),
    "never_unlock": ("不允许", "No"),
    "unlock_channel": (
        "将开锁：锁控板 {board} 第 {channel} 路。",
        "About to unlock: board {board}, channel {channel}.",
    ),
    "unlock": ("开锁", "Unlock"),
    "unlock_not_sent": (
        "开锁指令未能完整发出(锁控板 {board} 第 {channel} 路)。请看门是否打开，关好后再继续。",
        "The unlock could not be sent whole (board {board}, channel {channel}). See whether a door "
        "opened, shut it, go on.",
    ),
    "lock_rests": ("这把锁要先休息 {seconds} 秒。", "This lock rests for {seconds} s first."),
    "no_channel_left": ("所有通道都试过了。", "Every channel was tried."),
    "which_number": ("打开的那扇门上印的号码是？", "Which number is printed on the door that is open?"),
    "not_a_number": ("请输入 {least} 到 {most} 的数字。", "A number from {least} to {most}, please."),
    "shut_it": ("请把门关好。", "Shut it again."),
    "it_is_shut": ("已关好", "It is shut"),
    "start_picture_anew": ("重新记录全部关门的状态", "Look anew at all doors shut"),
    "not_as_before": (
        "传感器与全部关门时不同：门未关严，或另一扇门动了。请检查。",
        "The sensors differ from when all was shut: this door is not latched, or another one moved. Have a look.",
    ),
    "never_as_before": (
        "关门后传感器始终恢复不了，已停止。请检查门锁和传感器线。",
        "The sensors never came back to what they said with all doors shut, stopped. Check locks and sensor wires.",
    ),
    "none_moved": (
        "没有传感器变化。请确认只开了一扇门、它原先是关的、传感器线已接好，然后再来一次。",
        "No sensor moved. Make sure that one door was opened, that it was shut before and that its "
        "sensor is wired; again.",
    ),
    "several_moved": (
        "不止一个传感器变化(门：{doors})。请只开一扇；若只开了一扇，说明两路传感器线短接。",
        "More than one sensor moved (doors: {doors}). Open one only; if it was one only, two sensor wires touch.",
    ),
    "same_contact": (
        "{number} 号门与 {other} 号门动的是同一个传感器：号码说错，或两扇门并接。两扇都请重新来过。",
        "Door {number} moves the sensor of door {other}: a wrong number was said, or the two are wired "
        "together. Show both anew.",
    ),
    "number_twice": (
        "{number} 号被说了两次，但传感器不同。请重新打开两扇门并核对号码。",
        "Number {number} was said for two different sensors. Open both doors again and look at their numbers.",
    ),
    "number_in_file": (
        "{number} 号已属于另一端口的柜子。一个站点内号码不能重复。",
        "Number {number} belongs to a cabinet of another port already. A number stands once in a station.",
    ),
    "answers_contradict": (
        "{number} 号门：锁控板的两种回答互相矛盾，无法采用。请重新打开这扇门；若仍如此，请检查这一路的传感器。",
        "Door {number}: two kinds of answers of the board contradict each other. Show it anew; "
        "if it stays so, check its sensor.",
    ),
    "coil_and_sensor_differ": (
        "{number} 号门弹开了，但动的是另一路的传感器：锁线与传感器线接错。请改线后重来。",
        "Door {number} sprang open but the sensor of another channel moved: lock and sensor "
        "wires are exchanged. Mend them, then again.",
    ),
    "door_met": ("{number} 号门已记住，共 {count} 扇。", "Door {number} is known, {count} in all."),
    "no_door_yet": ("还没有认识任何门。", "No door is known yet."),
    # what was seen
    "doors_contradict": (
        "锁控板 {board}:{doors} 号门与其他门的开关方向相反。可能锁型不同，或开关门时顺序反了。请把这些门重新来过；"
        "若仍相反，请换成同一种锁。",
        "Board {board}: doors {doors} work the other way round than the rest. Locks of another make, or a door was "
        "shut when it should be opened. Show them anew; if it stays so, fit locks of one make.",
    ),
    "order_unclear": (
        "{number} 号门可能是两个通道之一。只有通电开锁才能分清。",
        "Door {number} may be one of two channels. Only unlocking tells which.",
    ),
    "order_unclear_refused": (
        "锁控板 {board} 的字节顺序没有弄清，不写入任何配置。请允许开锁后重来。",
        "The byte order of board {board} did not become clear; nothing is written. Come again and allow unlocking.",
    ),
    "still_ambiguous": (
        "锁控板 {board} 仍有多种可能({settings}),不写入任何配置。请把一扇门接到别的通道后重来。",
        "Board {board} may still be read in several ways ({settings}); nothing is written. Wire one "
        "door to another channel, then again.",
    ),
    "too_many_rounds": (
        "多次核对仍不一致，不写入任何配置。请对照号码和接线检查柜子后重来。",
        "The doors still do not agree after several rounds; nothing is written. Check numbers and "
        "wires, then come again.",
    ),
    # proving
    "prove_all_shut": (
        "现在按抽签顺序核对每扇门。请关好所有柜门。",
        "Now every door is proved, in an order drawn by lot. Shut every door.",
    ),
    "read_as_open": ("{doors} 号门读作开着。请关好。", "Doors {doors} are read as open. Shut them."),
    "prove_by_lock": ("将开锁：{number} 号门。", "About to unlock: door {number}."),
    "prove_by_hand": ("请用钥匙打开 {number} 号门。", "Open door {number} by its key."),
    "leave_out": ("打不开，先不用它", "It cannot be opened: leave it out"),
    "coils_must_move": (
        "继电器板 {board} 的线圈与传感器分开接线，只有通电开锁才能核对，不写入任何配置。请允许开锁后重来。",
        "On relay board {board} coils and sensors are wired apart: only unlocking proves them; nothing is written. "
        "Come again and allow unlocking.",
    ),
    "coil_not_proved": (
        "{number} 号门的锁没有由自己的继电器打开，先不用它。",
        "Door {number} was not opened by its own relay: it is left out.",
    ),
    "door_proved": ("{number} 号门核对无误。", "Door {number} is proved."),
    "proof_failed": (
        "{number} 号门核对不符。{doors} 号门需要重新认识。",
        "Door {number} is not what was learned. Doors {doors} have to be met anew.",
    ),
    # sizes and places
    "doors_per_column": ("每列从上到下有几扇门？", "How many doors has a column, from top to bottom?"),
    "sizes_of_column": (
        "一列从上到下的尺寸(s 小、m 中、l 大)?",
        "Sizes of a column from top to bottom (s small, m medium, l large)?",
    ),
    "reaches_of_column": (
        "一列从上到下的高度(h 高、m 中、l 低)?",
        "Reach of a column from top to bottom (h high, m middle, l low)?",
    ),
    "not_a_pattern": ("只能用这些字母：{letters}", "Only these letters: {letters}"),
    "places": ("号码、尺寸、高度：\n{table}", "Number, size, reach:\n{table}"),
    "places_right": ("对吗？", "Right?"),
    "right": ("对", "Right"),
    "change_one": ("改一扇门", "Change one door"),
    "change_which": ("改哪一号？", "Which number?"),
    "which_size": ("{number} 号门的尺寸？", "Size of door {number}?"),
    "which_reach": ("{number} 号门的高度？", "Reach of door {number}?"),
    "s": ("小 s", "small s"),
    "m": ("中 m", "medium m"),
    "l": ("大 l", "large l"),
    "high": ("高位", "high"),
    "middle": ("中位", "middle"),
    "low": ("低位", "low"),
    # the end
    "summary": (
        "共 {count} 扇门。\n{boards}\n{doors}\n未通电试过的锁：{untried}",
        "{count} doors.\n{boards}\n{doors}\nLocks that were never powered: {untried}",
    ),
    "cabinets_left_out": (
        "文件中的柜体图与这些门不符({trouble})。新文件不含 [[cabinets]],旧内容保留在 .bak 中。",
        "The cabinets described in the file do not fit these doors ({trouble}). The new file goes without "
        "[[cabinets]]; they stay in the .bak.",
    ),
    "write_it": ("写入站点文件？旧文件保留为 .bak。", "Write the station's file? The old one stays as .bak."),
    "write": ("写入", "Write"),
    "leave": ("不写，离开", "Leave without writing"),
    "written": (
        "已写入 {file}，旧文件为 {file}.bak。门签：{labels}",
        "Written: {file}, the old one is {file}.bak. Door labels: {labels}",
    ),
    "left": ("已离开，站点文件未改动。", "Left; the station's file is as it was."),
    # on the screen
    "title": ("柜锁调试", "Commissioning of the lockers"),
    "working": ("正在读取锁控板，请稍候……", "Asking the boards, one moment…"),
    "ok": ("确定", "OK"),
    "file_wrong": ("站点文件有误：{trouble}", "The station's file is wrong: {trouble}"),
    "back_to_station": ("调试结束。", "The wizard has ended."),
    "back": ("重新启动站点", "Start the station again"),
    "choose_one": ("请输入序号。", "Type the number in front of it."),
}


def say(key: str, language: Language, facts: Mapping[str, object]) -> str:
    """Return a text with its facts; Chinese above English when both are wanted."""
    chinese, english = TEXTS[key]
    wanted = {"both": (chinese, english), "zh": (chinese,), "en": (english,)}[language]
    return "\n".join(text.format(**facts) for text in wanted)


def word(key: str, language: Language) -> str:
    """Return an option on one line."""
    return say(key, language, {}).replace("\n", " ")
