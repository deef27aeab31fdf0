"""Citizen numbers (GB 11643): eighteen symbols, the last one checks the others (ISO 7064, MOD 11-2)."""

from __future__ import annotations

import re

_FORM = re.compile(r"[1-9][0-9]{16}[0-9X]")


def is_citizen_number(text: str) -> bool:
    """Whether `text` has the form and the right check symbol; never raises."""
    if not _FORM.fullmatch(text):
        return False
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(text[:17]))
    return "10X98765432"[total % 11] == text[17]
