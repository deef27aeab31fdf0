"""PDFs signed by a throwaway authority, as received ones look, and what is done to them. No real person's."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pikepdf
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Identity:
    """A certificate with its key."""

    key: Key
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def identity(
    name: str,
    by: Identity | None = None,
    key: Key | None = None,
    first: datetime = AT - timedelta(days=100),
    days: int = 365,
) -> Identity:
    """Make an identity, signed by an authority or, an authority itself, by its own key."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=by is not None, content_commitment=by is not None, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=by is None, crl_sign=by is None,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by.certificate.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(first + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
    )
    return Identity(own, built.sign(own if by is None else by.key, SHA256()))


@cache
def authority(name: str = "Test Authority") -> Identity:
    return identity(name)


@cache
def signer() -> Identity:
    return identity("Test Tax Bureau", authority())


def plain(pages: int = 1) -> bytes:
    """A PDF with a text on each page."""
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        for number in range(pages):
            page = pdf.add_blank_page(page_size=(595, 842))
            page.Contents = pdf.make_stream(f"BT /F1 12 Tf 72 700 Td (Paid 1000.00 {number}) Tj ET".encode())
        pdf.save(made)
    return made.getvalue()


def signed(
    pdf: bytes, who: Identity | None = None, *, field: str = "Seal", digest: str = "sha256", certify: bool = False,
    chain: tuple[Identity, ...] = (),
) -> bytes:  # fmt: skip
    """Sign as a bureau does; `certify` permits no change at all."""
    who = who or signer()
    store = SimpleCertificateStore()
    store.register_multiple([_asn1(each) for each in chain])
    private = who.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    maker = signers.SimpleSigner(
        signing_cert=_asn1(who), signing_key=asn1_keys.PrivateKeyInfo.load(private), cert_registry=store
    )
    how = signers.PdfSignatureMetadata(
        field_name=field, md_algorithm=digest, certify=certify,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES if certify else fields.MDPPerm.FILL_FORMS,
    )  # fmt: skip
    out = signers.PdfSigner(how, maker).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)))
    return bytes(out.getvalue())


def overlaid(pdf: bytes) -> bytes:
    """Draw another amount over the page in a later revision: the signed bytes stay as they are."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    drawn = generic.StreamObject(stream_data=b"BT /F1 12 Tf 72 700 Td (Paid 9000.00 0) Tj ET")
    page["/Contents"] = writer.add_object(drawn)
    writer.update_container(page)
    return _written(writer)


def annotated(pdf: bytes) -> bytes:
    """Lay a note over the page in a later revision, as viewers do."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    note = {"/Type": "/Annot", "/Subtype": "/FreeText"}
    values: dict[str, generic.PdfObject] = {key: generic.NameObject(value) for key, value in note.items()}
    values["/Rect"] = generic.ArrayObject([generic.NumberObject(each) for each in (70, 690, 300, 720)])
    values["/Contents"] = generic.TextStringObject("Paid 9000.00")
    annotation = writer.add_object(generic.DictionaryObject(values))
    page["/Annots"] = generic.ArrayObject([*page.get("/Annots", ()), annotation])
    writer.update_container(page)
    return _written(writer)


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _asn1(who: Identity) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(who.certificate.public_bytes(Encoding.DER))


def roots_file(folder: Path, *authorities: Identity) -> Path:
    """Write the authorities that are trusted."""
    file = folder / "roots.pem"
    file.write_bytes(b"".join(each.pem for each in authorities or (authority(),)))
    return file
