"""Forms as the desk's pages send them: url-encoded UTF-8, few fields, each once."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

MOST_FIELDS = 20
LONGEST_FIELD = 2000


class BadFormError(Exception):
    """What arrived is not a form of ours; `status` is the HTTP status of the answer."""

    def __init__(self, status: int = 400) -> None:
        super().__init__(f"not a form of ours ({status})")
        self.status = status


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form.

    Raises:
        BadFormError: another media type (415), not UTF-8, too many fields, a field twice, or control characters.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise BadFormError(415)
    body = await request.body()
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:  # a UnicodeDecodeError is one
        raise BadFormError from error
    fields = dict(pairs)
    if len(fields) != len(pairs) or not all(_readable(value) for value in fields.values()):
        raise BadFormError
    return fields


def _readable(value: str) -> bool:
    return len(value) <= LONGEST_FIELD and all(symbol >= " " or symbol in "\r\n\t" for symbol in value)


def read_number(text: str, largest: int) -> int | None:
    """Return a plain decimal number from 0 to `largest`, or None."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(largest))):
        return None
    number = int(text)
    return number if number <= largest else None
