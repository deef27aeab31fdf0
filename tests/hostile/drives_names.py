"""Names that hide, mislead, name places, or are no text."""

from __future__ import annotations

from collections.abc import Callable

from tests.hostile.drive_case import DriveCase, drive, offers
from tests.hostile.drive_parts import ONE, PDF, FatDrive, exfat

_LONG = "长" * 251 + ".pdf"
_LONG_SHOWN = "长" * 99 + "…" + "长" * 16 + ".pdf"


def _named(name: str, shown: str, title: str, tries: str, fat: str | None = None) -> list[DriveCase]:
    """The same name on FAT and on exFAT, beside an honest file; not offered when it is shown as nothing.

    `fat`: as it is shown on FAT, when that differs, because a name of FAT ends where a zero stands.
    """
    files = {name: PDF, **ONE}
    on_fat, on_exfat = (
        offers({"ok.pdf": "clean", **({each: "clean"} if each else {})})
        for each in (shown if fat is None else fat, shown)
    )
    return [
        drive(f"name-{title}", tries, lambda: FatDrive(files).done(), on_fat),
        drive(f"exfat-name-{title}", tries, lambda: bytes(exfat(files)), on_exfat),
    ]


def _changed(name: str, change: Callable[[FatDrive, int], object]) -> Callable[[], bytes]:
    """A drive with this file, whose short entry lies at the place that `change` is given."""

    def build() -> bytes:
        made = FatDrive({name: PDF, **ONE})
        change(made, made.row(1))
        return made.done()

    return build


def _short(name: bytes) -> Callable[[], bytes]:
    """Only a short name, of any bytes: the long one in front of it is another file's."""
    return _changed("a.pdf", lambda made, row: made.put(row, "11s", name).put(row - 32, "<B", 0xE5))


def _swapped(made: FatDrive, row: int) -> None:
    one, two = made.image[row - 64 : row - 32], made.image[row - 32 : row]
    made.image[row - 64 : row] = two + one


def _long_names() -> list[DriveCase]:

    twins = {"a.pdf": PDF, "b.pdf": PDF, **ONE}
    long = "a-long-name-of-two-entries.pdf"

    def as_b(made: FatDrive) -> FatDrive:
        return made.put(made.image.index("b.pdf".encode("utf-16-le")), "<H", ord("a"))

    kept = offers({"ok.pdf": "clean", "ND00~001.PDF": "clean"})
    return [
        drive("long-order", "the parts of a long name in the wrong order", _changed(long, _swapped), kept),
        drive("long-sum", "a long name of another file", _changed(
            long, lambda made, row: made.put(row - 32 + 13, "<B", 0x11).put(row - 64 + 13, "<B", 0x11).put(
                row - 96 + 13, "<B", 0x11)), kept),
        drive("long-orphan", "a long name without its last part", _changed(
            long, lambda made, row: made.put(row - 64, "<B", 0xE5)), kept),
        drive("long-63", "a long name that says it has 63 parts", _changed(
            long, lambda made, row: made.put(row - 64, "<B", 0x7F)), kept),
        drive("long-0", "a long name that says it has none", _changed(
            long, lambda made, row: made.put(row - 64, "<B", 0x40)), kept),
        drive("short-only", "bytes that are no text in any encoding", _short(b"\xff\xfe\x81\x80\x9f   PDF"), offers(
            {"ok.pdf": "clean", "\ufffd\ufffd亐\ufffd.PDF": "clean"})),
        drive("short-control", "control characters", _short(b"\x1b[2J\x07\x08  PDF"), offers(
            {"ok.pdf": "clean", "_[2J__.PDF": "clean"})),
        drive("short-place", "a place as a name", _short(b"../..   PDF"), offers({"ok.pdf": "clean"})),
        drive("name-twice", "two files of one name", lambda: as_b(FatDrive(twins)).done(), offers(
            {"ok.pdf": "clean", "a.pdf": "clean"}, count=3)),
    ]  # fmt: skip


def cases() -> list[DriveCase]:
    return [
        *_named("a\x00b.pdf", "a_b.pdf", "nul", "a name that ends for some and not for others", fat=""),
        *_named("\x1b]0;x\x07\r\n.pdf", "_]0;x___.pdf", "control", "commands to a terminal"),
        *_named("fdp.\u202efdp.pdf", "fdp._fdp.pdf", "backwards", "reads backwards"),
        *_named("a\u200b\u2066\ufeff.pdf", "a___.pdf", "unseen", "signs that nobody sees"),
        *_named("\ud800a\udfff.pdf", "_a_.pdf", "half", "halves of characters"),
        *_named(_LONG, _LONG_SHOWN, "255", "255 units"),
        *_named("....pdf", "", "dots", "nothing but dots before its kind"),
        *_named("..\\..\\x.pdf", "", "up", "a place elsewhere"),
        *_named("C:x.pdf", "C_x.pdf", "stream", "a drive, or a second stream"),
        *_named("CON.pdf", "_CON.pdf", "device", "a device of Windows"),
        *_named("<script>alert(1)<.pdf", "_script_alert(1)_.pdf", "html", "a page's own words"),
        *_named("%s%n{0}${x}.pdf", "%s%n{0}${x}.pdf", "format", "what a careless program fills in"),
        *_named("a.pdf.exe", "", "program", "a program that looks like a document"),
        *_named("a.pdf.", "", "dot-end", "a dot behind its kind"),
        *_named("a.PDF ", "a.PDF", "space-end", "a blank behind its kind"),
        *_named(
            "e\u0301" + "\u0301" * 60 + ".pdf", "\u00e9" + "\u0301" * 60 + ".pdf", "marks", "sixty marks over a letter"
        ),
        *_long_names(),
    ]
