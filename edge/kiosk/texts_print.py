"""What is wrong with the licence printer, by the codes of `edge/core/printer_state.py`: `print_why_` and the code for
the person who waits for a paper (more of them in `texts_papers.py`), `printer_` and the code for the one with the key.
"""

from __future__ import annotations

CITIZEN = {
    "print_why_waste_full": ("打印机需要保养，已通知工作人员。", "The printer needs service; staff are told."),
    "print_why_output_missing": (
        "打印机的出纸盘没有装好，已通知工作人员。",
        "The output tray is not in place; staff are told.",
    ),
    "print_why_tray_missing": (
        "打印机的纸盒没有装好，已通知工作人员。",
        "A paper tray is not in place; staff are told.",
    ),
    "print_why_not_ready": (
        "打印机里没有这种证照纸，已通知工作人员。",
        "The paper for this is not in the printer; staff are told.",
    ),
    "print_why_wrong_size": (
        "纸盒里的纸尺寸不对，没有打印，已通知工作人员。",
        "The paper in the tray has the wrong size. Nothing was printed; staff are told.",
    ),
    "print_why_wrong_type": (
        "纸盒里的纸种类不对，没有打印，已通知工作人员。",
        "The paper in the tray is of the wrong kind. Nothing was printed; staff are told.",
    ),
    "print_why_spool_full": ("打印机正忙，请稍后再试。", "The printer is busy. Please try again later."),
    "print_why_shut_down": ("打印机正在关机，已通知工作人员。", "The printer is shutting down; staff are told."),
    "print_why_connecting": ("打印机没有连上，请稍后再试。", "The printer is not connected. Please try again later."),
    "print_why_paused": ("打印机暂停了，已通知工作人员。", "The printer is paused; staff are told."),
    "print_why_not_accepting": (
        "打印机现在不接受打印，已通知工作人员。",
        "The printer takes no work now; staff are told.",
    ),
    "print_why_refused": (
        "打印机没有接受这份证照，没有打印。",
        "The printer did not take this paper. Nothing was printed.",
    ),
    "print_why_repeats": (
        "打印机设置不安全，不能打印证照，已通知工作人员。",
        "The printer is set up unsafely, so no licence is printed; staff are told.",
    ),
    "print_why_trays_untold": (
        "打印机没有说明装的是什么纸，不能打印，已通知工作人员。",
        "The printer does not say what paper it holds, so nothing is printed; staff are told.",
    ),
    "print_why_ignores": (
        "打印机不能按要求打印，没有打印，已通知工作人员。",
        "The printer cannot print it as asked. Nothing was printed; staff are told.",
    ),
}

TECHNICIAN = {
    "printer_jam": (
        "卡纸。先把任务取消，再清除卡住的纸；那张纸作待核对处理，不要让打印机自动补打。",
        "Jam. See that the job is dropped, then clear it. The sheet inside is one to inspect; the printer must "
        "not print its page again by itself (jam recovery off).",
    ),
    "printer_cover_open": ("盖子或门没有关好。", "A cover or door is open."),
    "printer_toner_empty": ("墨粉用完，请更换墨粉盒。", "Toner is empty: put in a new cartridge."),
    "printer_waste_full": ("废粉盒已满，请更换。", "The waste toner box is full: change it."),
    "printer_output_missing": ("出纸盘没有装好。", "The output tray is missing."),
    "printer_output_full": (
        "出纸口有纸。请收好并查明是谁的，再继续。",
        "Paper lies in the output. Take it, find out whose it is, then go on.",
    ),
    "printer_tray_missing": ("纸盒被抽出或没有推到底。", "The tray is out, or not pushed home."),
    "printer_tray_empty": (
        "纸盒空。在维修模式下登记装入的号段后再装纸。",
        "The tray is empty. Enter the range that you load in service mode, then load it.",
    ),
    "printer_not_ready": (
        "打印机没有报告这个纸盒里有纸：检查纸盒名称（media-source）是否与站点文件一致。",
        "The printer tells of nothing in that tray: is its name (media-source) that of the station's file?",
    ),
    "printer_wrong_size": (
        "纸盒里的纸尺寸与站点文件不符：换纸，或改正打印机面板上的尺寸。",
        "The size in the tray is not that of the station's file: change the paper, or the size at the panel.",
    ),
    "printer_wrong_type": (
        "打印机面板上的纸张类型与站点文件不符。请确认装的是证照纸，再改面板。",
        "The media type at the panel is not that of the station's file. See that it is the right stock, then set it.",
    ),
    "printer_spool_full": (
        "打印机存储已满：在面板上删除滞留的任务。",
        "Its memory is full: drop the jobs that lie in it.",
    ),
    "printer_shut_down": ("打印机正在关机或重启。", "The printer is shutting down or starting again."),
    "printer_connecting": (
        "打印队列连不上打印机：检查电源和网线。",
        "The queue does not reach its printer: look at power and network.",
    ),
    "printer_paused": (
        "队列或打印机被暂停。加纸后请在面板或用 cupsenable 恢复。",
        "Queue or printer is paused. After loading paper resume it at the panel, or with cupsenable.",
    ),
    "printer_stopped": (
        "打印机停着，没有说明原因：看面板。",
        "The printer has stopped and does not say why: look at its panel.",
    ),
    "printer_not_accepting": (
        "队列拒绝任务：用 cupsaccept 恢复。",
        "The queue rejects jobs: let it accept them again (cupsaccept).",
    ),
    "printer_refused": ("打印机拒绝了任务：看日志里的 IPP 状态码。", "It refused the job: the log has the IPP status."),
    "printer_busy": ("正在打印别的任务。", "It is printing another job."),
    "printer_repeats": (
        "队列会自动重打失败的任务，可能多出一张证照。设置 printer-error-policy=abort-job。",
        "The queue prints failed jobs again by itself, and a licence could come twice. Set "
        "printer-error-policy=abort-job.",
    ),
    "printer_trays_untold": (
        "打印机不报告纸盒内容。CUPS 队列请设置 printer_uri 指向打印机本身。",
        "It does not tell what lies in its trays. For a queue of CUPS set printer_uri to the printer itself.",
    ),
    "printer_ignores": (
        "打印机会忽略纸盒、尺寸或单面的要求。换型号，或确认无害后写入 may_ignore。",
        "It would ignore tray, size or sides. Use another model, or name in may_ignore what was seen to do no harm.",
    ),
    "printer_away": ("打印机连不上：检查电源、网线和地址。", "It is not there: look at power, network and address."),
    "printer_silent": (
        "打印机接受了连接但不回答。重新开机前先看出纸口。",
        "It answers nothing. Look at the output before a restart.",
    ),
}
