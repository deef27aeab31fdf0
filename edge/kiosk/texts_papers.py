"""Sentences for papers that are printed at the station: a citizen's own, and what staff load into compartments."""

from __future__ import annotations

PAPERS = {
    "print_papers": ("打印证照", "Print"),
    "print_papers_more": ("凭身份证打印您的证照、证明", "Your licences and certificates, with your ID card"),
    "print_identity_title": ("打印谁的证照？", "Whose papers?"),
    "print_identity_put": ("请把身份证放在读卡区", "Put your ID card on the reader"),
    "print_identity_more": ("只显示您本人的证照；读完自动继续", "Only your own papers are shown; it goes on by itself"),
    "print_list_title": ("请选要打印的证照", "Which paper?"),
    "print_list_for": ("{name}，您有 {count} 份可以打印。", "{name}: {count} can be printed."),
    "print_nothing_title": ("现在没有可以打印的", "Nothing to print now"),
    "print_nothing": (
        "{name}，这台机器现在没有您的证照。如果已接到办好的通知，请稍后再来，或到服务窗口询问。",
        "{name}: there is no paper of yours at this machine now. If you were told that one is ready, come a little "
        "later, or ask at a service window.",
    ),
    "print_choose": ("查看", "Look"),
    "print_number": ("编号", "No."),
    "print_check_title": ("请核对，再打印", "Please check, then print"),
    "print_check": (
        "预览带“样张”字样，打出来的没有。只能打印一次，打印后请马上取走。",
        "The preview is marked as a specimen, the paper is not. It is printed once only: please take it at once.",
    ),
    "print_check_plain": ("打印后请马上取走。", "Please take it as soon as it comes out."),
    "print_numbered": ("印在带编号的专用纸上，只打印一次。", "On numbered paper, printed once only."),
    "print_preview": ("预览", "Preview"),
    "print_go": ("打印", "Print"),
    "print_other": ("返回清单", "Back to the list"),
    "print_returns": (
        "先交回旧证照 {numbers}，才能打印这一份。请到服务窗口交回。",
        "Before this one is printed, the old one ({numbers}) must be given back. Please do so at a service window.",
    ),
    "print_preparing": ("正在准备", "Getting ready"),
    "print_preparing_more": ("几秒钟就好，请不要离开。", "A few seconds. Please stay here."),
    "print_printing": ("正在打印", "Printing"),
    "print_printing_more": ("请不要离开，也不要拉纸。", "Please stay here, and do not pull the paper."),
    "print_take": ("请取走您的证照", "Please take your paper"),
    "print_take_more": (
        "在下方出纸口。请在 {seconds} 秒内取走，不要留给别人。",
        "It lies in the slot below. Please take it within {seconds} s; do not leave it for others.",
    ),
    "print_taken_button": ("已取走", "I have it"),
    "print_thanks": ("谢谢，办好了", "Thank you, that is all"),
    "print_thanks_more": (
        "请核对证照上的内容。有错请到服务窗口更正。",
        "Please check what it says. A service window puts right what is wrong.",
    ),
    "print_left": ("证照没有取走", "The paper was not taken"),
    "print_left_more": (
        "如果还在出纸口，请现在取走。已通知工作人员。",
        "If it still lies in the slot, please take it now. Staff have been told.",
    ),
    "print_failed": ("没有打印", "It was not printed"),
    "print_failed_more": (
        "没有打出任何东西，您的证照不受影响，可以再打印。请保存收件编号，询问时要用。",
        "Nothing came out. Your paper is not lost and can be printed again. Keep the receipt number to ask about it.",
    ),
    "print_doubtful": ("不能确定是否打出", "It is not certain that it was printed"),
    "print_doubtful_more": (
        "为防止重复，这里不会再打。如果出纸口有纸，请取走。工作人员会查看；请凭收件编号到服务窗口询问。",
        "So that there are never two, it is not printed again here. If paper lies in the slot, please take it. "
        "Staff will look; bring the receipt number to a service window.",
    ),
    "print_again": ("再试一次", "Try again"),
    "print_more": ("看还有什么可打印", "What else can be printed"),
    "print_gone": ("这一份现在不能打印了。", "This one can no longer be printed."),
    "print_not_returned": (
        "要先交回旧证照，才能打印这一份。",
        "The old paper must be given back before this one is printed.",
    ),
    "print_to_load": ("要打印并装柜", "To print and load"),
    "print_load_now": ("现在装入柜子", "Load it into a compartment"),
    "print_card_other_kind": (
        "这里只能读身份证、居住证和外国人永久居留身份证。请换证件，或到服务窗口。",
        "Only ID cards and residence permits can be read here. Use such a card, or ask at a service window.",
    ),
    "print_card_window": (
        "这张证件没有通过核验。请带证件到服务窗口打印。",
        "This card could not be verified. Take it to a service window to have your paper printed.",
    ),
    "print_card_expired": (
        "这张证件已过有效期，不能用来打印。请带有效证件到服务窗口。",
        "This card has expired and cannot be used. Bring a valid card to a service window.",
    ),
    "print_reader_failed": (
        "读卡器现在不工作，已通知维修。请到服务窗口打印。",
        "The card reader does not work; a technician is told. Please ask at a service window.",
    ),
}

LAYOUT_NAMES = {
    "paper_licence_original": ("营业执照（正本）", "Business licence, original"),
    "paper_licence_copy": ("营业执照（副本）", "Business licence, copy"),
    "paper_tax_record": ("个人所得税纳税记录", "Individual income tax record"),
    "paper_tax_certificate_table": ("税收完税证明（表格式）", "Tax payment certificate, table"),
    "paper_tax_certificate_text": ("税收完税证明（文书式）", "Tax payment certificate, text"),
    "paper_notice": ("通知书", "Notice"),
    "paper_received": ("电子证照", "Certificate as received"),
    "paper_other": ("证明文件", "Document"),
}

WHY = {
    "print_why_away": ("打印机没有接通，已通知维修。", "The printer is not connected; a technician is told."),
    "print_why_silent": ("打印机没有回应。", "The printer does not answer."),
    "print_why_stopped": ("打印机停了：可能卡纸、开盖或缺粉。", "The printer has stopped: jam, cover or toner."),
    "print_why_jam": ("打印机卡纸了，请不要自己拉。", "Paper is jammed. Please do not pull it out yourself."),
    "print_why_cover_open": ("打印机的盖子开着。", "A cover of the printer is open."),
    "print_why_toner_empty": ("打印机没有墨粉了。", "The printer is out of toner."),
    "print_why_tray_empty": ("专用纸用完了。", "The numbered paper has run out."),
    "print_why_wrong_stock": ("纸盒里不是这种证照的纸。", "The tray holds another kind of paper."),
    "print_why_to_inspect": (
        "上一张还要工作人员查看，之后才能再打印。",
        "Staff must look at the sheet before this one first.",
    ),
    "print_why_in_use": ("打印机正在打印另一份。", "The printer is busy with another paper."),
    "print_why_busy": ("打印机正忙，请稍后再试。", "The printer is busy. Please try again soon."),
    "print_why_output_full": (
        "出纸口还有一张纸。如果是您的，请取走再试；不是您的请不要动。",
        "A paper lies in the slot. If it is yours, take it and try again; if not, leave it.",
    ),
    "print_why_not_here": ("内容还没有传到这台机器，请稍后再试。", "It has not reached this machine yet. Try later."),
    "print_why_expired": ("打印期限已过，请到服务窗口。", "The time for printing it is over. Ask at a service window."),
    "print_why_already": ("这一份已经打印过了。", "This paper was printed already."),
    "print_why_unverified": (
        "上次打印还没有核实，核实前不再打印。",
        "The last attempt must be looked at first; until then nothing is printed.",
    ),
    "print_why_layout": ("内容有误，不能打印，请到服务窗口更正。", "What it says cannot be printed; ask at a window."),
    "print_why_other": ("打印机现在不能打印。", "The printer cannot print now."),
}
