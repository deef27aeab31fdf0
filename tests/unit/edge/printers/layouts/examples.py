"""One honest example of every layout, with what is hard about it: rare signs, long names, refunds."""

from __future__ import annotations

from typing import Any

RARE = "𠮷㐂〇\u9fc3"
LONG_NAME = "东城" + "新世纪国际文化发展" * 6 + "有限公司"
SCOPE = "一般项目：技术服务、技术开发、技术咨询、技术交流、技术转让、技术推广；软件开发；信息系统集成服务。"
_STATION = {
    "station_zh": "东城区政务服务中心24小时自助区",
    "station_en": "Dongcheng Government Service Centre, night area",
}
_NEXT = {
    "next_zh": "工作人员上班后查看。请保存收件编号，查询时要用。收件不等于受理。",
    "next_en": "Staff look at it when they start work. Keep this number. Receipt is not yet acceptance.",
}
_QR = {"qr": "https://check.example/v/7K3M9Q2T8X4"}
LICENCE: dict[str, Any] = {
    "kind": "company",
    "name": LONG_NAME[:60],
    "uscc": "91110101MA01ABCD5M",
    "person": "王" + RARE,
    "type_text": "有限责任公司（自然人投资或控股）",
    "capital": "壹佰万元整",
    "place": "北京市东城区示例街道1号院2号楼3层301室",
    "scope": SCOPE,
    "founded": "2018年12月10日",
    "issued": "2026 年 11 月 24 日",
    "authority": "北京市东城区市场监督管理局",
    "production": False,
    **_QR,
}
_TAX: dict[str, Any] = {
    "number": "311016180000000001",
    "issued_on": "2026-11-24",
    "authority": "国家税务总局北京市东城区税务局",
    "taxpayer": "王" + RARE,
    "taxpayer_number": "110101199003070011",
    "check_code": "TEST-0001",
    **_QR,
}
_CERTIFICATE_ROWS = [
    {"voucher": "311016171200000001", "tax": "个人所得税", "item": "工资薪金所得", "period": "2017-12-01 至 2017-12-31",
     "stored_on": "2018-01-15", "amount": "1409.50"},
    {"voucher": "311016180100000002", "tax": "个人所得税", "item": "工资薪金所得（退税）",
     "period": "2018-01-01 至 2018-01-31", "stored_on": "2018-02-15", "amount": "-325.04"},
]  # fmt: skip

EXAMPLES: dict[str, dict[str, Any]] = {
    "receipt": {
        **_STATION, **_NEXT, **_QR,
        "title_zh": "收件回执", "title_en": "RECEIPT OF DOCUMENTS", "number": "7K3M9-Q2T8X-4",
        "rows": [
            {"zh": "柜号", "en": "Compartment", "value": "12"},
            {"zh": "时间", "en": "Time", "value": "2026-11-24 22:03"},
            {"zh": "申请人", "en": "Applicant", "value": f"王* {RARE}"},
        ],
        "materials": [
            {"name": "公司登记（备案）申请书", "quality": "original", "copies": 1, "pages": 4},
            {"name": "住所使用证明 #let x = [*b*] $y$ \\ @a", "quality": "copy", "copies": 2, "pages": 10},
        ],
    },
    "failure": {
        **_STATION,
        "title_zh": "没有收件", "title_en": "NOTHING WAS TAKEN", "number": "7K3M9-Q2T8X-4",
        "rows": [{"zh": "时间", "en": "Time", "value": "2026-11-24 22:03"}],
        "happened_zh": "柜门打不开。", "happened_en": "The door did not open.",
        "safe_zh": "文件还在您手里。", "safe_en": "You still have your papers.",
        "next_zh": "请换个时间再来，或到服务窗口办理。", "next_en": "Come again later, or use a service window.",
    },
    "pickup": {
        **_STATION, **_QR,
        "compartment": 12, "code": "4827 1936", "until": "2026-12-16 18:00",
        "next_zh": "请到1号柜领取。凭条相当于钥匙，请勿交给他人。",
        "next_en": "Collect it at locker bank 1. This slip is a key: give it to nobody.",
    },
    "ticket": {
        **_STATION,
        "number": "A012", "business_zh": "企业登记", "business_en": "Company registration",
        "floor": 1, "windows": ["3", "4", "5", "6"], "ahead": 3, "taken_at": "2026-11-24 09:12",
        "next_zh": "过号当日可补号，无需重新排队。请看大屏和短信，大厅不播放语音。",
        "next_en": "If you miss your call, renew the number the same day; you keep your place.",
    },
    "compartment_label": {**_STATION, **_QR, "compartment": 12, "label": "L-7K3M9Q", "note": "取件柜 1 号"},
    "notice": {
        "kind": "to_be_completed", "number": "东市监补字〔2026〕第000123号", "authority": "北京市东城区市场监督管理局",
        "applicant": LONG_NAME[:60], "contact": "138****1234", "item": "公司设立登记",
        "case_number": "11110101MB00001A9B4000131001000202601050001", "applied_on": "2026年11月24日",
        "legal_basis": "《中华人民共和国行政许可法》第三十二条第一款第四项。",
        "gaps": [
            {"what": "住所使用证明复印件", "standard": "加盖产权单位公章，注明“与原件一致”。"},
            {"what": "股东会决议原件", "standard": f"全体股东（含{RARE}）签字。"},
        ],
        "due_on": "2026年12月1日", "handler": "李四", "handler_phone": "010-00000000",
        "dated": "2026年11月25日", "copies": ["申请人", "存档"], **_QR,
    },
    "licence_original": LICENCE,
    "licence_copy": {**LICENCE, "copy_number": 1, "copies": 2},
    "tax_record": {
        **_TAX, "period": "2019-01 至 2019-12", "id_kind": "居民身份证",
        "rows": [
            {"declared_on": "2019-02-15", "paid": "1680.32", "stored_on": "2019-02-16", "income": "工资薪金所得",
             "period": "2019-01", "authority": "国家税务总局北京市东城区税务局"},
            {"declared_on": "2020-03-10", "paid": "-6007.14", "stored_on": "2020-04-01", "income": "综合所得年度汇算",
             "period": "2019-12", "authority": "国家税务总局北京市东城区税务局", "note": "退税"},
        ],
    },
    "tax_certificate_table": {**_TAX, "rows": _CERTIFICATE_ROWS, "filled_by": "自助终端", "note": "样张"},
    "tax_certificate_text": {
        **_TAX, "rows": _CERTIFICATE_ROWS, "filled_by": "自助终端", "period": "2017-12 至 2018-01",
    },
    "archive_mark": {
        "custodian": "东城区档案馆", "fonds": "0023", "request": "LY20261124-0007", "copied_on": "2026-11-24",
        "page": 1, "pages": 3, **_QR,
    },
    "waybill": {
        "carrier": "EMS", "item_number": "EA473124829CN", "receiver": "张*", "receiver_phone": "138****1234",
        "receiver_address": "北京市东城区示例街道1号院2号楼3层301室", "sender": "东城区政务服务中心",
        "sender_phone": "010-00000000", "official_document": True, "weight_g": 120, "accepted_on": "2026-11-24",
    },
}  # fmt: skip
