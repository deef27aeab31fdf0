"""Sentences of the kiosk about items that wait: ways to collect, the second factor, extension, overdue, two persons."""

from __future__ import annotations

CARE_TEXTS: dict[str, tuple[str, str]] = {
    "by_qr": ("扫二维码取件", "Collect with a QR code"),
    "by_card": ("刷身份证取件", "Collect with your ID card"),
    "by_code": ("改用柜号和取件码", "Use number and code instead"),
    "qr_title": ("请扫二维码", "Show your QR code"),
    "qr_why": ("把手机上的取件二维码对准扫码口。", "Hold the QR code on your phone in front of the scanner."),
    "qr_label": ("扫码后自动继续", "It goes on by itself after the scan"),
    "card_title": ("请放身份证", "Put your ID card on the reader"),
    "card_why": (
        "把领取人本人或代领人的身份证放在读卡区，不要移开。身份证号只用来核对，不保存。",
        "Put the ID card of the recipient, or of the authorised person, on the reader and leave it there. "
        "The number is only compared and not kept.",
    ),
    "factor_title": ("还需要核验一次", "One more proof is needed"),
    "factor_why": (
        "取件码正确。这是重要证件，为了安全，开门前要再核验一次。",
        "Your code is right. This is an important document: one more proof is needed before the door opens.",
    ),
    "factor_card": (
        "请把领取人本人或代领人的身份证放在读卡区。",
        "Put the ID card of the recipient, or of the authorised person, on the reader.",
    ),
    "factor_no_sms": (
        "现在不能发送验证码短信。没有身份证时，请到服务窗口领取。",
        "No text message can be sent now. Without an ID card, please collect at a service window.",
    ),
    "one_time_send": ("给我发验证码短信", "Text me a one-time code"),
    "one_time_sent": (
        "验证码已发到收取件短信的手机，5 分钟内有效。没有收到时，请带身份证到服务窗口。",
        "A code was sent to your phone, good for 5 minutes. None? Ask at a service window, with your ID card.",
    ),
    "one_time_label": ("验证码（6 位数字）", "One-time code (6 digits)"),
    "factor_go": ("核验并打开柜门", "Check and open the door"),
    "bad_one_time": ("验证码是 6 位数字。", "A one-time code has 6 digits."),
    "one_time_wait": ("刚刚已经发过。请等一分钟再试。", "One was sent just now. Please wait a minute."),
    "one_time_too_many": (
        "验证码发送次数太多。请带身份证到服务窗口领取，您的证件很安全。",
        "Too many codes were sent. Bring your ID card to a service window; your document is safe.",
    ),
    "one_time_offline": (
        "现在不能发送短信。请稍后再来，或带身份证到服务窗口领取。您的证件很安全。",
        "No text message can be sent now. Come back later, or bring your ID card to a service window. "
        "Your document is safe.",
    ),
    "second_factor_here": (
        "这件证件开门前需要再核验身份，本机现在无法核验，没有开门。请带身份证到服务窗口领取，代领人请带授权书。",
        "This document needs one more proof, which cannot be checked here now; no door was opened. "
        "Bring your ID card to a service window; somebody else brings the authorisation too.",
    ),
    "second_factor_over": ("核验超时，请重新开始。", "That took too long. Please begin again."),
    "card_no_reader": ("本机不能读身份证，请用取件码。", "No ID card can be read here. Please use your code."),
    "card_again": (
        "没有读全。请把身份证拿起来，再平放到读卡区，等到提示再拿开。",
        "The card was not read whole. Lift it, lay it flat on the reader again, and leave it there.",
    ),
    "card_other_kind": (
        "这里只能读身份证、居住证和外国人永久居留身份证。请换证件，或用取件码。",
        "Only ID cards and residence permits can be read here. Use such a card, or your code.",
    ),
    "card_window": (
        "这张证件没有通过核验。请用取件码，或带证件到服务窗口。",
        "This card could not be verified. Use your code, or take the card to a service window.",
    ),
    "card_expired": (
        "这张证件已过有效期，不能用来取件。请用取件码，或带有效证件到服务窗口。",
        "This card has expired and cannot be used. Use your code, or bring a valid card to a service window.",
    ),
    "card_reader_failed": (
        "读卡器现在不工作，已通知维修。请用取件码，或到服务窗口。",
        "The card reader does not work; a technician is told. Use your code, or ask at a service window.",
    ),
    "code_reader_failed": (
        "扫码口现在不工作，已通知维修。请用柜号和取件码；工作人员可以手工输入。",
        "The scanner does not work; a technician is told. Use number and code; staff can type.",
    ),
    "card_no_item": (
        "没有找到这张身份证可以领取的证件。请用取件码，或到服务窗口询问。",
        "No document waits here for this ID card. Use your code, or ask at a service window.",
    ),
    "card_not_yours": (
        "这张身份证不能领取这件证件。请用领取人本人或代领人的身份证，或到服务窗口。",
        "This ID card may not collect this document. Use the recipient's or the authorised person's, "
        "or ask at a service window.",
    ),
    "card_and_code": (
        "这件证件要同时用取件码和身份证。请先输入柜号和取件码。",
        "This document needs the code and the ID card. Please enter number and code first.",
    ),
    "wrong_token": (
        "这个二维码不能用：可能已过期、已用过，或不是本机的。请用柜号和取件码，或到服务窗口。",
        "This QR code cannot be used: it may be too old, used already, or not for this station. "
        "Use number and code, or ask at a service window.",
    ),
    "period_over": (
        "领取期限已过，这里不再开门。请带身份证到服务窗口领取，不收费。",
        "The pickup period is over and the door no longer opens here. "
        "Bring your ID card to a service window; there is no fee.",
    ),
    "item_withdrawn": (
        "这件证件改在服务窗口领取，这里不再开门。请带身份证到服务窗口。",
        "This document is now handed out at a service window and no longer here. Please bring your ID card.",
    ),
    "withdrawn_mark": ("已撤回，请取出交窗口", "withdrawn: take it to the window"),
    "extend_go": ("今天不取，延长保管（一次）", "Not today: keep it longer (once)"),
    "extended": ("{number} 号柜已延长保管到 {until}。", "Compartment {number} keeps your document until {until}."),
    "extended_already": (
        "已经延长过一次，不能再延长。请在期限内领取，或到服务窗口。",
        "It was extended once already. Please collect it in time, or ask at a service window.",
    ),
    "no_extension": ("这件证件不能延长保管。", "This document cannot be kept longer."),
    "pickup_missing": ("柜里没有我的证件", "My document is not inside"),
    "pickup_wrong": ("不是我的证件，已放回", "It is not mine; I put it back"),
    "witness_title": ("{number} 号柜：逾期，须两人取出", "Compartment {number}: overdue, two persons"),
    "witness_why": (
        "请另一位有权限的工作人员刷工牌并输入密码，再选择去向。",
        "A second colleague shows the badge and enters the PIN; then choose where it goes.",
    ),
    "witness_badge": ("第二人工牌号", "Second person's badge"),
    "to_window": ("打开，转人工窗口", "Open; to the window"),
    "to_courier": ("打开，转快递", "Open; to the courier"),
    "two_needed": (
        "逾期证件要由两位不同的工作人员一起取出。",
        "An overdue document is taken out by two different persons.",
    ),
}
"""Key -> (Chinese, English)."""
