"""Files of a drive: whatever the bytes, a kept file or a refusal that has words."""

from __future__ import annotations

import typing

from edge.errors import FileRefusedError
from edge.scanners.intake.judge import judge
from edge.scanners.intake.limits import Reason
from tests.fuzz.runner import Entry
from tests.hostile import archives, pdfs, pictures

_REASONS = typing.get_args(Reason)


def _feed(data: bytes) -> None:
    """The name says nothing here, so that it is never the reason."""
    try:
        kept = judge("x", data)
    except FileRefusedError as refused:
        if refused.reason not in _REASONS:
            raise ValueError(refused.reason) from refused
        raise
    if not (kept.content and kept.pages > 0 and kept.media_type):
        raise ValueError("an empty file was kept")


def _seeds(*chosen: bytes) -> list[bytes]:
    return [each for each in chosen if len(each) < 65536]


ENTRIES = [
    Entry(
        "intake pdf",
        _feed,
        _seeds(*(each.build() for each in pdfs.cases() if "flate" not in each.name and "many" not in each.name)),
        (FileRefusedError,),
    ),
    Entry(
        "intake pictures",
        _feed,
        _seeds(*(pictures.encoded(form, mode) for form in ("PNG", "TIFF") for mode in ("L", "P", "RGB")))
        + _seeds(pictures.encoded("JPEG"), pictures.encoded("JPEG", "CMYK")),
        (FileRefusedError,),
    ),
    Entry("intake archives", _feed, _seeds(archives.docx(), archives.ofd()), (FileRefusedError,)),
]
