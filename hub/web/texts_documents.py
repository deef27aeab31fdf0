"""Sentences about documents of a submission, Chinese first, English complete; part of `texts.py`.

`note_*` are codes of what the station took out of a file, `check_*` of what it saw on a captured page.
"""

from __future__ import annotations

DOCUMENT_TEXTS: dict[str, tuple[str, str]] = {
    "documents_short": ("电子材料", "Documents"),
    "documents": ("提交的材料", "Materials of this submission"),
    "document_camera": ("高拍仪扫描件", "Captured pages"),
    "document_usb": ("U盘文件", "File from a USB drive"),
    "document_paper": ("纸质材料", "Paper"),
    "document_n": ("材料 {n}", "Document {n}"),
    "page_count": ("{count} 页", "{count} pages"),
    "page_count_one": ("1 页", "1 page"),
    "documents_here": ("{here} / {all} 份已到", "{here} of {all} have arrived"),
    "arrived": ("已收到，内容校验一致", "Arrived and verified"),
    "arrives": ("还没有到，站点联网后会自动传来", "Not here yet; the station sends it as soon as it has a line"),
    "list_waiting": (
        "材料清单还没有到：文件名和检查结果稍后显示。",
        "The list of materials has not arrived yet; names and remarks come with it.",
    ),
    "list_unreadable": (
        "材料清单无法读取：文件名和检查结果不能显示，文件本身不受影响。",
        "The list of materials can't be read, so names and remarks are missing; the files themselves are not affected.",
    ),
    "paper_inside": ("在 {n} 号柜中", "in compartment {n}"),
    "paper_cleared": ("已从 {n} 号柜取出", "taken out of compartment {n}"),
    "document_view": ("查看", "View"),
    "document_download": ("下载原文件", "Download the file"),
    "download_note": ("查看和下载都会记入审计。", "Views and downloads are recorded in the audit."),
    "not_drawable": (
        "这种文件不能在这里显示，请下载后查看。",
        "This kind of file can't be shown here; please download it.",
    ),
    "not_drawn": (
        "这一页无法显示（文件可能有问题），可以下载原文件。",
        "This page can't be shown (something may be wrong with the file); the file itself can be downloaded.",
    ),
    "page_n_of": ("第 {n} 页，共 {all} 页", "Page {n} of {all}"),
    "pages_differ": ("站点登记 {said} 页，文件实有 {all} 页。", "The station said {said} pages, the file has {all}."),
    "page_before": ("上一页", "Previous page"),
    "page_after": ("下一页", "Next page"),
    "turn_left": ("左转", "Turn left"),
    "turn_right": ("右转", "Turn right"),
    "zoom": ("大小", "Size"),
    "zoom_fit": ("整页", "Whole page"),
    "zoom_width": ("适合宽度", "Full width"),
    "zoom_large": ("放大", "Enlarged"),
    "viewer_keys": (
        "键盘：← → 翻页，+ − 缩放，0 整页，R L 旋转",
        "Keys: ← → turn pages, + − size, 0 whole page, R L rotate",
    ),
    "on_page": ("第 {n} 页：", "Page {n}: "),
    "check_blur": ("有些模糊", "somewhat blurred"),
    "check_glare": ("有反光", "glare"),
    "check_blank": ("像是空白页", "looks blank"),
    "check_finger": ("手指挡住了一部分", "a finger covers a part"),
    "check_cut": ("边缘没有拍全", "an edge is cut off"),
    "check_duplicate": ("和前面一页一样", "the same as an earlier page"),
    "note_links_removed": ("站点已去掉网址链接", "Web links were removed at the station"),
    "note_scripts_removed": ("站点已去掉脚本", "Scripts were removed at the station"),
    "note_actions_removed": ("站点已去掉自动动作", "Automatic actions were removed at the station"),
    "note_attachments_removed": ("站点已去掉夹带的附件", "Attached files were removed at the station"),
    "note_media_removed": ("站点已去掉音频、视频等内容", "Sound, video or similar was removed at the station"),
    "note_xfa_removed": ("站点已去掉动态表单，保留其外观", "The dynamic form was removed; what it shows is kept"),
    "note_foreign_removed": ("站点已去掉外部引用", "References to the outside were removed at the station"),
    "note_tail_removed": ("站点已去掉文件末尾多余的内容", "Extra content at the end was removed at the station"),
    "note_signature_kept": ("文件未改动，签名保留", "Unchanged; its signature is kept"),
    "note_name_corrected": (
        "文件名的后缀和内容不同，已按内容处理",
        "Its name's ending differed; it was read by content",
    ),
    "note_reduced": ("照片很大，已缩小一半", "The picture was very large and was halved"),
    "note_animation_removed": ("动画只保留第一帧", "Only the first picture of the animation is kept"),
    # --- what was refused, and why ---
    "document_unknown": ("这份收件没有这个材料。", "This deposit has no such document."),
    "page_unknown": ("没有这一页。", "There is no such page."),
    "not_arrived": ("这份材料还没有从站点传来。", "This document has not arrived from its station yet."),
    "content_damaged": (
        "存储中的这份材料缺失或损坏，请联系技术人员。",
        "This document is missing or damaged in the store; please call a technician.",
    ),
    "undrawable_broken": (
        "这一页无法显示：文件有问题。",
        "This page can't be shown: something is wrong with the file.",
    ),
    "undrawable_encrypted": ("文件有密码，无法显示。", "The file has a password and can't be shown."),
    "undrawable_no_page": ("文件没有这一页。", "The file has no such page."),
    "undrawable_too_slow": ("这一页画得太久，已停止。", "This page took too long to draw and was stopped."),
}
