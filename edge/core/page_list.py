"""The pages of one document before they are joined: retake, reorder, turn, remove. Pure.

Pages are known by numbers that are never given twice, so that a late finger on an old screen hits nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from edge.ports import Page

MOST_PAGES = 60


@dataclass(frozen=True, slots=True)
class Listed:
    """A page, its key, and how it looked before it was turned `turns` times."""

    key: int
    page: Page
    first_look: bytes
    turns: int = 0


@dataclass(frozen=True, slots=True)
class PageList:
    """Pages in order; `retaking` is the key of the page that the next capture replaces."""

    pages: tuple[Listed, ...] = ()
    retaking: int | None = None
    last_key: int = 0

    @property
    def full(self) -> bool:
        """Whether no further page has room."""
        return len(self.pages) >= MOST_PAGES

    @property
    def first_looks(self) -> tuple[bytes, ...]:
        """What a later page may not look like; the page to be taken again may look like itself."""
        return tuple(each.first_look for each in self.pages if each.key != self.retaking)

    def get(self, key: int) -> Page | None:
        """Return a page, or None."""
        return next((each.page for each in self.pages if each.key == key), None)

    def take(self, page: Page) -> PageList:
        """Put a captured page at the end, or where the page to be taken again is."""
        fresh = Listed(self.last_key + 1, page, page.thumbnail)
        known = [each.key for each in self.pages]
        if self.retaking in known:
            at = known.index(self.retaking)
            pages = (*self.pages[:at], fresh, *self.pages[at + 1 :])
            return PageList(pages, None, fresh.key)
        return self if self.full else PageList((*self.pages, fresh), None, fresh.key)

    def retake(self, key: int) -> PageList:
        """Have the next capture replace a page; the same key again changes one's mind."""
        if self.get(key) is None:
            return self
        return replace(self, retaking=None if self.retaking == key else key)

    def remove(self, key: int) -> PageList:
        """Take a page out."""
        retaking = None if self.retaking == key else self.retaking
        return replace(self, pages=tuple(each for each in self.pages if each.key != key), retaking=retaking)

    def move(self, key: int, by: int) -> PageList:
        """Move a page towards the end (1) or the beginning (-1)."""
        at = next((index for index, each in enumerate(self.pages) if each.key == key), None)
        if at is None or not 0 <= at + by < len(self.pages):
            return self
        pages = list(self.pages)
        pages.insert(at + by, pages.pop(at))
        return replace(self, pages=tuple(pages))

    def turned(self, key: int, change: Callable[[Page], Page]) -> PageList:
        """Put the turned page in its place."""
        pages = (
            replace(each, page=change(each.page), turns=each.turns + 1) if each.key == key else each
            for each in self.pages
        )
        return replace(self, pages=tuple(pages))
