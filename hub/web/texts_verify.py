"""Words of the public page that says what a paper is worth; part of `texts.py`. Kinds are named as on the papers."""

from __future__ import annotations

from hub.services.pdf_words import PDF_WORDS

VERIFY_TEXTS: dict[str, tuple[str, str]] = {
    **PDF_WORDS,
    "verify_title": ("核验证照与凭条", "Check a paper"),
    "verify_lead": (
        "扫描纸上的二维码，或输入核验码。",
        "Scan the QR code on the paper, or type its verification code.",
    ),
    "verify_code": ("核验码或二维码内容", "Verification code, or what the QR code says"),
    "verify_check": ("核验", "Check"),
    "verify_example": ("例如 7K3M-9Q2T-8X4C", "For example 7K3M-9Q2T-8X4C"),
    "verify_kind": ("种类", "What it is"),
    "verify_number": ("编号", "Number"),
    "verify_day": ("签发日期", "Issued on"),
    "verify_issuer": ("签发", "Issued by"),
    "verify_issuer_hub": ("政务服务中心", "the service centre"),
    "verify_issuer_station": ("自助终端 {station}", "self-service station {station}"),
    "verify_short": ("核验码", "Verification code"),
    "verify_in_force": ("真实有效", "Genuine and in force"),
    "verify_in_force_note": (
        "请核对纸上的编号、日期与此处一致。",
        "Compare number and date on the paper with what stands here.",
    ),
    "verify_station": ("真实凭条", "A genuine slip"),
    "verify_station_note": (
        "这张凭条由自助终端打印。办理情况请凭收件编号到窗口询问。",
        "A self-service station printed this slip. To ask how the matter stands, bring its number to a window.",
    ),
    "verify_replaced": ("已被换发，不再有效", "Replaced, no longer in force"),
    "verify_replaced_note": ("新证照已签发（{day}）。", "Another paper was issued in its place on {day}."),
    "verify_revoked": ("已作废", "No longer in force"),
    "verify_revoked_note": ("作废日期：{day}。", "Since {day}."),
    "verify_not_issued": ("尚未发出", "Not handed out"),
    "verify_not_issued_note": (
        "编号存在，但纸张没有记录为已发出。持有这样的纸张请到窗口询问。",
        "The number exists, but no such paper is on record as printed. If you hold one, ask at a window.",
    ),
    "verify_unknown": ("签名无误，登记中没有这份纸张", "Rightly signed, but not on record"),
    "verify_unknown_note": ("请到服务窗口询问。", "Please ask at a service window."),
    "verify_no_code": ("查不到这个核验码", "This code is not known"),
    "verify_no_code_note": (
        "请重新扫描，或检查字符是否有误：核验码为12位。如果无误，登记中没有这份纸张，请到服务窗口询问。",
        "Scan again, or look for a wrong symbol: a typed code has twelve. If it is right, no such paper is on record: "
        "ask at a service window.",
    ),
    "verify_forged": ("核验不通过：可能是伪造", "Not genuine: it may be forged"),
    "verify_forged_note": (
        "二维码的签名与公布的密钥不符。请不要接受这份纸张，并告知服务窗口。",
        "The code was not signed by a published key. Do not accept this paper, and tell a service window.",
    ),
    "verify_key_revoked": ("不能凭签名核验", "The signature proves nothing"),
    "verify_key_revoked_note": (
        "签发这份纸张的密钥已被吊销，登记中也没有它。请到服务窗口询问。",
        "The key that signed it was revoked, and the paper is not on record. Please ask at a service window.",
    ),
    "verify_busy": ("查询过于频繁，请稍等片刻再试。", "Too many checks just now. Please wait a moment."),
    "verify_privacy": (
        "此页不显示任何个人信息。也可以用公布的密钥离线核验。",
        "Nobody's data is shown here. Papers can also be checked offline with the published keys.",
    ),
    "verify_keys": ("公布的密钥", "Published keys"),
    "paper_kind_licence_original": ("营业执照（正本）", "business licence (original)"),
    "paper_kind_licence_copy": ("营业执照（副本）", "business licence (copy)"),
    "paper_kind_notice": ("通知书", "notice"),
    "paper_kind_tax_record": ("个人所得税纳税记录", "record of individual income tax"),
    "paper_kind_tax_certificate_table": ("税收完税证明（表格式）", "tax payment certificate (table)"),
    "paper_kind_tax_certificate_text": ("税收完税证明（文书式）", "tax payment certificate (text)"),
    "paper_kind_archive_mark": ("档案复制件", "copy from the archive"),
    "paper_kind_received": ("电子证明", "electronic certificate"),
    "paper_kind_receipt": ("收件凭条", "receipt"),
    "paper_kind_failure": ("未办成凭条", "slip about a failure"),
    "paper_kind_pickup": ("取件凭条", "pickup slip"),
    "no_paper_key": (
        "没有可用的证照签发密钥，请管理员运行 hub paper make-key。",
        "No key that issues papers is in use; an administrator runs hub paper make-key.",
    ),
    "paper_key_in_use": ("已有在用的密钥，请用 rotate-key。", "A key is in use; use rotate-key."),
    "paper_key_days": ("有效天数为 1 至 3660。", "A key is used for 1 to 3660 days."),
    "paper_key_odd": ("不是 Ed25519 公钥文件。", "This is no public Ed25519 key."),
    "paper_key_known": ("这个密钥已经公布。", "This key is published already."),
    "paper_key_unknown": ("没有这个密钥。", "There is no such key."),
    "paper_key_revoked": ("这个密钥已被吊销。", "This key is revoked already."),
    "paper_reason": ("请给出 1 至 200 字的理由。", "A reason of 1 to 200 characters is needed."),
    "paper_unknown": ("没有这个编号的有效纸张。", "No paper of that number is in force."),
}
