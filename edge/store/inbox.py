"""Commands that arrived, so that each is carried out at most once, across restarts and clock jumps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from edge.store.rows import Rows

CommandState = Literal["begun", "done", "refused"]


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """One command: `begun` is committed before acting; after a crash a `begun` one is never acted on again."""

    jti: UUID
    command: str
    state: CommandState
    outcome: str = ""


class Inbox(Rows):
    """Table `inbox`."""

    def command(self, jti: UUID) -> CommandRecord | None:
        """Return what is known of a command, or None if it is new."""
        row = self._one("SELECT jti, command, state, outcome FROM inbox WHERE jti = ?", str(jti))
        return None if row is None else CommandRecord(UUID(row["jti"]), row["command"], row["state"], row["outcome"])

    def begun_commands(self) -> list[CommandRecord]:
        """Return those that were begun and have no outcome."""
        rows = self._all("SELECT jti, command, state, outcome FROM inbox WHERE state = 'begun' ORDER BY at")
        return [CommandRecord(UUID(row["jti"]), row["command"], row["state"], row["outcome"]) for row in rows]

    def save_command(self, record: CommandRecord) -> None:
        """Journal a command before acting, and its outcome afterwards."""
        self._put(
            "inbox",
            jti=str(record.jti),
            command=record.command,
            state=record.state,
            outcome=record.outcome,
            at=self._now().isoformat(),
        )
