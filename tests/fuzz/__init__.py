"""The fuzz entries of all parts; a new part adds a module `entries_*.py` with a list `ENTRIES` and a line here."""

from __future__ import annotations

from tests.fuzz import entries_drives, entries_hub, entries_intake, entries_numbers, entries_readers, entries_talk
from tests.fuzz.runner import Entry

ENTRIES: list[Entry] = [
    *entries_drives.ENTRIES,
    *entries_hub.ENTRIES,
    *entries_intake.ENTRIES,
    *entries_numbers.ENTRIES,
    *entries_readers.ENTRIES,
    *entries_talk.ENTRIES,
]
