"""Sentences about files on a citizen's drive: why one is not taken, what is safe, and what to do next."""

from __future__ import annotations

FILE_TEXTS: dict[str, tuple[str, str]] = {
    "file_too_large": (
        "这个文件太大，没有收。U 盘里的文件没有动。请压缩或分成几个文件再试。",
        "This file is too large and was not taken. Your drive is unchanged. Make it smaller or split it and try again.",
    ),
    "file_too_much": (
        "这次复制的文件加起来太大，这个没有收。请先提交已加进清单的，再分一次提交。",
        "This visit's files are too large together; this one was not taken. Hand in what is listed, then the rest.",
    ),
    "file_empty": (
        "这个文件是空的，没有收。请换一个文件。",
        "This file is empty and was not taken. Please choose another file.",
    ),
    "file_not_allowed": (
        "这种文件不能收。U 盘里的文件没有动。请另存为 PDF，或用高拍仪拍摄纸质件。",
        "This kind of file can't be taken. Your drive is unchanged. Save it as a PDF, or capture the paper here.",
    ),
    "file_name_mismatch": (
        "文件名和内容不一致，没有收。请用原来的软件另存为 PDF 再试。",
        "The file's name and content disagree; it was not taken. Save it as a PDF with the program that made it.",
    ),
    "file_polyglot": (
        "文件里夹带了别的内容，没有收。请另存为 PDF 再试。",
        "Something else is hidden in this file; it was not taken. Save it as a PDF and try again.",
    ),
    "file_broken": (
        "这个文件已损坏，读不完整，没有收。请先在电脑上打开确认，再重新存一次。",
        "This file is damaged and was not taken. Check that it opens on your computer, then save it again.",
    ),
    "file_encrypted": (
        "这个文件有密码，没有收。请去掉密码，另存一份再试。",
        "This file has a password and was not taken. Save a copy without a password and try again.",
    ),
    "file_macros": (
        "文件里有宏，没有收。请另存为 PDF 再试。",
        "This file contains macros and was not taken. Save it as a PDF and try again.",
    ),
    "file_active": (
        "文件里有会自动运行的内容，没有收。请另存为 PDF 再试。",
        "This file contains things that run by themselves and was not taken. Save it as a PDF and try again.",
    ),
    "file_active_signed": (
        "这份签名文件里有会自动运行的内容，去掉会破坏签名，所以没有收。请到服务窗口办理，或打印后用高拍仪拍摄。",
        "This signed file contains things that run by themselves; removing them would break the signature, so it was "
        "not taken. Please use a service window, or print it and capture it here.",
    ),
    "file_bomb": (
        "这个文件打开后会大得不正常，没有收。请另存为 PDF 再试。",
        "This file would grow far too large when opened and was not taken. Save it as a PDF and try again.",
    ),
    "file_too_many_pages": (
        "页数太多（最多 500 页，TIF 图片最多 100 页），没有收。请分成几个文件再试。",
        "It has too many pages (500 at most, 100 for TIF) and was not taken. Split it into several files.",
    ),
    "file_too_many_pixels": (
        "图片的尺寸太大，没有收。请缩小图片，或降低扫描精度再试。",
        "The picture is too large and was not taken. Make it smaller, or scan at a lower resolution.",
    ),
    "file_too_slow": (
        "这个文件处理时间太长，没有收。请另存为 PDF 再试，或用高拍仪拍摄纸质件。",
        "This file took too long to check and was not taken. Save it as a PDF, or capture the paper here.",
    ),
    "file_virus": (
        "在这个文件里发现了病毒，没有收。机器没有受影响。请先给电脑和 U 盘杀毒。",
        "A virus was found in this file; it was not taken and this machine is safe. Scan your computer and drive.",
    ),
    "file_no_scanner": (
        "病毒检查暂时不能用，现在不能收 U 盘文件。请用高拍仪拍摄纸质件，或到服务窗口办理。技术人员会收到通知。",
        "The virus check is not working, so files can't be taken now. Capture the paper here or use a service window. "
        "The technician is told.",
    ),
    "note_links_removed": ("已去掉网址链接", "Web links were removed"),
    "note_scripts_removed": ("已去掉脚本", "Scripts were removed"),
    "note_actions_removed": ("已去掉自动动作", "Automatic actions were removed"),
    "note_attachments_removed": ("已去掉夹带的附件", "Attached files were removed"),
    "note_media_removed": ("已去掉音频、视频等内容", "Sound, video or similar was removed"),
    "note_xfa_removed": ("已去掉动态表单，填写的内容按外观保留", "The dynamic form was removed; what it shows is kept"),
    "note_foreign_removed": ("已去掉外部引用", "References to the outside were removed"),
    "note_tail_removed": ("已去掉文件末尾多余的内容", "Extra content at the end was removed"),
    "note_signature_kept": ("文件未改动，签名保留", "Unchanged; its signature is kept"),
    "note_name_corrected": (
        "文件名的后缀和内容不同，已按内容处理",
        "Its name's ending differed; it was read by content",
    ),
    "note_reduced": ("照片很大，已缩小一半", "The picture was very large and was halved"),
    "note_animation_removed": ("动画只保留第一帧", "Only the first picture of the animation is kept"),
}
