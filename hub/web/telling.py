"""What happened, in plain words: events of stations and deeds of the desk, for timelines and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.services.picture.timeline import Moment
from hub.web.texts import Language

TOLD: dict[str, tuple[str, str]] = {
    "station_started": ("站点启动", "The station started"),
    "session_started": ("有人开始操作", "A person began at the kiosk"),
    "session_ended": ("操作结束", "That visit ended"),
    "submission_made": ("提交材料", "Materials were handed in"),
    "deposit_made": (
        "市民把材料放入柜中，关门并确认",
        "A citizen put papers in, shut the door and confirmed",
    ),
    "deposit_abandoned": ("交件没有完成（{reason}）", "The hand-in was not finished ({reason})"),
    "deposit_cleared": ("工作人员 {staff} 取出材料", "{staff} took the papers out"),
    "deposit_cleared_empty": ("工作人员 {staff} 查看：柜中没有材料", "{staff} looked: nothing was inside"),
    "deposit_turned_away": (
        "没有合适的空柜，市民取了去窗口或快递的凭条",
        "No compartment fitted; a slip for window or courier",
    ),
    "waiting_joined": ("没有合适的空柜，市民留手机号等候", "No compartment fitted; a citizen waits to be told"),
    "trolley_finished": ("工作人员 {staff} 装车结束", "{staff} finished loading a trolley"),
    "item_loaded": ("工作人员 {staff} 放入证件，产生取件码", "{staff} loaded the item; a pickup code was drawn"),
    "item_collected": ("领取人取走证件（{means}）", "The recipient took the item ({means})"),
    "item_expired": ("领取期限已过", "The pickup period ended"),
    "item_extended": ("领取期限延长", "The pickup period was extended"),
    "one_time_code_issued": ("发出一次性验证码", "A one-time code was issued"),
    "compartments_reconciled": ("夜间核对完成", "The night's reconciliation was done"),
    "item_cleared": ("工作人员取出未领证件", "Staff took the uncollected item out"),
    "code_reissued": ("重新产生取件码", "A new pickup code was drawn"),
    "door_opened": ("柜门打开（{purpose}）", "The door opened ({purpose})"),
    "door_closed": ("柜门关闭", "The door closed"),
    "door_left_open": ("柜门已开 {seconds} 秒未关", "The door stayed open for {seconds} s"),
    "door_forced": ("柜门被强行打开", "The door was forced open"),
    "door_failed": ("柜门没有按要求打开（{fault}）", "The door did not do what was asked ({fault})"),
    "maintenance_due": ("柜门已开 {openings} 次，应保养", "The door has opened {openings} times: maintenance is due"),
    "door_serviced": ("{staff} 保养了柜门", "{staff} looked after the door"),
    "compartment_doubtful": (
        "柜格存疑（{reason}），需工作人员查看",
        "The compartment is doubtful ({reason}); staff must look",
    ),
    "compartment_taken_out": ("柜格停用（{reason}）", "The compartment was taken out of service ({reason})"),
    "compartment_returned": ("柜格恢复使用", "The compartment is back in service"),
    "emergency_release_granted": (
        "两人应急开门：{staff}（{reason}）",
        "Two persons were permitted an emergency release: {staff} ({reason})",
    ),
    "item_withdrawn": ("证件撤回，取件码作废", "The item was withdrawn; its code is dead"),
    "pickup_refused": ("取件被拒绝（{reason}）", "A pickup was refused ({reason})"),
    "document_captured": ("扫描材料 {pages} 页", "{pages} pages were captured"),
    "usb_imported": ("从U盘读入文件", "Files were read from a USB drive"),
    "usb_refused": ("U盘被拒绝（{reason}）", "A USB drive was refused ({reason})"),
    "identity_read": ("读取身份证件（{mask}）", "An identity card was read ({mask})"),
    "print_requested": ("请求打印", "A paper was asked for"),
    "paper_taken": ("纸张已被取走", "The paper was taken"),
    "paper_left": ("纸张无人取走", "The paper was left behind"),
    "print_done": ("打印完成", "The paper was printed"),
    "print_unverified": ("无法确认是否已打印", "It is not known whether the paper was printed"),
    "print_failed": ("打印失败（{reason}）", "Printing failed ({reason})"),
    "blank_voided": ("空白证件作废", "A blank was made void"),
    "stock_loaded": ("装入空白证件", "Blanks were loaded"),
    "stock_received": ("收入空白证件 {first} 至 {last}", "Blanks {first} to {last} were received"),
    "stock_unloaded": ("取出纸盒里的空白证件 {sheets} 张", "{sheets} blanks were taken out of a tray"),
    "blank_inspected": ("查看空白证件 {blank}：{found}", "Blank {blank} was looked at: {found}"),
    "blanks_destroyed": ("两人按清单销毁作废证件", "Two persons destroyed void blanks by list"),
    "stock_counted": ("空白证件夜间盘点", "The night's count of blanks"),
    "rating_given": ("收到评价：{stars} 星", "A rating was given: {stars}"),
    "device_failed": ("设备故障：{device}", "A device failed: {device}"),
    "device_recovered": ("设备恢复：{device}", "A device recovered: {device}"),
    "self_test_done": ("自检完成：{device}", "A self-test ended: {device}"),
    "command_done": ("站点执行了请求 {command}", "The station carried out {command}"),
    "command_refused": ("站点拒绝了请求（{reason}）", "The station refused a wish ({reason})"),
    "config_applied": ("站点采用了新文件 {kind}", "The station took the new document {kind}"),
    "config_refused": ("站点拒绝了文件 {kind}（{reason}）", "The station refused the document {kind} ({reason})"),
    # the desk's own
    "case_made": ("{by} 生成办件：{title}", "{by} made the case: {title}"),
    "case_ready": ("证件已制好，等待放入该站点", "The certificate is ready, to be loaded at this station"),
    "notice_sent": ("已发取件短信", "The text message with the code was sent"),
    "notice_reminder": ("已发领取提醒短信", "A reminder was sent"),
    "notice_one_time_code": ("已发一次性验证码短信", "A one-time code was sent"),
    "notice_waiting": ("取件短信等待发送", "The text message waits to be sent"),
    "notice_no_phone": ("未留手机号，没有发短信", "No phone was left; no text message"),
    "notice_failed": ("取件短信发送失败", "The text message could not be sent"),
    "unknown": ("站点报告了本中心尚不认识的事件 {kind}", "The station reported {kind}, which this hub does not know"),
}

WORDS: dict[str, tuple[str, str]] = {
    "cancelled": ("取消", "cancelled"),
    "idle": ("无人操作", "nobody there"),
    "restarted": ("站点重启", "restart"),
    "nothing_inside": ("声明未放入", "said to be empty"),
    "door_failed": ("柜门故障", "door fault"),
    "deposit": ("交件", "deposit"),
    "pickup": ("取件", "pickup"),
    "load": ("放件", "load"),
    "clear": ("取出收件", "clearing"),
    "inspect": ("查看", "inspection"),
    "service": ("维护", "service"),
    "code": ("取件码", "code"),
    "qr": ("二维码", "QR code"),
    "card": ("身份证", "card"),
    "relative": ("亲属代领", "relative"),
    "not_opened": ("没有打开", "not opened"),
    "other_door": ("打开了另一个门", "another door moved"),
    "no_answer": ("没有应答", "no answer"),
    "unconfirmed": ("未确认", "not confirmed"),
    "forced": ("被强开", "forced"),
    "sensor_stuck": ("门磁不可信", "sensor not to be believed"),
    "flapping": ("门磁跳动", "sensor flickers"),
    "failed_test": ("试开不正常", "failed a test"),
    "release_jammed": ("锁舌卡住", "bolt jammed"),
    "release_citizen": ("市民物品被锁", "something of a citizen locked in"),
    "release_hazard": ("柜内有危险", "danger inside"),
    "release_order": ("依法依规", "a lawful order"),
    "release_other": ("其他，另有书面记录", "other, recorded elsewhere"),
    "sensor_unknown": ("门传感器无信号", "sensor unknown"),
    "item_missing": ("称柜内没有", "said not to be inside"),
    "wrong_item": ("称不是本人证件", "said to be another's"),
    "wrong_token": ("二维码无效", "QR code not valid"),
    "unknown_card": ("没有对应的证件", "card without an item"),
    "wrong_one_time_code": ("一次性验证码不对", "wrong one-time code"),
    "second_factor": ("缺少二次核验", "second factor missing"),
    "expired": ("已过领取期限", "period ended"),
    "wrong_code": ("取件码不对", "wrong code"),
    "locked_out": ("已锁定", "locked out"),
    "guessing_alarm": ("多次试猜", "guessing"),
    "out_of_service": ("停用", "out of service"),
    "done": ("完成", "done"),
    "nothing to do": ("无需改动", "nothing to do"),
    "begun at the kiosk": ("已在站点屏幕上开始", "begun at the kiosk"),
    "command_expired": ("已过期", "expired"),
    "printed": ("已打印", "printed"),
    "unverified": ("不能确定是否打印", "not certain whether printed"),
    "not sent in time": ("未能及时发出", "not sent in time"),
    "bad_signature": ("签名不对", "bad signature"),
    "unknown_key": ("密钥未知", "unknown key"),
    "wrong_station": ("站点不符", "another station"),
    "not_yet_valid": ("尚未生效", "not yet valid"),
    "wrong_epoch": ("站点数据已更换，请刷新后再试", "the station's store is another one; look again"),
    "too_long_lived": ("有效期过长", "lives too long"),
    "rate_limited": ("请求过多，请稍后", "too many wishes; later"),
    "clock_unsynced": ("站点时钟未校准", "the station's clock is not set"),
    "service_mode_off": ("站点没有开启检修模式", "service mode is not armed at the station"),
    "second_person_missing": ("第二人还没有在站点签到", "the second person has not signed at the station"),
    "unsupported": ("站点不支持", "the station does not do that"),
    "malformed": ("请求内容不对", "malformed"),
    "not_possible": (
        "现在不能执行（有人在办理，或柜内情况不符）",
        "not possible now: somebody is there, or it is not as asked",
    ),
    "interrupted": ("执行中断电或重启", "interrupted by a restart"),
    "too_many_grants": ("开门次数用完", "opened too often"),
}

STATES: dict[str, dict[str, tuple[str, str]]] = {
    "deposit": {
        "made": ("待取出", "waiting"),
        "doubtful": ("存疑", "doubtful"),
        "cleared": ("已取出", "cleared"),
        "abandoned": ("未完成", "not finished"),
        "not_found": ("柜中无物", "nothing inside"),
    },
    "case": {
        "made": ("办理中", "in progress"),
        "ready": ("待放件", "to load"),
        "loaded": ("待领取", "to collect"),
        "collected": ("已领取", "collected"),
        "overdue": ("逾期", "overdue"),
        "withdrawn": ("已撤回", "withdrawn"),
    },
    "paper": {
        "ordered": ("待打印", "to print"),
        "printing": ("打印中", "printing"),
        "printed": ("已打印", "printed"),
        "unverified": ("打印结果不明", "in doubt"),
        "failed": ("未打出，可重试", "not printed; may be tried again"),
        "taken": ("已取走", "taken"),
        "left": ("无人取走", "left behind"),
        "withdrawn": ("已撤回", "withdrawn"),
        "expired": ("已过期", "expired"),
    },
    "command": {
        "asked": ("等待签发", "waits to be signed"),
        "sent": ("已发出", "sent"),
        "done": ("已执行", "done"),
        "refused": ("被拒绝", "refused"),
        "expired": ("已过期", "expired"),
    },
}


DEEDS: dict[str, tuple[str, str]] = {
    "signed_in": ("登录", "signed in"),
    "signed_out": ("退出登录", "signed out"),
    "sign_in_refused": ("登录被拒绝", "was refused at signing in"),
    "user_added": ("新增账号", "added the account"),
    "user_disabled": ("停用账号", "disabled the account"),
    "user_password_set": ("重设密码", "set the password of"),
    "staff_added": ("登记工牌", "added the badge"),
    "staff_removed": ("注销工牌", "removed the badge"),
    "station_token_given": ("发放站点令牌", "gave a token to the station"),
    "client_token_given": ("发放业务系统令牌", "gave a token to the program"),
    "client_disabled": ("停用业务系统", "disabled the program"),
    "print_ordered": ("下达打印任务", "ordered a print"),
    "paper_taken_in": ("收回旧证照", "took in an old paper for"),
    "print_withdrawn": ("撤回打印任务", "withdrew a print"),
    "paper_signed": ("签发证照核验码", "signed a paper's code"),
    "paper_revoked": ("作废证照", "revoked a paper"),
    "paper_key_made": ("公布签发密钥", "published an issuing key"),
    "paper_key_revoked": ("吊销签发密钥", "revoked an issuing key"),
    "case_made": ("生成办件", "made the case"),
    "case_ready": ("标记证件已制好", "marked as ready"),
    "claim_set": ("登记谁可以领取", "said who may collect"),
    "task_closed": ("关闭待办", "closed the task"),
    "take_out_asked": ("请求停用柜格", "asked to take out of service"),
    "return_to_service_asked": ("请求恢复柜格", "asked to return to service"),
    "test_unlock_asked": ("请求试开柜门", "asked to test a door"),
    "emergency_release_asked": ("请求应急开门", "asked for an emergency release"),
    "self_test_asked": ("请求设备自检", "asked for a self-test"),
    "test_print_asked": ("请求打印测试条", "asked for a test slip"),
    "reissue_code_asked": ("请求重新发取件码", "asked for a new pickup code"),
    "extend_item_asked": ("请求延长领取期限", "asked for a longer pickup period"),
    "withdraw_item_asked": ("请求撤回证件", "asked to withdraw the item"),
    "document_viewed": ("查看了材料", "looked at a document of"),
    "document_downloaded": ("下载了材料", "downloaded a document of"),
}


class _Gaps(dict[str, str]):
    """A value that an older or newer station did not send shows as a dash, never as an error."""

    def __missing__(self, key: str) -> str:
        return "—"


def tell(language: Language, moment: Moment) -> str:
    """Return what happened in one sentence."""
    side = 0 if language == "zh" else 1
    kind = moment.kind
    if kind == "deposit_cleared" and moment.data.get("found") is False:
        kind = "deposit_cleared_empty"
    if not moment.known or kind not in TOLD:
        return TOLD["unknown"][side].format(kind=moment.kind)
    return TOLD[kind][side].format_map(_values(side, moment.data))


def _values(side: int, data: Mapping[str, Any]) -> _Gaps:
    return _Gaps({key: _word(side, value) for key, value in data.items() if value is not None})


def _word(side: int, value: object) -> str:
    if isinstance(value, list):
        return ("、", ", ")[side].join(_word(side, each) for each in value)
    text = str(value)
    return WORDS[text][side] if text in WORDS else text


def tell_word(language: Language, value: object) -> str:
    """Return a reason or purpose of the contract in plain words; others as they are."""
    return _word(0 if language == "zh" else 1, value)


def tell_answer(language: Language, answer: str) -> str:
    """Return what a station answered to a wish in plain words; its own text as it is."""
    return tell_word(language, "command_expired" if answer == "expired" else answer)


def tell_state(language: Language, kind: str, name: str) -> str:
    """Return the state of a deposit, case or command in plain words."""
    return STATES[kind].get(name, (name, name))[0 if language == "zh" else 1]


def tell_deed(language: Language, action: str) -> str:
    """Return what a user did in plain words; the station, case or account comes after it."""
    return DEEDS.get(action, (action, action))[0 if language == "zh" else 1]
