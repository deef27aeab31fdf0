"""A sensor at a printer's output that is wired to a lock board: a channel with a contact and no lock."""

from __future__ import annotations

from edge.ports import Door, LockBoard
from edge.printer_sections import OutputConfig


class BoardOutputSensor:
    """Asks the board as a door watch does: one question, every channel's answer."""

    def __init__(self, name: str, board: LockBoard, config: OutputConfig) -> None:
        self.name = name
        self._board, self._channel, self._paper = board, config.channel, Door(config.paper)

    async def paper(self) -> bool | None:
        """Return what the contact says; see `edge.paper_ports.OutputSensor`."""
        seen = (await self._board.read_doors()).get(self._channel, Door.UNKNOWN)
        return None if seen is Door.UNKNOWN else seen is self._paper
