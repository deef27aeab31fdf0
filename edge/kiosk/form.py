"""The fields of a POST: every field is checked here, none is believed beyond its shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from edge.kiosk.security import RefusedError
from edge.services.refusals import RefusedError as BadCountError

# Full-width digits come from Chinese input methods; `isdigit` would accept them, so they are translated first.
_FULL_WIDTH = {0xFF10 + digit: 0x30 + digit for digit in range(10)} | {0x3000: 0x20}
_SPACES = re.compile(r"[\s-]")

# A case number with hyphens and spaces; a scanner that types more than that has read something else.
LONGEST_LABEL = 64


class Form:
    """The fields of one POST; each getter answers in one shape or refuses the form."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def has(self, name: str) -> bool:
        """Whether a button of that name was used."""
        return name in self._fields

    def text(self, name: str, most: int) -> str:
        """Return a field of at most `most` characters."""
        value = self._fields.get(name)
        if value is None or len(value) > most or not value.isprintable():
            raise RefusedError(400, "error_bad_form")
        return value.strip()

    def choice(self, name: str, *allowed: str) -> str:
        """Return a field that is one of `allowed`."""
        value = self.text(name, 32)
        if value not in allowed:
            raise RefusedError(400, "error_bad_form")
        return value

    def digits(self, name: str) -> str:
        """Return what a person typed where digits belong, without spaces and hyphens; the desk judges the rest."""
        return _SPACES.sub("", self.text(name, 32).translate(_FULL_WIDTH))

    def number(self, name: str) -> int:
        """Return a compartment number from a button."""
        value = self.text(name, 3)
        if not re.fullmatch(r"[0-9]{1,3}", value):
            raise RefusedError(400, "error_bad_form")
        return int(value)

    def key(self, name: str) -> int:
        """Return the key of a page or a file from a button."""
        value = self.text(name, 9)
        if not re.fullmatch(r"[0-9]{1,9}", value):
            raise RefusedError(400, "error_bad_form")
        return int(value)

    def order(self) -> UUID:
        """Return the paper of a button."""
        try:
            return UUID(self.text("order", 36))
        except ValueError as error:
            raise RefusedError(400, "error_bad_form") from error

    def sha256(self, name: str) -> str:
        """Return the hash of a document from a button."""
        value = self.text(name, 64)
        if not re.fullmatch(r"[0-9a-f]{64}", value):
            raise RefusedError(400, "error_bad_form")
        return value

    def count(self) -> int | None:
        """Return how many pieces a person counted, None on a page that does not ask."""
        if not self.has("count"):
            return None
        typed = self.digits("count")
        if not re.fullmatch(r"[0-9]{1,2}", typed) or int(typed) == 0:
            raise BadCountError("bad_count")
        return int(typed)

    def visit(self) -> UUID | None:
        """Return the visit that the page was shown for."""
        value = self._fields.get("visit")
        try:
            return None if value is None else UUID(value)
        except ValueError as error:
            raise RefusedError(400, "error_bad_form") from error
