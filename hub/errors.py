"""The hub's errors, sorted by what the caller does next.

HubError
├── DatabaseAwayError   the database cannot be reached or refuses for now; nothing was changed, try again
├── ConfigError         names the option or file and what was expected; the process does not start
└── GatewayError        a message gateway did not accept; tried again later
"""

from __future__ import annotations


class HubError(Exception):
    """Base of all errors that the hub raises on purpose."""


class DatabaseAwayError(HubError):
    """The database is unreachable or shutting down; nothing was committed."""


class ConfigError(HubError):
    """An option or file is wrong: `option` (or file and key) and what was expected."""

    def __init__(self, option: str, expected: str) -> None:
        super().__init__(f"{option}: {expected}")
        self.option, self.expected = option, expected


class GatewayError(HubError):
    """A gateway did not accept a message; its text never holds what was to be sent."""
