"""Who looked at which document, in the users' audit chain, before a byte of it is shown.

Turning pages back and forth is one look: the same person, document and page count again after ten minutes. A download
always counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import writing
from hub.services.audit import record_user_action

AGAIN_AFTER = timedelta(minutes=10)
_REMEMBERED = 5000

Look = tuple[str, str, str, int]


class Views:
    """Records looks and downloads; `document` is the beginning of a content's hash."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._looks: dict[Look, datetime] = {}

    async def note_look(self, now: datetime, user: str, receipt_number: str, document: str, page: int) -> None:
        """Note that a page is shown; page 0 stands for the small pictures of all of them."""
        look = (user, receipt_number, document, page)
        last = self._looks.get(look)
        if last is not None and now - last < AGAIN_AFTER:
            return
        body = {"document": document[:16], "page": page or "thumbnails"}
        async with writing(self._engine) as connection:
            await record_user_action(
                connection, user=user, action="document_viewed", subject=receipt_number, body=body, at=now
            )
        self._remember(look, now)

    async def note_download(self, now: datetime, user: str, receipt_number: str, document: str) -> None:
        """Note that a document is handed out as a file."""
        body = {"document": document[:16]}
        async with writing(self._engine) as connection:
            await record_user_action(
                connection, user=user, action="document_downloaded", subject=receipt_number, body=body, at=now
            )

    def _remember(self, look: Look, now: datetime) -> None:
        if len(self._looks) >= _REMEMBERED:
            self._looks = {each: at for each, at in self._looks.items() if now - at < AGAIN_AFTER}
        self._looks[look] = now
