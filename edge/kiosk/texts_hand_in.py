"""What the kiosk says of hand-ins with a wish, of nothing that fits, and of trolleys; part of `texts.py`."""

from __future__ import annotations

HAND_IN = {
    "low_wish": ("我要低处的柜子", "I need a compartment low down"),
    "low_more": ("方便坐轮椅的人和孩子", "for wheelchair users and children"),
    "reach_title": ("“{size}”号柜低处没有空的", "No low compartment of size “{size}” is free"),
    "reach_why": ("您可以这样选：", "You can choose:"),
    "reach_low": ("低处的“{size}”号柜（大一些）", "A larger one low down: {size}"),
    "reach_any": ("“{size}”号柜，高一些的位置", "{size}, at another height"),
    "other_size": ("换一个尺寸", "Another size"),
    "full_title": ("“{size}”号柜现在没有空的", "No compartment of size “{size}” is free now"),
    "full_safe": (
        "没有收任何东西，文件还在您手里。您可以：",
        "Nothing was taken; you still have your papers. You can:",
    ),
    "full_window": ("到服务窗口交件", "Hand them in at a service window"),
    "full_courier": ("用快递寄来", "Send them by courier"),
    "full_wait": ("有空柜时发短信告诉我", "Text me when one is free"),
    "full_slip": ("打印窗口和快递说明", "Print this for the window or courier"),
    "wait_title": ("请留手机号", "Your mobile number"),
    "wait_why": (
        "只用来发这一条短信；加密保存，今晚结束即删除。",
        "Only used for this one text; stored encrypted and deleted when the night ends.",
    ),
    "wait_go": ("登记等候", "Wait for a compartment"),
    "waiting_title": ("已登记等候", "You are on the waiting list"),
    "waiting_ahead": ("前面还有 {ahead} 人，等候至 {until}。", "{ahead} before you. Your place ends at {until}."),
    "waiting_fair": (
        "按先后顺序通知。空柜不预留，半小时内只通知一人。",
        "People are told in turn. A compartment is not held, but nobody else is told of it for half an hour.",
    ),
    "turned_away_title": ("请到窗口或用快递", "Please use the window or a courier"),
    "waiting_closed": (
        "现在不能登记等候，请到服务窗口。",
        "No waiting places are given now. Please use a service window.",
    ),
    "free_again": ("刚刚有空柜了，请选尺寸。", "A compartment has just become free. Please choose the size."),
    "deposit_more": ("还有东西要放，再打开一次", "Put more in: open it once more"),
    "count_put": ("柜里一共几件？一份、一袋算一件", "How many pieces are inside? A bundle or bag is one"),
    "count_found": ("点到几件？", "How many pieces did you find?"),
    "pieces": ("{count} 件", "{count} pieces"),
    "bad_count": ("件数请填 1 到 99。", "Please enter a number of pieces from 1 to 99."),
}
