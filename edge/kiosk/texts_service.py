"""Sentences of the technician's page and of doors whose sensor is not believed; part of the table in `texts.py`."""

from __future__ import annotations

_TECHNICIAN = {
    "technician_page": ("检修", "Maintenance"),
    "troubled": ("停用或存疑的柜子", "Out of service or in doubt"),
    "door_reads_open": ("门磁显示：开", "the sensor reads: open"),
    "door_reads_closed": ("门磁显示：关", "the sensor reads: closed"),
    "door_reads_unknown": ("门磁没有读数", "the sensor cannot be read"),
    "return_button": ("已修好，恢复使用", "Mended: back in service"),
    "reason_sensor_stuck": ("门磁与实际不符", "its sensor does not tell the truth"),
    "reason_flapping": ("门磁不停跳动", "its sensor flickers"),
    "reason_failed_test": ("试开不正常", "it failed a test"),
    "reason_command": ("远程停用", "taken out from afar"),
    "reason_silent": ("没有回应", "silent"),
    "devices": ("设备", "Devices"),
    "board": ("锁控板 {name}", "Lock board {name}"),
    "board_answers": ("正常", "answers"),
    "board_silent": ("没有回应", "silent"),
    "printer": ("凭条打印机", "Slip printer"),
    "document_camera": ("高拍仪", "Document camera"),
    "camera_ok": ("正常", "no fault known"),
    "reason_gone": (
        "没有接上，或不是设置里的那一台。请检查电源和插头",
        "not connected, or not the one that is set. Check power and plug",
    ),
    "reason_hung": ("已接上但没有画面。请拔下再插", "connected, but silent. Unplug it and plug it in again"),
    "reason_stale": ("画面一直不变。请拔下再插", "the same picture again and again. Unplug it and plug it in again"),
    "reason_uncalibrated": ("还没有校准。请先校准", "not calibrated yet. Calibrate it"),
    "reason_moved": (
        "桌垫四角的标记移动超过 1 毫米。请把高拍仪和桌垫固定好，重新校准",
        "the marks of the mat have moved by more than 1 mm. Fix camera and mat, then calibrate again",
    ),
    "reason_unseen": (
        "看不到桌垫四角的标记。请清空桌垫、擦净镜头再自检；还不行就重新校准",
        "the marks of the mat cannot be seen. Clear the mat, wipe the lens, test again; else calibrate again",
    ),
    "reason_other_size": (
        "画面大小与校准时不同。请检查型号和设置，重新校准",
        "pictures of another size than calibrated. Check model and settings, calibrate again",
    ),
    "reason_not_locked": (
        "焦距或曝光没有锁在设置的值上。请检查设置，或换一台",
        "focus or exposure are not locked as set. Check the settings, or exchange the camera",
    ),
    "reason_no_worker": (
        "读U盘的程序启动不了。请看日志，重新安装软件",
        "the program that reads drives does not start. See the log, install the software anew",
    ),
    "reason_no_scanner": (
        "病毒检查程序（clamd）没有回应，现在不收U盘文件。请检查它是否在运行",
        "the virus scanner (clamd) does not answer, so no file of a drive is taken. See that it runs",
    ),
    "reason_reader_gone": (
        "没有接上，或被别的程序占用。请检查插头和设置里的端口",
        "not connected, or another program holds it. Check the plug, and the port in the settings",
    ),
    "reason_reader_silent": (
        "已接上但没有回应。请检查电源、波特率和型号设置",
        "connected, but silent. Check its power, the baud rate and the family in the settings",
    ),
    "reason_reader_noise": (
        "回应的内容看不懂。请检查波特率、型号设置和接线",
        "answers nonsense. Check the baud rate, the family in the settings and the cable",
    ),
    "reason_sam_failed": (
        "读卡器的安全模块自检没有通过。请断电重启；还不行就更换",
        "the security module failed its own test. Switch it off and on; else exchange the reader",
    ),
    "reason_sam_refused": (
        "读卡器的安全模块没有授权。请联系供应商",
        "the security module is not authorised. Ask the supplier",
    ),
    "licence_printer": ("证照打印机", "Licence printer"),
    "printer_ok": ("正常", "no fault known"),
    "printer_none": ("没有安装", "not fitted"),
    "printer_fault": ("故障：{fault}", "fault: {fault}"),
    "roll": ("凭条纸卷", "Roll of the receipt printer"),
    "roll_left": ("约剩 {metres} 米", "about {metres} m left"),
    "roll_unknown": ("剩余长度不明", "how much is left is not known"),
    "roll_days": ("按近日用量约可再用 {days} 天", "about {days} more days at the use of the last days"),
    "roll_days_unknown": ("可用天数不明", "for how many days is not known"),
    "roll_used": ("已打印 {metres} 米，切纸 {cuts} 次", "{metres} m printed, {cuts} cuts"),
    "new_roll_button": ("已换上新纸卷", "A new roll is in"),
    "reason_paper_out": ("纸已用完，请换新纸卷", "the paper is used up: put a new roll in"),
    "reason_paper_near_end": ("纸将尽，请换新纸卷", "the paper is nearly used up: put a new roll in"),
    "reason_paper_low": ("纸不多了，请备好新纸卷", "the paper will end soon: have a new roll ready"),
    "roll_not_ready": (
        "打印机还没准备好：请装好纸卷、合上盖子再试。",
        "The printer is not ready: put the roll in, close the cover and try again.",
    ),
    "tested": ("自检结果", "Self-test"),
    "test_passed": ("通过", "passed"),
    "test_failed": ("未通过（{fault}）", "failed ({fault})"),
    "test_slip_printed": ("测试条已打印。", "The test slip was printed."),
    "test_slip_unverified": ("不能确定测试条是否打印。", "It is not certain that the test slip was printed."),
    "self_test_button": ("全部设备自检", "Test all devices"),
    "test_print_button": ("打印测试条", "Print a test slip"),
    "doors_in_service_mode": ("开门（仅限检修模式）", "Doors (in service mode only)"),
    "test_unlock_label": ("试开一个空柜", "Test one free compartment"),
    "test_unlock_button": ("试开", "Test"),
    "second_button": ("应急开门：请第二人签到", "Emergency release: a second person signs"),
    "second_title": ("第二人签到", "The second person signs"),
    "second_why": (
        "应急开门要两个人同时在场。请另一位有检修权限的人员刷工牌并输入密码。",
        "An emergency release takes two persons, both here. Another person with the right to service signs now.",
    ),
    "second_sign": ("签到", "Sign"),
    "two_persons": (
        "在场两人：{first}、{second}。只能开一个柜门，下一个要重新签到。",
        "Two persons: {first} and {second}. One door only; the next needs a new signature.",
    ),
    "release_number": ("要打开的柜子", "Compartment to open"),
    "release_why": ("原因（记入审计）", "Reason (goes on record)"),
    "release_button": ("应急打开这一个柜门", "Open this one door"),
    "reason_release_jammed": ("锁舌卡住，柜内有物品", "The bolt is jammed and something is inside"),
    "reason_release_citizen": ("市民物品被锁在柜内", "Something of a citizen is locked in"),
    "reason_release_hazard": ("柜内有危险（烟、水、异味等）", "Danger inside: smoke, water, smell"),
    "reason_release_order": ("依法依规要求打开", "A lawful order"),
    "reason_release_other": ("其他，已另行书面记录", "Other, recorded in writing elsewhere"),
    "release_by_key": (
        "电锁没有弹开。本次开门已获授权：可以用应急钥匙打开 {number} 号柜。",
        "The lock did not release. This opening is permitted: "
        "compartment {number} may be opened with the emergency key.",
    ),
    "service_opening": ("正在试开柜门", "Testing the door"),
    "service_open": ("柜门已打开，请检查", "The door is open: please check it"),
    "service_step_put": ("检查 {number} 号柜的锁、门和柜内", "Check lock, leaf and inside of compartment {number}"),
    "service_step_shut": ("把门关好", "Shut the door"),
    "service_step_wait": ("门关好后，本屏会自动继续", "This screen goes on by itself"),
    "service_closed": ("这个柜门正常吗？", "Is this door in order?"),
    "service_yes": ("正常，柜内是空的", "In order, nothing inside"),
    "service_no": ("不正常，柜内是空的：停用", "Not in order, nothing inside: take it out"),
    "service_left": ("柜内有东西，没有动", "Something lies inside; I left it"),
    "service_done": ("试开完成", "Tested"),
    "service_done_next": ("结果已记录。", "The result is on record."),
    "service_failed": ("柜门打不开", "The door did not open"),
    "service_failed_next": ("该柜已停用，请修理后再试。", "It is out of service. Repair it and test again."),
    "service_cancelled": ("已取消", "Cancelled"),
    "service_doubtful": ("不能确定柜内情况", "What is inside is not certain"),
    "service_doubtful_next": (
        "请从“停用或存疑的柜子”里打开查看。",
        "Open it from “Out of service or in doubt” and look.",
    ),
    "release_opening": ("正在应急打开柜门", "Emergency release"),
    "release_open": ("柜门已打开", "The door is open"),
    "release_step_put": ("两人一起查看 {number} 号柜", "Look into compartment {number} together"),
    "release_step_shut": ("处理完后把门关好", "Shut the door when you are done"),
    "release_step_wait": ("门关好后，请两人共同说明柜内情况", "Then both state what is inside"),
    "release_closed": ("两人共同确认：柜内情况如何？", "Both state: what about the inside?"),
    "release_yes": ("里面的物品已取出", "We took out what was inside"),
    "release_no": ("柜子本来就是空的", "It was empty"),
    "release_left": ("原样没动", "Everything is as it was"),
    "release_done": ("应急开门已记录", "The release is on record"),
    "release_done_next": ("取出的物品请两人共同交接。", "Hand over together what you took out."),
    "release_failed": ("柜门没有打开", "The door was not opened"),
    "release_failed_next": (
        "里面的物品没有动。再试需要第二人重新签到。",
        "What lies inside was not touched. Another try needs a new signature.",
    ),
    "release_cancelled": ("已取消，柜门没有打开", "Cancelled. The door was not opened"),
    "release_doubtful": ("没有说明柜内情况", "Nobody stated what is inside"),
    "release_doubtful_next": (
        "该柜存疑，请从“停用或存疑的柜子”里打开查看。",
        "The compartment is in doubt: open it from “Out of service or in doubt” and look.",
    ),
    "worn": ("应保养的柜门", "Doors that want upkeep"),
    "worn_openings": (
        "上次保养以来开门 {since} 次，一共 {ever} 次",
        "opened {since} times since its last upkeep, {ever} in all",
    ),
    "looked_after_button": ("已保养：锁、铰链、门磁", "Looked after: lock, hinge, sensor"),
    "service_mode_first": ("请先开启检修模式。", "Arm service mode first."),
    "second_person_first": ("应急开门需要第二人先签到。", "A second person must sign first."),
    "same_person": ("第二人必须是另一个人。", "The second person must be somebody else."),
    "reason_first": ("请选择原因。", "Please choose a reason."),
    "not_free": ("只能试开空柜。", "Only a free compartment can be tested."),
    "door_not_closed": (
        "门磁没有显示“关”，不能恢复使用。",
        "The sensor does not read closed: it cannot come back into service.",
    ),
    "look_first": (
        "请先打开查看：柜内情况或门磁还不能确定。",
        "Open it and look first: the inside or the sensor is not certain.",
    ),
}

_SENSOR = {
    "says_shut": ("门已关好，但屏幕没有变化", "The door is shut, but this screen does not change"),
    "says_open": ("{number} 号柜门其实开着", "Compartment {number} is open after all"),
    "still_reads_open": (
        "机器看到门还开着。请用力推一下，听到“咔”一声；几秒后还没有变化，请再按一次。",
        "The machine still sees it open. Please push it until it clicks; "
        "if nothing changes in a few seconds, press again.",
    ),
    "sensor_broken": (
        "{number} 号柜的门磁坏了，不是您的错。请把门推上；该柜已停用，没有别人能用，工作人员会来查看。",
        "The sensor of compartment {number} is broken; that is not your fault. Please push the door to. "
        "It is out of service: nobody else can use it, and staff will look.",
    ),
}

_INSIDE = {
    "something_inside": (
        "柜里好像还有东西。请再打开看一下；如果确实没有了，请再按一次。",
        "Something still seems to lie inside. Please open it and look once more; if it is empty, press again.",
    ),
    "nothing_seen_inside": (
        "机器没有看到柜里有东西。请再打开看一下；如果确实放好了，请再按一次。",
        "The machine sees nothing inside. Please open it and look once more; if it is inside, press again.",
    ),
}

_COMMISSION = {
    "commission_button": ("重新调试柜锁（本机暂停服务）", "Commission the lockers (the station stops meanwhile)"),
    "not_all_empty": (
        "还有柜子不是确定空着，请先全部清空并查看。",
        "Some compartments are not empty for certain: clear and inspect them all first.",
    ),
}

SERVICE_TEXTS: dict[str, tuple[str, str]] = _TECHNICIAN | _SENSOR | _INSIDE | _COMMISSION
