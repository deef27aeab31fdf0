"""NUL in JSON text: PostgreSQL stores none in a text, so it must be seen before it is written. Pure."""

from __future__ import annotations

import re

# An even number of backslashes before it are backslashes of their own: those are a text about NUL, not one.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def holds_nul(json_text: str) -> bool:
    """Whether a text or a key in the JSON has the character U+0000."""
    return "\\u0000" in json_text and _NUL.search(json_text) is not None
