"""PDFs that act, hide, grow or loop."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from tests.hostile.case import CLEAN, Case, case

_JS = b"app.alert(1)"


def saved(change: Callable[[Pdf], None], **options: object) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    change(pdf)
    out = BytesIO()
    pdf.save(out, static_id=True, **options)  # type: ignore[arg-type]  # options of the writer, whatever a case needs
    return out.getvalue()


def script() -> Dictionary:
    return Dictionary(Type=Name.Action, S=Name.JavaScript, JS=_JS.decode())


def raw(*objects: bytes, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF of these objects, numbered from 1, with a right table."""
    out, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, rows)
    return out + table + b"trailer\n<</Size %d %s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, len(out))


def stream(data: bytes, head: bytes) -> bytes:
    return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (head, len(data), data)


_CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
_PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"


def _page(more: bytes = b"") -> bytes:
    return b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]%s>>" % more


def _annotation(pdf: Pdf, **keys: Any) -> None:  # noqa: ANN401 - what a dictionary of a PDF may hold
    rect = Array([0, 0, 99, 99])
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(Dictionary(Type=Name.Annot, Rect=rect, **keys))])


def _action(action: Dictionary) -> bytes:
    return saved(lambda pdf: _annotation(pdf, Subtype=Name.Link, A=action))


def _root(**keys: object) -> bytes:
    def change(pdf: Pdf) -> None:
        for key, value in keys.items():
            pdf.Root["/" + key] = value

    return saved(change)


def _embedded(pdf: Pdf) -> None:
    body = Stream(pdf, b"MZ" + b"\x90" * 100, Type=Name.EmbeddedFile)
    spec = Dictionary(Type=Name.Filespec, F="run.exe", EF=Dictionary(F=pdf.make_indirect(body)))
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array(["run.exe", pdf.make_indirect(spec)])))


def _hidden(pdf: Pdf) -> None:
    pdf.Root.OpenAction = pdf.make_indirect(script())


def signed(pdf: Pdf) -> None:
    signature = Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), ByteRange=Array([0, 1, 2, 3]), Contents="x")
    field = Dictionary(FT=Name.Sig, T="s", V=pdf.make_indirect(signature))
    pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.make_indirect(field)]), SigFlags=3)


def _signed_active(pdf: Pdf) -> None:
    signed(pdf)
    _hidden(pdf)


def _flate_bomb(layers: int) -> bytes:
    data = b"\x00" * (200 << 20) if layers == 1 else zlib.compress(b"\x00" * (200 << 20), 9)
    packed = zlib.compress(data, 9)
    head = b"/Filter[" + b"/FlateDecode " * layers + b"]"
    return raw(_CATALOG, _PAGES, _page(b"/Contents 4 0 R"), stream(packed, head))


def _many_filters() -> bytes:
    data = b"q Q"
    for _ in range(12):
        data = zlib.compress(data)
    return raw(_CATALOG, _PAGES, _page(b"/Contents 4 0 R"), stream(data, b"/Filter[" + b"/FlateDecode " * 12 + b"]"))


def _picture(width: int, height: int) -> bytes:
    head = b"/Type/XObject/Subtype/Image/ColorSpace/DeviceRGB/BitsPerComponent 8/Width %d/Height %d" % (width, height)
    resources = b"/Resources<</XObject<</I 4 0 R>>>>"
    return raw(_CATALOG, _PAGES, _page(resources), stream(zlib.compress(b"x"), head + b"/Filter/FlateDecode"))


def _forms(levels: int, times: int) -> bytes:
    forms = [
        stream(
            b"/F Do " * times, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F %d 0 R>>>>" % (n + 6)
        )
        for n in range(levels)
    ]
    last = stream(b"0 0 1 1 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    page = _page(b"/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>")
    return raw(_CATALOG, _PAGES, page, stream(b"/F Do", b""), *forms, last)


def _self_form() -> bytes:
    form = stream(b"/F Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>")
    page = _page(b"/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>")
    return raw(_CATALOG, _PAGES, page, stream(b"/F Do", b""), form)


def _borrowing_form() -> bytes:
    """A form without resources: its names are the page's, and there it finds itself."""
    form = stream(b"/F Do " * 10, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    page = _page(b"/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>")
    return raw(_CATALOG, _PAGES, page, stream(b"/F Do", b""), form)


def _plain() -> bytes:
    return saved(lambda pdf: None)


def _xref_loop() -> bytes:
    plain = raw(_CATALOG, _PAGES, _page())
    at = plain.rindex(b"xref\n0")
    return plain.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % at)


def _encrypted(user: str) -> bytes:
    return saved(lambda pdf: None, encryption=pikepdf.Encryption(owner="owner", user=user))


def cases() -> list[Case]:
    field = {"Subtype": Name.Widget, "FT": Name.Tx, "T": "x"}
    url = Dictionary(S=Name.URI, URI="http://tracker.invalid/")
    launch = Dictionary(S=Name.Launch, F="cmd.exe")
    many = b" ".join([b"3 0 R"] * 5000)
    return [
        case("js-openaction.pdf", "script when opened", _root(OpenAction=script()), CLEAN),
        case("js-aa.pdf", "script when closed", _root(AA=Dictionary(WC=script())), CLEAN),
        case(
            "js-names.pdf",
            "script in the names tree",
            _root(Names=Dictionary(JavaScript=Dictionary(Names=Array(["a", script()])))),
            CLEAN,
        ),
        case("js-annotation.pdf", "script behind a link", _action(script()), CLEAN),
        case(
            "js-next.pdf",
            "script chained to a jump",
            _action(Dictionary(S=Name.GoTo, D="x", Next=Array([script()]))),
            CLEAN,
        ),
        case(
            "js-field.pdf",
            "script of a form field",
            saved(lambda p: _annotation(p, **field, AA=Dictionary(K=script()))),
            CLEAN,
        ),
        case(
            "js-page-aa.pdf",
            "script when a page shows",
            saved(lambda p: p.pages[0].obj.__setitem__("/AA", Dictionary(O=script()))),
            CLEAN,
        ),
        case(
            "js-outline.pdf",
            "script behind a bookmark",
            _root(Outlines=Dictionary(First=Dictionary(Title="x", A=script()))),
            CLEAN,
        ),
        case(
            "js-as-font.pdf", "script that says it is a font", _root(AA=Dictionary(Type=Name.Font, WC=script())), CLEAN
        ),
        case(
            "js-objstm.pdf",
            "script in an object stream",
            saved(_hidden, object_stream_mode=pikepdf.ObjectStreamMode.generate),
            CLEAN,
        ),
        case(
            "js-named-in-hex.pdf",
            "#-escaped name",
            raw(b"<</Type/Catalog/Pages 2 0 R/Open#41ction<</S/Java#53cript/JS(x)>>>>", _PAGES, _page()),
            CLEAN,
        ),
        case("launch.pdf", "starts a program", _action(launch), CLEAN),
        case("uri.pdf", "tells a tracker", _action(url), CLEAN),
        case("gotor.pdf", "opens a share", _action(Dictionary(S=Name.GoToR, F="\\\\x\\y", D="z")), CLEAN),
        case("submit.pdf", "sends the form away", _action(Dictionary(S=Name.SubmitForm, F="http://x.invalid")), CLEAN),
        case("import.pdf", "reads a local file", _action(Dictionary(S=Name.ImportData, F="/etc/passwd")), CLEAN),
        case("embedded-exe.pdf", "carries a program", saved(_embedded), CLEAN),
        case(
            "richmedia.pdf",
            "plays Flash",
            saved(lambda p: _annotation(p, Subtype=Name.RichMedia, RichMediaContent=Dictionary())),
            CLEAN,
        ),
        case(
            "3d.pdf",
            "3D with script",
            saved(lambda p: _annotation(p, Subtype=Name("/3D"), **{"3DD": Dictionary(OnInstantiate="x")})),
            CLEAN,
        ),
        case(
            "movie.pdf",
            "plays from outside",
            saved(lambda p: _annotation(p, Subtype=Name.Movie, Movie=Dictionary(F="x"))),
            CLEAN,
        ),
        case(
            "attachment.pdf",
            "file behind a pin",
            saved(lambda p: _annotation(p, Subtype=Name.FileAttachment, FS=Dictionary(F="x"))),
            CLEAN,
        ),
        case("xfa.pdf", "dynamic form", _root(AcroForm=Dictionary(Fields=Array([]), XFA="<xdp/>")), CLEAN),
        case(
            "stream-outside.pdf",
            "stream's data in a local file",
            raw(_CATALOG, _PAGES, _page(b"/Contents 4 0 R"), stream(b"", b"/F(/etc/passwd)")),
            CLEAN,
        ),
        case("signed-active.pdf", "signed, with a script", saved(_signed_active), "active_signed"),
        case("signed-tail.pdf", "signed, with a program behind", saved(signed) + b"MZ" * 50, "polyglot"),
        case("encrypted-user.pdf", "password", _encrypted("secret"), "encrypted"),
        case("encrypted-empty.pdf", "encrypted with an empty password", _encrypted(""), "encrypted"),
        case("flate-bomb.pdf", "200 MiB in a stream", lambda: _flate_bomb(1), "bomb"),
        case("flate-twice.pdf", "200 MiB behind two filters", lambda: _flate_bomb(2), "bomb"),
        case("filters.pdf", "twelve filters", _many_filters(), "bomb", "broken"),
        case("pixels.pdf", "picture of 30,000 by 30,000", _picture(30000, 30000), "too_many_pixels"),
        case("pixels-max.pdf", "picture of 2^31 columns", _picture(2**31 - 1, 2), "bomb"),
        case("forms.pdf", "ten forms draw ten each", _forms(10, 10), "bomb"),
        case("form-loop.pdf", "form that draws itself", _self_form(), "bomb"),
        case(
            "deep.pdf",
            "10,000 arrays in each other",
            raw(_CATALOG, _PAGES, _page(), b"[" * 10000 + b"]" * 10000),
            "bomb",
        ),
        case("page-loop.pdf", "page tree in a circle", raw(_CATALOG, b"<</Type/Pages/Kids[2 0 R]/Count 1>>"), "broken"),
        case(
            "page-many.pdf",
            "one page 5,000 times",
            raw(_CATALOG, b"<</Type/Pages/Kids[" + many + b"]/Count 5000>>", _page()),
            "too_many_pages",
            "broken",
        ),
        case("xref-loop.pdf", "table that refers to itself", _xref_loop(), "broken", CLEAN),
        case("cut.pdf", "cut in the middle", _plain()[:200], "broken"),
        case(
            "pdf-zip.pdf", "an archive behind", _plain() + b"PK\x03\x04" + b"x" * 50 + b"PK\x05\x06" + b"\0" * 18, CLEAN
        ),
        case("pdf-html.pdf", "a web page behind", _plain() + b"<html><script>1</script>", CLEAN),
        case("html-pdf.pdf", "a web page in front", b"<html><!--" + _plain(), "polyglot"),
        case("exe-pdf.pdf", "a program in front", b"MZ" + b"\0" * 60 + _plain(), "polyglot"),
        case("document.docx", "PDF called DOCX", _plain(), "name_mismatch"),
        case("a.pdf.exe", "PDF called a program", _plain(), "name_mismatch"),
    ]
