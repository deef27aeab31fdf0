"""Why a received PDF is not taken in, Chinese first; for the back office's programs and for the desk."""

from __future__ import annotations

PDF_WORDS: dict[str, tuple[str, str]] = {
    "no_pdf_roots": (
        "没有配置受信任的签名机构，不能接收已签名的 PDF。",
        "No authority is configured whose signatures are trusted, so signed PDFs are not taken in.",
    ),
    "pdf_unreadable": (
        "不是可读的 PDF，或文件已加密、已损坏。",
        "No readable PDF: it is damaged, encrypted or something else.",
    ),
    "pdf_unsigned": ("PDF 没有签名。", "The PDF bears no signature."),
    "pdf_altered": ("PDF 在签名后被改动。", "The PDF was altered: what was signed is not what is there."),
    "pdf_changed": (
        "签名之后又添加了内容。",
        "Something was added to the PDF after its signature, or against its certification.",
    ),
    "pdf_weak": (
        "签名使用的算法或密钥强度不足或不受支持。",
        "The signature uses a digest or key that is too weak, or that is not supported.",
    ),
    "pdf_expired": ("签名证书不在有效期内。", "The signer's certificate is not valid at this time."),
    "pdf_unknown_signer": ("签名者不受信任。", "The signer is not known to an authority that is trusted here."),
    "pdf_revoked": ("签名证书已被吊销。", "The signer's certificate was revoked."),
    "pdf_not_checked": ("签名检查没有完成，请重试。", "The check of the signature did not finish; try again."),
}
