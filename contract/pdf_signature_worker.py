"""`python -m contract.pdf_signature_worker ROOTS TIME`: a PDF on stdin, one word of `PdfFinding` on stdout.

pyHanko reads the file, compares every revision with what its signatures permit, and builds the path to an authority.
Nothing is fetched: a list of revoked certificates counts when the file brings it along.
"""

from __future__ import annotations

import io
import logging
import resource
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from asn1crypto import pem, x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import EmbeddedPdfSignature, SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from contract.pdf_signatures import LARGEST_PDF, PdfFinding

MOST_MEMORY = 1 << 30
MOST_SECONDS = 15
GOOD_DIGESTS = frozenset({"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"})
LEAST_RSA_BITS, LEAST_EC_BITS = 2048, 256


def judge(pdf: bytes, roots: Sequence[x509.Certificate], at: datetime) -> PdfFinding:
    """Return what the signatures of a PDF are worth; the worst of them counts."""
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=True)
        if reader.encrypted:
            return PdfFinding.UNREADABLE
    except Exception:  # noqa: BLE001 - whatever a parser says of bytes of a stranger, it is no PDF that we read
        return PdfFinding.UNREADABLE
    try:
        signatures = list(reader.embedded_regular_signatures)
    except Exception:  # noqa: BLE001 - as above: there is a signature, and it is none
        return PdfFinding.ALTERED
    if not signatures:
        return PdfFinding.UNSIGNED
    found = [_judge(each, roots, at, is_last=each is signatures[-1]) for each in signatures]
    return next((each for each in found if each is not PdfFinding.SOUND), PdfFinding.SOUND)


def _judge(
    signature: EmbeddedPdfSignature, roots: Sequence[x509.Certificate], at: datetime, *, is_last: bool
) -> PdfFinding:
    # Exactly these authorities, and none that the file brings along.
    context = ValidationContext(trust_roots=list(roots), allow_fetching=False, moment=at, revocation_mode="soft-fail")
    try:
        if _is_weak(signature):
            return PdfFinding.WEAK
        status = validate_pdf_signature(signature, signer_validation_context=context)
    except (SignatureValidationError, SigningError, PdfError):
        return PdfFinding.ALTERED
    except Exception:  # noqa: BLE001 - as above: what cannot be read as a signature proves nothing
        return PdfFinding.ALTERED
    return _of_status(status, at, is_last=is_last)


def _of_status(status: PdfSignatureStatus, at: datetime, *, is_last: bool) -> PdfFinding:
    if not status.intact or not status.valid:
        return PdfFinding.ALTERED
    if _is_changed(status, is_last=is_last):
        return PdfFinding.CHANGED
    if status.revoked:
        return PdfFinding.REVOKED
    certificate = status.signing_cert
    if not certificate.not_valid_before <= at <= certificate.not_valid_after:
        return PdfFinding.EXPIRED
    return PdfFinding.SOUND if status.trusted and status.bottom_line else PdfFinding.UNKNOWN_SIGNER


def _is_changed(status: PdfSignatureStatus, *, is_last: bool) -> bool:
    if status.coverage < SignatureCoverageLevel.ENTIRE_REVISION or status.docmdp_ok is False:
        return True
    # A later signature fills a field in; behind the last one nothing may come but proofs of its certificate.
    most = ModificationLevel.LTA_UPDATES if is_last else ModificationLevel.FORM_FILLING
    return status.modification_level is None or status.modification_level > most


def _is_weak(signature: EmbeddedPdfSignature) -> bool:
    key = signature.signer_cert.public_key
    if str(signature.md_algorithm).lower() not in GOOD_DIGESTS:
        return True
    least = {"rsa": LEAST_RSA_BITS, "ec": LEAST_EC_BITS}.get(key.algorithm)
    return least is not None and int(key.bit_size) < least


def load_roots(file: Path) -> list[x509.Certificate]:
    """Return the authorities of a PEM file.

    Raises:
        ValueError, OSError: it cannot be read, or holds none.
    """
    found = [x509.Certificate.load(der) for _, _, der in pem.unarmor(file.read_bytes(), multiple=True)]
    if not found:
        raise ValueError("no certificate")
    return found


def main() -> None:
    """Answer once."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        resource.setrlimit(limit, (0, 0))
    logging.disable()
    roots = load_roots(Path(sys.argv[1]))
    pdf = sys.stdin.buffer.read(LARGEST_PDF + 1)
    sys.stdout.write(judge(pdf, roots, datetime.fromisoformat(sys.argv[2])))


if __name__ == "__main__":
    main()
