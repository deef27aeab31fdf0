"""Every sentence of the kiosk, Chinese first, English complete; errors carry keys of this table.

Plain words for a tired citizen of eighty: one thought a sentence, what is safe first, then what to do next.
"""

from __future__ import annotations

from typing import Literal

from edge.kiosk.texts_care import CARE_TEXTS
from edge.kiosk.texts_files import FILE_TEXTS
from edge.kiosk.texts_hand_in import HAND_IN, TROLLEY
from edge.kiosk.texts_papers import LAYOUT_NAMES, PAPERS, WHY
from edge.kiosk.texts_print import CITIZEN, TECHNICIAN
from edge.kiosk.texts_service import SERVICE_TEXTS
from edge.kiosk.texts_stock import STOCK_TEXTS
from edge.kiosk.texts_submission import CAMERA, DRIVE, SUBMISSION

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_FRAME = {
    "other_language": ("English", "中文"),
    "help": ("需要帮助？请找工作人员，或拨打 12345。", "Need help? Ask the staff, or call 12345."),
    "simulated": ("演示：设备均为模拟", "Demonstration: every device is simulated"),
    "back": ("返回", "Back"),
    "home": ("回到首页", "Start page"),
    "done_button": ("完成", "Done"),
    "countdown": ("还在操作吗？{seconds} 秒后返回首页。", "Still there? Back to the start page in {seconds} s."),
    "countdown_door": (
        "还没有办完。{seconds} 秒后将按“不能确定”记录。",
        "Not finished yet. In {seconds} s this is recorded as “not certain”.",
    ),
    "more_time": ("我还在，请等等", "I need more time"),
    "clear_key": ("清空", "Clear"),
    "delete_key": ("删除", "Delete"),
    "compartment": ("{number} 号柜", "Compartment {number}"),
    "compartment_label": ("号柜门", "Compartment"),
    "receipt_number": ("收件编号", "Receipt number"),
    "case_number": ("办件编号", "Case number"),
    "time": ("时间", "Time"),
}

_HOME = {
    "welcome": ("您好，请选择", "Welcome. Please choose"),
    "hand_in": ("交文件", "Hand in"),
    "hand_in_more": ("把纸质材料放进柜子", "Put papers into a compartment"),
    "collect": ("取证件", "Collect"),
    "collect_more": ("凭短信里的柜号和取件码", "With the number and code from your text message"),
    "staff": ("工作人员", "Staff"),
    "deposits_closed": (
        "现在不能交文件：没有空柜，或正在检修。请到服务窗口，或稍后再来。",
        "No papers can be taken now: every compartment is full or being repaired. "
        "Please use a service window, or come later.",
    ),
}

_DEPOSIT = {
    "size_title": ("您的文件有多大？", "How big are your papers?"),
    "size_s": ("小", "Small"),
    "size_s_more": ("几页纸、一个信封", "A few pages, an envelope"),
    "size_m": ("中", "Medium"),
    "size_m_more": ("一个档案盒", "A file box"),
    "size_l": ("大", "Large"),
    "size_l_more": ("一大摞文件、一个包裹", "A thick pile, a parcel"),
    "size_full": ("暂无空柜", "none free now"),
    "phone_title": ("留个手机号吗？", "Leave a mobile number?"),
    "phone_why": (
        "可以不填。只用来给您发送这次办理的短信；加密保存，办完即删除。",
        "Optional. Only used to text you about this matter; stored encrypted and deleted when it is finished.",
    ),
    "phone_label": ("手机号（11 位）", "Mobile number (11 digits)"),
    "phone_go": ("打开柜门", "Open a door"),
    "phone_skip": ("不留手机号，打开柜门", "No number, open a door"),
    "deposit_opening": ("正在为您打开柜门", "Opening a door for you"),
    "deposit_open": ("请把文件放进去", "Please put your papers in"),
    "deposit_step_put": ("把文件放进 {number} 号柜", "Put your papers into compartment {number}"),
    "deposit_step_shut": ("把门关好，听到“咔”一声", "Shut the door until it clicks"),
    "deposit_step_wait": ("门关好后，本屏会自动继续", "This screen goes on by itself"),
    "deposit_closed": ("文件放好了吗？", "Are your papers inside?"),
    "deposit_yes": ("放好了，给我收件编号", "Yes. Give me my receipt number"),
    "deposit_no": ("我没有放东西", "I put nothing in"),
    "deposit_done": ("文件已收下", "Your papers are received"),
    "deposit_done_next": (
        "工作人员上班后会取出您的文件。请保存好收件编号，查询时要用。收件不等于受理。",
        "Staff will take your papers out when they start work. Keep the receipt number: "
        "you need it to ask about them. Receipt is not yet acceptance.",
    ),
    "deposit_failed": ("柜门打不开，没有收您的文件", "The door did not open. Nothing was taken"),
    "deposit_failed_next": (
        "您的文件还在您手里。请换个时间再来，或到服务窗口办理。",
        "You still have your papers. Please try later, or use a service window.",
    ),
    "deposit_cancelled": ("已取消，没有收您的文件", "Cancelled. Nothing was taken"),
    "deposit_doubtful": ("我们还不能确定文件是否在柜里", "We are not certain that your papers are inside"),
    "deposit_doubtful_next": (
        "这个柜子不再给别人使用，工作人员会来查看。请保存好收件编号，到服务窗口询问。",
        "Nobody else can use this compartment. Staff will look inside. "
        "Keep the receipt number and ask at a service window.",
    ),
}

_PICKUP = {
    "number_title": ("您的证件在几号柜？", "Which compartment?"),
    "number_why": ("短信里写着柜号。", "The number is in your text message."),
    "number_label": ("柜号", "Compartment number"),
    "next_button": ("下一步", "Next"),
    "code_title": ("请输入 8 位取件码", "Enter the 8-digit pickup code"),
    "code_label": ("取件码（8 位数字）", "Pickup code (8 digits)"),
    "code_go": ("打开 {number} 号柜", "Open compartment {number}"),
    "other_number": ("换一个柜号", "Another number"),
    "pickup_opening": ("正在打开柜门", "Opening the door"),
    "pickup_open": ("请取出您的证件", "Please take your document"),
    "pickup_step_take": ("从 {number} 号柜取出证件", "Take your document out of compartment {number}"),
    "pickup_step_shut": ("把门关好，听到“咔”一声", "Shut the door until it clicks"),
    "pickup_step_wait": ("门关好后，本屏会自动继续", "This screen goes on by itself"),
    "pickup_closed": ("证件拿到了吗？", "Do you have your document?"),
    "pickup_yes": ("拿到了", "Yes, I have it"),
    "pickup_no": ("我什么都没有拿", "I took nothing"),
    "pickup_done": ("取件完成", "Collected"),
    "pickup_done_next": ("请带好您的证件和随身物品。", "Please take your document and your belongings with you."),
    "pickup_failed": ("柜门打不开", "The door did not open"),
    "pickup_failed_next": (
        "您的证件还安全地锁在柜里，取件码仍然有效。请到服务窗口，工作人员会帮您打开。",
        "Your document is safe inside and your code is still good. Please ask at a service window: staff will open it.",
    ),
    "pickup_cancelled": ("已取消，取件码仍然有效", "Cancelled. Your code is still good"),
    "pickup_doubtful": ("工作人员会为您查看这个柜子", "Staff will look into this compartment for you"),
    "pickup_doubtful_next": (
        "这个柜子不再给别人使用。请凭收件编号到服务窗口询问。",
        "Nobody else can use this compartment. Bring the receipt number to a service window.",
    ),
}

_STAFF = {
    "sign_in_title": ("工作人员登录", "Staff sign-in"),
    "badge_label": ("工牌号（可刷工牌）", "Badge (or scan it)"),
    "pin_label": ("密码", "PIN"),
    "sign_in": ("登录", "Sign in"),
    "sign_out": ("退出登录", "Sign out"),
    "staff_title": ("今天的工作", "To do"),
    "to_load": ("待装入的证件", "To load"),
    "to_clear": ("待取出的文件", "To clear"),
    "to_inspect": ("需要查看的柜子", "To inspect"),
    "nothing_to_do": ("没有", "None"),
    "load_button": ("装入", "Load"),
    "clear_button": ("打开取出", "Open and clear"),
    "inspect_button": ("打开查看", "Open and look"),
    "doubtful": ("不能确定有无文件", "content not certain"),
    "out_of_service": ("停用：{reason}", "out of service: {reason}"),
    "reason_not_opened": ("柜门打不开", "its door did not open"),
    "reason_no_answer": ("锁控板没有回应", "its board did not answer"),
    "reason_other_door": ("开错了柜门", "another door opened"),
    "item_overdue": ("逾期未取", "overdue"),
    "load_opening": ("正在打开柜门", "Opening the door"),
    "load_open": ("请放入证件", "Put the document in"),
    "load_step_put": ("把证件放进 {number} 号柜", "Put the document into compartment {number}"),
    "load_step_shut": ("把门关好", "Shut the door"),
    "load_step_wait": ("门关好后，本屏会自动继续", "This screen goes on by itself"),
    "load_closed": ("证件放好了吗？", "Is the document inside?"),
    "load_yes": ("放好了", "Yes, it is inside"),
    "load_no": ("没有放，柜子是空的", "No, the compartment is empty"),
    "load_done": ("已装入", "Loaded"),
    "load_done_next": (
        "取件码会用短信发给领取人，这里不显示。",
        "The recipient gets the code by text message; it is never shown here.",
    ),
    "load_failed": ("柜门打不开", "The door did not open"),
    "load_failed_next": (
        "证件还在您手里，没有装入。该柜已停用，请换一个或报修。",
        "You still have the document. The compartment is out of service: choose another, or call a technician.",
    ),
    "load_cancelled": ("已取消，没有装入", "Cancelled. Nothing was loaded"),
    "load_doubtful": ("不能确定证件是否在柜里", "It is not certain that the document is inside"),
    "load_doubtful_next": (
        "请从“需要查看的柜子”里打开它，确认后再继续。",
        "Open it from “To inspect” and state what is inside.",
    ),
    "clear_opening": ("正在打开柜门", "Opening the door"),
    "clear_open": ("请取出全部文件", "Take everything out"),
    "clear_step_put": ("从 {number} 号柜取出文件", "Take the papers out of compartment {number}"),
    "clear_step_shut": ("把门关好", "Shut the door"),
    "clear_step_wait": ("门关好后，本屏会自动继续", "This screen goes on by itself"),
    "clear_closed": ("取出来了吗？", "Did you take them out?"),
    "clear_yes": ("已取出，柜子空了", "Yes, the compartment is empty now"),
    "clear_no": ("柜里本来就是空的", "It was empty already"),
    "clear_done": ("已取出", "Cleared"),
    "clear_done_next": (
        "请核对收件编号，连同文件一起交接。",
        "Check the receipt number and hand it over with the papers.",
    ),
    "clear_failed": ("柜门打不开", "The door did not open"),
    "clear_failed_next": (
        "里面的文件没有动，该柜已停用，请报修。",
        "What lies inside was not touched. The compartment is out of service: call a technician.",
    ),
    "clear_cancelled": ("已取消，没有动里面的文件", "Cancelled. Nothing inside was touched"),
    "clear_doubtful": ("不能确定柜里还有没有文件", "It is not certain what is left inside"),
    "clear_doubtful_next": (
        "请从“需要查看的柜子”里打开它，确认后再继续。",
        "Open it from “To inspect” and state what is inside.",
    ),
    "inspect_opening": ("正在打开柜门", "Opening the door"),
    "inspect_open": ("请查看柜内", "Look inside"),
    "inspect_step_put": (
        "查看 {number} 号柜，把里面的东西取出",
        "Look into compartment {number} and take out what is there",
    ),
    "inspect_step_shut": ("把门关好", "Shut the door"),
    "inspect_step_wait": ("门关好后，本屏会自动继续", "This screen goes on by itself"),
    "inspect_closed": ("柜里有什么？", "What was inside?"),
    "inspect_yes": ("有文件，已取出", "Papers. I took them out"),
    "inspect_no": ("是空的", "It was empty"),
    "inspect_left": ("原样没动", "I left everything as it was"),
    "inspect_done": ("查看完成", "Inspected"),
    "inspect_done_next": ("结果已记录。", "The result is on record."),
    "inspect_failed": ("柜门打不开", "The door did not open"),
    "inspect_failed_next": ("该柜仍停用，请报修。", "It stays out of service: call a technician."),
    "inspect_cancelled": ("已取消", "Cancelled"),
    "inspect_doubtful": ("仍不能确定柜内情况", "What is inside is still not certain"),
    "inspect_doubtful_next": ("请再查看一次。", "Please look again."),
    "service_off": ("检修模式：关", "Service mode: off"),
    "service_on": (
        "检修模式：开，还有 {minutes} 分钟。此时可按远程指令试开柜门。",
        "Service mode: ON for {minutes} more minutes. Doors can now be tested by remote command.",
    ),
    "service_banner": ("检修模式已开启（{minutes} 分钟）", "Service mode is armed ({minutes} min)"),
    "service_arm": ("开启 10 分钟", "Arm for 10 minutes"),
    "service_disarm": ("关闭检修模式", "Disarm service mode"),
    "back_to_list": ("回到工作列表", "Back to the list"),
}

_VISIT = {
    "where": ("{number} 号柜的位置，从正面看", "Where compartment {number} is, seen from the front"),
    "opening_wait": ("柜门会自己弹开，请稍候。", "The door springs open by itself. Please wait."),
    "opening_second": (
        "门没有弹开，正在再试一次。请轻推一下柜门。",
        "It did not open; trying once more. Please push the door lightly.",
    ),
    "opening_another": (
        "{number} 号柜打不开，已为您换一个。",
        "Compartment {number} did not open. Here is another one.",
    ),
    "left_open": ("柜门还开着，请关好 {number} 号柜门。", "The door is still open. Please shut compartment {number}."),
    "left_open_alarm": (
        "{number} 号柜门开得太久，已通知工作人员。请关好柜门。",
        "Compartment {number} has been open too long; staff are informed. Please shut it.",
    ),
    "forced": (
        "{number} 号柜门被打开了，不是您的操作，已通知工作人员。请不要动里面的东西。",
        "Compartment {number} was opened, and not by you. Staff are informed. Please leave what lies inside.",
    ),
    "close_before_leaving": ("请关好 {number} 号柜门再离开。", "Please shut compartment {number} before you leave."),
    "door_unknown": (
        "暂时看不到柜门状态，请稍候，不要离开。",
        "The door cannot be seen at the moment. Please wait and stay here.",
    ),
    "reopen": ("再打开一次柜门", "Open the door once more"),
    "cancel": ("取消", "Cancel"),
    "slip_printing": ("凭条正在打印……", "Your slip is being printed …"),
    "slip_printed": ("请取走打印的凭条。", "Please take the printed slip."),
    "slip_failed": (
        "打印机没有出纸。请抄下或拍下这个编号，它和凭条一样有效。",
        "The printer gave no paper. Please write down or photograph this number: it is as good as a slip.",
    ),
    "slip_unverified": (
        "凭条可能没有打印出来。请抄下或拍下这个编号，它和凭条一样有效。",
        "The slip may not have been printed. Please write down or photograph this number: it is as good as a slip.",
    ),
}

_ERRORS = {
    "ask_staff": ("请找工作人员帮忙。", "Please ask the staff for help."),
    "wrong_code": (
        "柜号或取件码不对，请再看一下短信。还可以试 {tries} 次。",
        "The number or the code is not right. Please look at the text message again. {tries} more tries.",
    ),
    "wrong_pin": ("工牌或密码不对。还可以试 {tries} 次。", "Badge or PIN is not right. {tries} more tries."),
    "locked_out": (
        "输错次数太多。为了安全，请 {minutes} 分钟后再试，或到服务窗口。您的证件很安全。",
        "Too many wrong tries. Try again in {minutes} minutes, or ask at a service window. Your document is safe.",
    ),
    "locked_out_pin": (
        "输错次数太多，请 {minutes} 分钟后再试。",
        "Too many wrong tries. Try again in {minutes} minutes.",
    ),
    "none_fits": (
        "这个尺寸暂无空柜。请选别的尺寸，或到服务窗口、用快递寄送。",
        "No compartment of this size is free. Choose another size, use a service window, or send by courier.",
    ),
    "too_many_grants": (
        "已经打开三次了。请到服务窗口，工作人员会帮您。",
        "The door was opened three times already. Please ask at a service window.",
    ),
    "compartment_out": (
        "这个柜子正在检修。您的证件很安全，请到服务窗口领取。",
        "This compartment is being repaired. Your document is safe: please ask at a service window.",
    ),
    "compartment_doubtful": (
        "这个柜子要先由工作人员查看。取件码请留好，凭它到服务窗口领取。",
        "Staff must look into this compartment first. Keep your code and bring it to a service window.",
    ),
    "busy": ("前一位还没有办完，请稍等。", "The previous person has not finished. Please wait."),
    "try_again": (
        "机器正在自检，没有收任何东西。请过一会儿再试。",
        "The machine is checking itself; nothing was taken. Please try again in a little while.",
    ),
    "bad_phone": (
        "手机号应为 11 位数字，以 1 开头。也可以不填。",
        "A mobile number has 11 digits and begins with 1. You may leave it empty.",
    ),
    "bad_number": (
        "没有这个柜号，请看柜门上的数字。",
        "There is no such compartment. Please look at the numbers on the doors.",
    ),
    "bad_code": ("取件码是 8 位数字。", "A pickup code has 8 digits."),
    "not_allowed": ("您没有这项权限。", "You have no right to do this."),
    "not_expected": ("这个办件不在待装入名单里。", "This case is not on the list to load."),
    "deposits_closed_now": ("现在不收文件，请到服务窗口。", "No papers are taken now. Please use a service window."),
    "error_title": ("这一步没有成功", "That did not work"),
    "error_safe": (
        "这一步没有打开任何柜门，您的文件和证件都很安全。",
        "This step opened no door; your papers and documents are safe.",
    ),
    "error_next": (
        "请回到首页再试一次。如果还不行，请找工作人员，或拨打 12345。",
        "Go back to the start page and try again. If it still fails, ask the staff or call 12345.",
    ),
    "error_not_found": ("没有这个页面。", "There is no such page."),
    "error_bad_form": ("机器没有看懂刚才的操作。", "The machine did not understand that."),
    "error_too_large": ("刚才输入的内容太长了。", "That was too long."),
    "error_old_page": ("这一页放得太久，已经失效。", "That page is too old."),
    "error_origin": (
        "这个请求不是从本机屏幕发出的，已拒绝。",
        "That request did not come from this screen and was refused.",
    ),
    "error_host": ("请从本机屏幕操作。", "Please use the screen of this station."),
    "error_inside": ("机器内部出了问题，已经记录。", "Something inside the machine went wrong; it is on record."),
    "error_inside_safe": (
        "您的文件和证件没有丢：已完成的步骤都保存着。",
        "Nothing is lost: every finished step is on record.",
    ),
}

TEXTS: dict[str, tuple[str, str]] = (
    _FRAME
    | _HOME
    | _DEPOSIT
    | _PICKUP
    | _STAFF
    | SERVICE_TEXTS
    | STOCK_TEXTS
    | _VISIT
    | _ERRORS
    | CARE_TEXTS
    | HAND_IN
    | TROLLEY
    | SUBMISSION
    | CAMERA
    | DRIVE
    | FILE_TEXTS
    | PAPERS
    | LAYOUT_NAMES
    | WHY
    | CITIZEN
    | TECHNICIAN
)
"""Key -> (Chinese, English)."""


def text(key: str, language: Language, **params: object) -> str:
    """Return one sentence.

    Raises:
        KeyError: no such key, or a parameter is missing (a bug that the tests find).
    """
    return TEXTS[key][LANGUAGES.index(language)].format(**params)
