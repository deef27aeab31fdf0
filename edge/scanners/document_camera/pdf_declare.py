"""What makes a PDF say that it is PDF/A-2b: metadata, output intent, colour profile.

The profile is Little CMS' own sRGB ("no copyright, use freely"), made by Pillow; its date is set to a fixed one, its
version to 4.2 of ICC.1:2004, which PDF 1.7 names.
"""

from __future__ import annotations

from functools import cache

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import ImageCms

PRODUCER = "Nightdesk"
XMP = (
    '<?xpacket begin="\N{ZERO WIDTH NO-BREAK SPACE}" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
    ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
    '  <rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"'
    ' xmlns:pdf="http://ns.adobe.com/pdf/1.3/">\n'
    "   <pdfaid:part>2</pdfaid:part>\n"
    "   <pdfaid:conformance>B</pdfaid:conformance>\n"
    f"   <pdf:Producer>{PRODUCER}</pdf:Producer>\n"
    "  </rdf:Description>\n"
    " </rdf:RDF>\n"
    "</x:xmpmeta>\n"
    '<?xpacket end="w"?>'
)
ICC_VERSION = slice(8, 12)
ICC_DATE = slice(24, 36)
FIXED_DATE = b"".join(part.to_bytes(2, "big") for part in (2020, 1, 1, 0, 0, 0))


@cache
def srgb_profile() -> bytes:
    """Return an sRGB profile, always the same bytes."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[ICC_VERSION] = b"\x04\x20\x00\x00"
    profile[ICC_DATE] = FIXED_DATE
    return bytes(profile)


def declare(pdf: Pdf) -> None:
    """Write metadata, output intent and document information, the same in both places."""
    profile = Stream(pdf, srgb_profile())
    profile.stream_dict.N = 3
    metadata = Stream(pdf, XMP.encode())
    metadata.stream_dict.Type = Name.Metadata
    metadata.stream_dict.Subtype = Name.XML
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB IEC61966-2.1"),
        Info=String("sRGB IEC61966-2.1"),
        RegistryName=String("http://www.color.org"),
        DestOutputProfile=pdf.make_indirect(profile),
    )
    pdf.Root.Metadata = pdf.make_indirect(metadata)
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])
    pdf.docinfo["/Producer"] = PRODUCER
