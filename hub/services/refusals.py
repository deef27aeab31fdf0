"""Why a wish of a person at the desk was not carried out; `key` names the sentence that the page shows.

RefusedError            the wish is understood and may not be carried out now
└── UnknownSubjectError there is nothing of that name
"""

from __future__ import annotations


class RefusedError(Exception):
    """The wish is refused; nothing was changed."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class UnknownSubjectError(RefusedError):
    """The station, compartment, deposit, case or task does not exist."""
