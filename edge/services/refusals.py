"""What a person at the screen is told when a wish cannot be granted; keys stand in `edge/kiosk/texts.py`."""

from __future__ import annotations

from edge.errors import AskCitizenError


class RefusedError(AskCitizenError):
    """The person can mend it, or ask somebody; `text` is the key."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
