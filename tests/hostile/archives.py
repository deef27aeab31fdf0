"""DOCX, OFD and what pretends to be one."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO

from tests.hostile.case import CLEAN, Case, case

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.{}"/></Types>'
)
_DOCX = "openxmlformats-officedocument.wordprocessingml.document.main+xml"
_RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def packed(parts: dict[str, str | bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def docx(body: str = "<w:p/>", types: str = _DOCX, **more: str | bytes) -> bytes:
    """`more`: parts by name, with `__` for a slash and `_DOT_` for a dot."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES.format(types),
        "_rels/.rels": _RELS.format(f'<Relationship Id="r1" Type="{_KIND}officeDocument" Target="word/document.xml"/>'),
        "word/document.xml": f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>',
    }
    parts |= {name.replace("__", "/").replace("_DOT_", "."): data for name, data in more.items()}
    return packed(parts)


def related(kind: str, target: str) -> bytes:
    row = f'<Relationship Id="r9" Type="{_KIND}{kind}" Target="{target}" TargetMode="External"/>'
    return docx(**{"word/_rels/document.xml.rels": _RELS.format(row)})


def field(text: str) -> str:
    return f"<w:p><w:r><w:instrText>{text}</w:instrText></w:r></w:p>"


def ofd(**more: str | bytes) -> bytes:
    space = 'xmlns:o="http://www.ofdspec.org/2016"'
    parts: dict[str, str | bytes] = {
        "OFD.xml": f"<o:OFD {space}><o:DocBody><o:DocRoot>D</o:DocRoot></o:DocBody></o:OFD>",
        "Doc_0/Document.xml": f'<o:Document {space}><o:Pages><o:Page BaseLoc="P.xml"/></o:Pages></o:Document>',
        "Doc_0/P.xml": f"<o:Page {space}/>",
    }
    return packed(parts | {name.replace("__", "/").replace("_DOT_", "."): data for name, data in more.items()})


def overlapping() -> bytes:
    """Two entries of the directory that are the same bytes."""
    plain = docx()
    start = struct.unpack("<L", plain[-6:-2])[0]
    directory = plain[start:-22]
    again = directory.replace(b"word/document.xml", b"word/documenu.xml")
    count = 2 * 3
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory + again), start, 0)
    return plain[:start] + directory + again + end


def duplicated() -> bytes:
    return docx(**{"WORD__document_DOT_xml": "<x/>"})


def lying() -> bytes:
    """A part that says it is small and is not."""
    plain = bytearray(docx(word__big_DOT_xml=b"<x>" + b" " * (30 << 20) + b"</x>"))
    real = struct.pack("<L", (30 << 20) + 7)
    return bytes(plain).replace(real, struct.pack("<L", 100))


def cases() -> list[Case]:
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    split = field("DD") + field("EAUTO c:\\\\x")
    macro = "ms-word.document.macroEnabled.main+xml"
    word = "word/document.xml"
    return [
        case("macro.docm", "macros", docx(types=macro, word__vbaProject_DOT_bin=_OLE), "macros"),
        case("macro.docx", "macros, called DOCX", docx(types=macro, word__vbaProject_DOT_bin=_OLE), "macros"),
        case("macro-type.docx", "macros without their type", docx(word__vbaProject_DOT_bin=_OLE), "macros"),
        case("macro-hidden.docx", "OLE called a picture", docx(word__media__a_DOT_png=_OLE), "active"),
        case("activex.docx", "a control", docx(word__activeX__a_DOT_xml="<x/>"), "macros"),
        case("ole.docx", "an embedded object", docx(word__embeddings__a_DOT_bin=_OLE), "active"),
        case("object.docx", "an object in the text", docx("<w:object/>"), "active"),
        case("altchunk.docx", "a web page as text", docx("<w:altChunk/>"), "active"),
        case(
            "template.docx",
            "a template from outside",
            related("attachedTemplate", "http://x.invalid/t.dotm"),
            "active",
            "macros",
        ),
        case(
            "picture-outside.docx",
            "a picture that tells who reads",
            related("image", "http://x.invalid/p.png"),
            "active",
        ),
        case("share.docx", "a frame on a share", related("frame", "\\\\x\\y"), "active"),
        case("link.docx", "a web address", related("hyperlink", "http://x.invalid/"), CLEAN),
        case("dde.docx", "starts a program by a field", docx(field("DDEAUTO c:\\\\x")), "active"),
        case("dde-split.docx", "the same, in two pieces", docx(split), "active"),
        case("dde-quote.docx", "the same, by character codes", docx(field("QUOTE 68 68 69")), "active"),
        case("entities.docx", "entities that grow", docx(**{word: entities}), "bomb"),
        case("entity-file.docx", "entity that reads a file", docx(**{word: outside}), "bomb"),
        case("deep.docx", "10,000 elements in each other", docx("<w:p>" * 10000 + "</w:p>" * 10000), "bomb"),
        case("zipbomb.docx", "200 MiB in a part", lambda: docx(word__big_DOT_xml=b" " * (200 << 20)), "bomb"),
        case("zipbomb-xml.docx", "100 MiB of XML", lambda: docx(word__big_DOT_xml=b" " * (100 << 20)), "bomb"),
        case("lying.docx", "a size that is not true", lying, "bomb", "broken"),
        case("overlap.docx", "entries over each other", overlapping(), "bomb", "broken"),
        case("many.docx", "3,000 parts", lambda: packed({f"word/{n}.xml": "<x/>" for n in range(3000)}), "bomb"),
        case("quine.zip", "an archive in itself", packed({"r/r.zip": packed({"r.zip": b"PK"})}), "not_allowed"),
        case("nested.docx", "archive called a picture", docx(word__media__a_DOT_png=packed({"a": b""})), "active"),
        case("twice.docx", "one name twice", duplicated(), "broken"),
        case("path.docx", "writes elsewhere", docx(**{"word/../../x.xml": "<x/>"}), "broken"),
        case("path-drive.docx", "writes to a drive", docx(**{"C:\\x.xml": "<x/>"}), "broken"),
        case("head.docx", "a program in front", b"MZ" + docx(), "not_allowed"),
        case("tail.docx", "a program behind", docx() + b"MZ" * 20, "polyglot"),
        case("cut.docx", "cut in the middle", docx()[:300], "broken"),
        case("doc-as.docx", "old DOC called DOCX", _OLE, "not_allowed"),
        case("password.docx", "encrypted", _OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        case(
            "sheet.docx",
            "a table called DOCX",
            docx(types="openxmlformats-officedocument.spreadsheetml"),
            "not_allowed",
        ),
        case("program.pdf", "EXE called PDF", b"MZ" + b"\x90" * 200, "not_allowed"),
        case("link.pdf", "LNK called PDF", b"L\0\0\0\x01\x14\x02\0" + b"\0" * 90, "not_allowed"),
        case("form.hta", "HTA", b"<html><hta:application/></html>", "not_allowed"),
        case("nothing.pdf", "zero bytes", b"", "empty"),
        case("zeros.pdf", "only zeros", b"\0" * 5000, "empty"),
        case("action.ofd", "an action in a page", ofd(**{"Doc_0/P.xml": "<Page><URI URI='x'/></Page>"}), "active"),
        case("program.ofd", "carries a program", ofd(**{"Doc_0/a.exe": b"MZ"}), "active"),
        case("hidden.ofd", "a program called a picture", ofd(**{"Doc_0/a.png": b"MZ\x90"}), "active"),
        case("entities.ofd", "entities that grow", ofd(**{"Doc_0/P.xml": entities}), "bomb"),
        case("encrypted.ofd", "encrypted", ofd(**{"Doc_0/Encryptions.xml": "<x/>"}), "encrypted"),
    ]
