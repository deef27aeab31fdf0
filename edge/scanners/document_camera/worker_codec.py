"""Pages as parts of a message between the station's agent and the camera's worker, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from edge.links.messages import NoMessageError
from edge.ports import Check, Page

_BLOBS_OF_PAGE = ("jpeg", "thumbnail", "original")


def pages_to_parts(pages: Sequence[Page]) -> tuple[list[dict[str, Any]], tuple[bytes, ...]]:
    """Return the facts and the blobs of pages, for a message."""
    facts = [{name: value for name, value in asdict(page).items() if name not in _BLOBS_OF_PAGE} for page in pages]
    return facts, tuple(getattr(page, name) for page in pages for name in _BLOBS_OF_PAGE)


def pages_from_parts(facts: Sequence[dict[str, Any]], blobs: Sequence[bytes]) -> tuple[Page, ...]:
    """Return the pages again.

    Raises:
        NoMessageError: facts and blobs don't make pages.
    """
    count = len(_BLOBS_OF_PAGE)
    if len(blobs) != count * len(facts):
        raise NoMessageError("blobs of pages")
    try:
        return tuple(_page(each, blobs[count * at : count * (at + 1)]) for at, each in enumerate(facts))
    except (TypeError, KeyError, ValueError) as error:
        raise NoMessageError("no page") from error


def _page(facts: dict[str, Any], blobs: Sequence[bytes]) -> Page:
    checks = tuple(
        Check(**{**each, "region": None if each["region"] is None else tuple(each["region"])})
        for each in facts["checks"]
    )
    jpeg, thumbnail, original = blobs
    rest = {**facts, "checks": checks, "codes": tuple(facts["codes"])}
    return Page(jpeg=jpeg, thumbnail=thumbnail, original=original, **rest)
