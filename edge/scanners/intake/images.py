"""Pictures: measured by their headers before anything is decoded, then encoded anew; only the pixels survive."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from edge.ports import ImportedFile
from edge.scanners.intake.limits import MOST_DECODED, MOST_PIXELS, refuse

# Sizes are limited here, by what each mode costs; Pillow's own warning knows only pixels.
Image.MAX_IMAGE_PIXELS = None
_BYTES = {"1": 1, "L": 1, "P": 1, "LA": 4, "RGB": 4, "RGBA": 4, "CMYK": 4, "I;16": 2, "I": 4, "F": 4}
_MOST_TIF_PAGES = 100
_THUMBNAIL = (320, 320)
_ORIENTATION = 0x0112


def thumbnail(image: Image.Image) -> bytes:
    """Return a small JPEG."""
    small = _reduced(image)
    small = small.convert("RGB")
    small.thumbnail(_THUMBNAIL)
    small.info = {}
    out = BytesIO()
    small.save(out, "JPEG", quality=80)
    return out.getvalue()


def _reduced(image: Image.Image) -> Image.Image:
    """Return a smaller copy; Pillow averages only some modes, and the others are thinned out."""
    factor = _shrink(image)
    if factor == 1:
        return image.copy()
    if image.mode == "1":
        return image.convert("L").reduce(factor)
    if image.mode in {"L", "LA", "RGB", "RGBA", "CMYK"}:
        return image.reduce(factor)
    return image.resize((max(1, image.width // factor), max(1, image.height // factor)), Image.Resampling.NEAREST)


def _upright(image: Image.Image) -> Image.Image:
    """Turn as the camera noted; asked first, since Pillow copies what need not be turned."""
    return ImageOps.exif_transpose(image) if _turned(image) else image


def _shrink(image: Image.Image) -> int:
    return max(1, min(image.size) // (2 * _THUMBNAIL[0]))


def _open(content: bytes, form: str) -> Image.Image:
    try:
        return Image.open(BytesIO(content), formats=[form])
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        refuse("broken")


def _measure(image: Image.Image, copies: int) -> None:
    pixels = image.width * image.height
    if pixels > MOST_PIXELS or pixels * _BYTES.get(image.mode, 8) * copies > MOST_DECODED * 4 // 3:
        refuse("too_many_pixels")


def _load(image: Image.Image) -> None:
    try:
        image.load()
    except (OSError, SyntaxError, ValueError, EOFError):
        refuse("broken")


def clean_jpg(content: bytes) -> ImportedFile:
    """Encode anew, upright; a picture of more than 25 megapixels is halved while it is decoded."""
    image = _open(content, "JPEG")
    notes: tuple[str, ...] = ()
    if image.width * image.height > MOST_PIXELS * 4:
        refuse("too_many_pixels")
    if image.width * image.height > MOST_PIXELS // 2:
        image.draft(image.mode, (image.width // 2, image.height // 2))
        notes = ("reduced",)
    _measure(image, 2 if _turned(image) or image.mode not in {"L", "RGB"} else 1)
    _load(image)
    image = _upright(image)
    if image.mode not in {"L", "RGB"}:
        image = image.convert("RGB")
    return _encoded(image, "JPEG", "image/jpeg", notes, quality=92)


def _turned(image: Image.Image) -> bool:
    return bool(image.getexif().get(_ORIENTATION, 1) != 1)


def clean_png(content: bytes) -> ImportedFile:
    """Encode anew; of an animation the first picture is kept."""
    image = _open(content, "PNG")
    # Before anything else is asked of it: a PNG is decoded to look for its EXIF.
    _measure(image, 1)
    notes: tuple[str, ...] = ("animation_removed",) if getattr(image, "n_frames", 1) > 1 else ()
    transparent = image.mode == "P" and "transparency" in image.info
    _measure(image, 2 if transparent or _turned(image) else 1)
    _load(image)
    image = _upright(image)
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    return _encoded(image, "PNG", "image/png", notes, compress_level=1 if image.width * image.height > 4e6 else 6)


def _encoded(image: Image.Image, form: str, media_type: str, notes: tuple[str, ...], **options: int) -> ImportedFile:
    image.info = {}
    out = BytesIO()
    image.save(out, form, **options)
    return ImportedFile(out.getvalue(), media_type, 1, thumbnail(image), notes)


def clean_tif(content: bytes) -> ImportedFile:
    """Encode every page anew, one after the other in memory."""
    image = _open(content, "TIFF")
    pages = _count(image)
    image.seek(0)
    small = thumbnail(_page(image))
    image.seek(0)
    out = BytesIO()
    frames = _pages(image, pages)
    first = next(frames)
    first.save(out, "TIFF", compression=_compression(first), save_all=pages > 1, append_images=frames)
    return ImportedFile(out.getvalue(), "image/tiff", pages, small)


def _compression(image: Image.Image) -> str:
    return "group4" if image.mode == "1" else "tiff_lzw"


def _count(image: Image.Image) -> int:
    pages, pixels = 0, 0
    try:
        for pages in range(1, _MOST_TIF_PAGES + 2):
            image.seek(pages - 1)
            pixels += image.width * image.height
            _measure(image, 2)
            if pages > _MOST_TIF_PAGES:
                refuse("too_many_pages")
            if pixels > MOST_PIXELS:
                refuse("too_many_pixels")
    except EOFError:
        return pages - 1
    return pages


def _pages(image: Image.Image, pages: int) -> Iterator[Image.Image]:
    for number in range(pages):
        image.seek(number)
        yield _page(image)


def _page(image: Image.Image) -> Image.Image:
    """Return a copy that knows nothing of the file: what is saved as TIFF takes over the tags of what was read."""
    _load(image)
    upright = _upright(image)
    fresh = upright.convert("RGB") if upright.mode in {"CMYK", "YCbCr", "LAB", "RGBX"} else upright
    clean = Image.new(fresh.mode, fresh.size)
    clean.paste(fresh)
    if fresh.mode == "P" and (palette := fresh.getpalette()) is not None:
        clean.putpalette(palette)
    return clean
