"""Looks at what got through, with nothing of the intake's own code: forbidden words in unpacked bytes."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

import pikepdf
from PIL import Image

_PDF = re.compile(
    rb"/(JavaScript|JS|OpenAction|AA|Launch|URI|GoToR|GoToE|SubmitForm|ImportData|EmbeddedFiles?|EF|RichMedia\w*|3D\w*"
    rb"|Movie|Sound|XFA|FileAttachment|FFilter|Collection)\b|PK\x03\x04|<script|passwd|\x90\x90\x90"
)
_OFFICE = re.compile(rb"vba|macro|DDE|altChunk|OLEObject|<!DOCTYPE|<!ENTITY|\xd0\xcf\x11\xe0|invalid", re.IGNORECASE)
_PICTURE = re.compile(rb"<\?php|PK\x05\x06|<script")


def harm(content: bytes, media_type: str) -> list[str]:
    """Return what should not be there."""
    if media_type == "application/pdf":
        return _found(_PDF, _unpacked(content))
    if media_type.startswith("image/"):
        with Image.open(BytesIO(content)) as image:
            more = ["metadata"] if image.getexif().get_ifd(0x8769) or "comment" in image.info else []
        return more + _found(_PICTURE, content)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return _found(_OFFICE, b"\n".join(archive.read(name) for name in archive.namelist()))


def _unpacked(content: bytes) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as pdf:
        options = {"object_stream_mode": pikepdf.ObjectStreamMode.disable, "qdf": True}
        pdf.save(out, stream_decode_level=pikepdf.StreamDecodeLevel.generalized, **options)
    return out.getvalue()


def _found(pattern: re.Pattern[bytes], data: bytes) -> list[str]:
    return sorted({match.group(0).decode("latin-1") for match in pattern.finditer(data)})
