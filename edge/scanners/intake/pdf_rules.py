"""What may stay in a PDF. Lists of what is allowed where a list is possible; names of what acts for the rest."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CATALOG = _names(
    "/Type /Version /Extensions /Pages /PageLabels /Names /Dests /ViewerPreferences /PageLayout "
    "/PageMode /Outlines /AcroForm /Metadata /StructTreeRoot /MarkInfo /Lang /OutputIntents "
    "/OCProperties /Perms /DSS /Threads "
)
_PAGE = _names(
    "/Type /Parent /LastModified /Resources /MediaBox /CropBox /BleedBox /TrimBox /ArtBox "
    "/Contents /Rotate /Group /Annots /UserUnit /Tabs /StructParents /Thumb /B /Dur /PZ /ID "
)
_ANNOTATIONS = _names(
    "/Text /Link /FreeText /Line /Square /Circle /Polygon /PolyLine /Highlight /Underline "
    "/Squiggly /StrikeOut /Stamp /Caret /Ink /Popup /Widget /PrinterMark /Watermark /Redact "
)
_ACTIONS = {
    **dict.fromkeys(("/JavaScript", "/Rendition"), "scripts_removed"),
    **dict.fromkeys(("/URI",), "links_removed"),
    **dict.fromkeys(
        _names(
            "/Launch /GoToR /GoToE /GoToDp /SubmitForm /ImportData /ResetForm /Named /Hide /SetOCGState "
            "/Sound /Movie /Thread /Trans /GoTo3DView /RichMediaExecute "
        ),
        "actions_removed",
    ),
}
_KEYS = {
    **dict.fromkeys(("/JS", "/JavaScript", "/AA", "/OpenAction"), "scripts_removed"),
    **dict.fromkeys(("/EmbeddedFiles", "/EF", "/RF", "/AF", "/Collection"), "attachments_removed"),
    **dict.fromkeys(("/RichMediaContent", "/RichMediaSettings", "/3DD", "/3DV", "/3DA", "/Movie"), "media_removed"),
    **dict.fromkeys(("/Renditions", "/AlternatePresentations", "/Sound"), "media_removed"),
    **dict.fromkeys(("/XFA",), "xfa_removed"),
    **dict.fromkeys(("/OPI", "/Ref", "/PS", "/PieceInfo", "/SpiderInfo", "/IDS"), "foreign_removed"),
}
# Drawn things: a resource may be called /AA or /JS, and nobody runs a font.
_DRAWN = frozenset(("/Font", "/XObject", "/ExtGState", "/Pattern"))
_EXTERNAL = ("/F", "/FFilter", "/FDecodeParms")


def is_signed(pdf: Pdf) -> bool:
    """Tell whether a signature was put into the file, wherever its field hangs."""
    return any(
        isinstance(each, Dictionary) and "/ByteRange" in each and "/Contents" in each for each in _everything(pdf)
    )


def clean(pdf: Pdf) -> set[str]:
    """Take out what acts, everywhere, and return the notes of it; nothing was changed if there are none."""
    notes: set[str] = set()
    for each in _everything(pdf):
        _clean_one(each, notes)
    _keep_only(pdf.Root, _CATALOG, notes)
    names = pdf.Root.get(Name.Names)
    if isinstance(names, Dictionary):
        _keep_only(names, frozenset(("/Dests",)), notes)
    return notes


def _everything(pdf: Pdf) -> Iterator[Object]:
    """Yield every container of the file: the trailer's, all indirect objects, and what lies directly in them.

    `pdf.objects` holds also what only another revision or nobody refers to, and what object streams hide.
    """
    for each in pdf.objects:
        yield from _direct(each)
    for value in pdf.trailer.values():
        if isinstance(value, Object) and not value.is_indirect:
            yield from _direct(value)


def _direct(top: Object) -> Iterator[Object]:
    waiting = [top]
    while waiting:
        each = waiting.pop()
        if not isinstance(each, Dictionary | Array | Stream):
            continue
        yield each
        children = each if isinstance(each, Array) else each.values()
        waiting.extend(child for child in children if isinstance(child, Dictionary | Array) and not child.is_indirect)


def _clean_one(each: Object, notes: set[str]) -> None:
    if isinstance(each, Array):
        _clean_annotations(each, notes)
        return
    _clean_keys(each, notes)
    if isinstance(each, Stream):
        _drop(each, _EXTERNAL, "foreign_removed", notes)
        if each.get(Name.Subtype) == Name.PS:
            each[Name.Subtype] = Name.Form
            each.write(b"")
            notes.add("foreign_removed")
        if each.get(Name.Type) == Name.EmbeddedFile:
            each.write(b"")
            _drop(each, ("/Type", "/Params", "/Subtype"), "attachments_removed", notes)
        return
    if _is_page(each):
        _keep_only(each, _PAGE, notes)
    if each.get(Name.Type) in {Name.Filespec, Name.F}:
        _drop(each, ("/F", "/UF", "/DOS", "/Mac", "/Unix", "/Type"), "foreign_removed", notes)
    note = _acts(each)
    if note is not None:
        _drop(each, tuple(each.keys()), note, notes)
    if isinstance(each.get("/AS"), Array):
        # Layers that switch themselves when the file is opened, printed or exported.
        _drop(each, ("/AS",), "actions_removed", notes)


def _is_page(each: Object) -> bool:
    return each.get(Name.Type) == Name.Page


def _acts(each: Object) -> str | None:
    kind = each.get(Name.S)
    if not isinstance(kind, Name) or each.get(Name.Type) == Name.StructElem:
        return None
    return _ACTIONS.get(str(kind))


def _clean_keys(each: Object, notes: set[str]) -> None:
    for key in tuple(each.keys()):
        note = _KEYS.get(key)
        value = each.get(key)
        if note is not None and not _is_drawn(value):
            del each[key]
            notes.add(note)
        elif isinstance(value, Dictionary) and (acts := _acts(value)) is not None:
            del each[key]
            notes.add(acts)
        elif key == "/URI" and isinstance(value, pikepdf.String | Dictionary):
            del each[key]
            notes.add("links_removed")


def _is_drawn(value: object) -> bool:
    return isinstance(value, Dictionary | Stream) and str(value.get(Name.Type, "")) in _DRAWN


def _clean_annotations(each: Array, notes: set[str]) -> None:
    for at in reversed(range(len(each))):
        child = each[at]
        if isinstance(child, Dictionary) and _bad_annotation(child):
            del each[at]
            notes.add("media_removed")


def _bad_annotation(child: Dictionary) -> bool:
    subtype = child.get(Name.Subtype)
    if subtype is None or "/Rect" not in child:
        return False
    return str(subtype) not in _ANNOTATIONS


def _keep_only(each: Object, allowed: frozenset[str], notes: set[str]) -> None:
    for key in tuple(each.keys()):
        if key not in allowed:
            del each[key]
            notes.add(_KEYS.get(key, "foreign_removed"))


def _drop(each: Object, keys: tuple[str, ...], note: str, notes: set[str]) -> None:
    for key in keys:
        if key in each:
            del each[key]
            notes.add(note)
