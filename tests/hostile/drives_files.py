"""Honest drives with files that are none: what a person who means harm, or an infected computer, puts on them."""

from __future__ import annotations

from collections.abc import Callable

from tests.hostile import archives, pdfs, pictures
from tests.hostile.case import Case
from tests.hostile.drive_case import DriveCase, drive, offers
from tests.hostile.drive_parts import ONE, PDF, FatDrive, exfat

_LNK = b"L\0\0\0\x01\x14\x02\0" + bytes(200)
_LEFT = {
    "autorun.inf": b"[autorun]\r\nopen=x.exe\r\n",
    "AUTORUN.INF.pdf": b"[autorun]\r\nopen=x.exe\r\n",
    "desktop.ini": b"[.ShellClassInfo]\r\n",
    "photos.lnk": _LNK,
    "photos.pdf.lnk": _LNK,
    "photos.url": b"[InternetShortcut]\r\nURL=file://x.invalid/s\r\n",
    "photos.pdf": _LNK,
    "Thumbs.db": archives._OLE,
    ".DS_Store": b"\0\0\0\1Bud1",
    "._ok.pdf": b"\0\5\x16\7" + bytes(100),
    "~$ok.docx": b"x" * 162,
    "$RECYCLE.BIN/a.pdf": PDF,
    "System Volume Information/a.pdf": PDF,
}


def _flagged(attributes: int) -> Callable[[], bytes]:
    """An honest file and one with these attributes in its entry."""

    def build() -> bytes:
        made = FatDrive({"a.pdf": PDF, **ONE})
        return made.put(made.row(1) + 11, "<B", attributes).done()

    return build


def _exfat_flagged() -> bytes:
    image = exfat({"a.pdf": PDF, **ONE})
    image[image.index(b"\x85\x02") + 4] = 0x26
    return bytes(image)


def _gallery(*names: str) -> dict[str, Case]:
    every = {each.name: each for each in (*pdfs.cases(), *pictures.cases(), *archives.cases())}
    return {name: every[name] for name in names}


def _lying(name: str, tries: str, *files: str) -> DriveCase:
    """These files of the other gallery on one drive, each with the verdict that it has there."""
    chosen = _gallery(*files)
    expected = {each: "|".join(case.expected) for each, case in chosen.items()}

    def build() -> bytes:
        return FatDrive({**{each: case.build() for each, case in chosen.items()}, **ONE}, "fat16").done()

    return drive(name, tries, build, offers({**expected, "ok.pdf": "clean"}))


def cases() -> list[DriveCase]:
    hidden = offers({"ok.pdf": "clean"})
    return [
        drive("left-behind", "what starts programs, and what programs leave", lambda: FatDrive(_LEFT | ONE).done(),
              offers(
            {"ok.pdf": "clean", "photos.pdf": "not_allowed", "AUTORUN.INF.pdf": "not_allowed",
             "System Volume Information/a.pdf": "clean", "$RECYCLE.BIN/a.pdf": "clean"})),
        drive("hidden", "a hidden file", _flagged(0x22), hidden),
        drive("system", "a file of the system", _flagged(0x24), hidden),
        drive("label", "a file that says it is the drive's name", _flagged(0x28), hidden),
        drive("device", "a file that says it is a device", _flagged(0x60), hidden),
        drive("attributes", "a file that says it is everything", _flagged(0xFF), hidden),
        drive("exfat-hidden", "a hidden file of the system", _exfat_flagged, hidden),
        _lying("bombs", "files that grow: PDF, ZIP, pictures, XML", "flate-bomb.pdf",
               "zipbomb.docx", "bomb.png", "bomb.tif", "entities.docx"),
        _lying("active", "PDFs that act", "js-openaction.pdf", "launch.pdf", "submit.pdf", "embedded-exe.pdf",
               "xfa.pdf", "signed-active.pdf"),
        _lying("office", "macros, controls, passwords", "macro.docx", "macro-type.docx", "activex.docx", "ole.docx",
               "template.docx", "dde.docx", "password.docx", "encrypted-user.pdf", "encrypted.ofd"),
        _lying("polyglots", "two files in one", "exe-pdf.pdf", "html-pdf.pdf", "pdf-html.pdf", "signed-tail.pdf",
               "zip.jpg", "php.jpg", "head.docx", "tail.docx"),
        _lying("names-lie", "a kind that its bytes are not", "document.docx", "really.jpg", "program.pdf", "link.pdf",
               "doc-as.docx", "zeros.pdf"),
    ]  # fmt: skip
