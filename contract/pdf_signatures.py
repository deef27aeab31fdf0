"""What the signatures of a received PDF are worth: asked of a process of its own, before it is taken in and printed.

The hub asks when a PDF is ordered, the station again before it prints (facts on the domain, §9, 31: unsigned or altered
files are refused). The parser sees bytes of strangers, so it runs apart: little memory, little time, no line; the PDF
goes to it through a pipe and lies nowhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import contract

DEADLINE_S = 20.0
LARGEST_PDF = 32 * 1024 * 1024
_WORKER = "contract.pdf_signature_worker"
_LONGEST_ANSWER = 64


class PdfFinding(StrEnum):
    """What was found; everything but `sound` is refused."""

    SOUND = "sound"
    UNREADABLE = "unreadable"  # no PDF, a damaged or an encrypted one
    UNSIGNED = "unsigned"
    ALTERED = "altered"  # what was signed is not what is there
    CHANGED = "changed"  # something was added behind the last signature, or against a certification
    WEAK = "weak"  # a digest or key that is not trusted any more, or one that this checker does not know
    EXPIRED = "expired"  # the signer's certificate is not valid now
    UNKNOWN_SIGNER = "unknown_signer"  # no path to an authority that we were told to trust
    REVOKED = "revoked"
    NOT_CHECKED = "not_checked"  # the checker ended or took too long


@dataclass(frozen=True, slots=True)
class PdfSignatures:
    """Checks against authorities in a PEM file."""

    roots: Path
    deadline_s: float = DEADLINE_S

    async def check(self, pdf: bytes, at: datetime) -> PdfFinding:
        """Say what a PDF's signatures are worth at a moment; never raises for anything in it."""
        if len(pdf) > LARGEST_PDF:
            return PdfFinding.UNREADABLE
        root = str(Path(contract.__file__).parent.parent)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-B", "-m", _WORKER, str(self.roots), at.isoformat(), stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": root},
        )  # fmt: skip
        try:
            async with asyncio.timeout(self.deadline_s):
                told, _ = await process.communicate(pdf)
        except TimeoutError:
            return PdfFinding.NOT_CHECKED
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.shield(process.wait())
        return _read(told) if process.returncode == 0 else PdfFinding.NOT_CHECKED


def _read(told: bytes) -> PdfFinding:
    try:
        return PdfFinding(told[:_LONGEST_ANSWER].decode("ascii", "replace").strip())
    except ValueError:
        return PdfFinding.NOT_CHECKED
