"""Key events of the Linux input layer to text, as a scanner that plays a keyboard types it (US layout).

An event is a time, a type, a code and a value: value 1 is a key that goes down, 2 repeats, 0 goes up. Text beyond ASCII
is not reliable this way: some scanners type numbers with Alt held, which is passed over.
"""

from __future__ import annotations

import struct

from edge.scanners.barcode_reader.codec import LONGEST_CODE

EVENT = struct.Struct("@llHHi")
EV_KEY = 1
KEY_ENTER, KEY_J, KEY_LEFT_SHIFT = 28, 36, 42
_ENDS = frozenset({KEY_ENTER, 96})
_SHIFTS, _CONTROLS, _ALTS = frozenset({KEY_LEFT_SHIFT, 54}), frozenset({29, 97}), frozenset({56, 100})
# First code of a row -> what its keys type, plain and with Shift.
_ROWS = {
    2: ("1234567890-=", "!@#$%^&*()_+"),
    16: ("qwertyuiop[]", "QWERTYUIOP{}"),
    30: ("asdfghjkl;'`", 'ASDFGHJKL:"~'),
    43: ("\\zxcvbnm,./", "|ZXCVBNM<>?"),
    57: (" ", " "),
    71: ("789-456+1230.", "789-456+1230."),
}
KEYS = {first + n: (plain, shifted[n]) for first, (row, shifted) in _ROWS.items() for n, plain in enumerate(row)}
"""Key code -> what it types, plain and with Shift."""


def event(code: int, value: int, kind: int = EV_KEY) -> bytes:
    """Return one event at time 0, as the kernel would write it."""
    return EVENT.pack(0, 0, kind, code, value)


class KeyParser:
    """Takes bytes of events, in any portions, and gives the codes that ENTER ended."""

    def __init__(self) -> None:
        self._heard = b""
        self._held: set[int] = set()
        self._typed: list[str] = []

    @property
    def begun(self) -> bool:
        """Whether something was typed that ENTER did not end."""
        return bool(self._typed)

    def feed(self, data: bytes) -> list[str]:
        """Return the codes that have ended now."""
        self._heard += data
        whole = len(self._heard) - len(self._heard) % EVENT.size
        events, self._heard = self._heard[:whole], self._heard[whole:]
        ended = (self._take(kind, code, value) for _, _, kind, code, value in EVENT.iter_unpack(events))
        return [text for text in ended if text]

    def forget(self) -> None:
        """Drop what was typed without an end."""
        self._typed.clear()

    def _take(self, kind: int, code: int, value: int) -> str:
        if kind != EV_KEY:
            return ""
        if code in _SHIFTS | _CONTROLS | _ALTS:
            (self._held.add if value else self._held.discard)(code)
            return ""
        if value != 1 or self._held & _ALTS:
            return ""
        # A line feed inside a code comes as Ctrl+J from some scanners.
        if code in _ENDS or (code == KEY_J and self._held & _CONTROLS):
            text = "".join(self._typed)
            self._typed.clear()
            return text if len(text) <= LONGEST_CODE else ""
        if code in KEYS and not self._held & _CONTROLS and len(self._typed) <= LONGEST_CODE:
            self._typed.append(KEYS[code][bool(self._held & _SHIFTS)])
        return ""
