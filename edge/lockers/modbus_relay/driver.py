"""What a Waveshare Modbus RTU Relay (D) says and understands, and the relays that are proven off before a door moves.

A lock board cannot leave a coil on; a relay board can. So whenever its wire was opened the first frame is "all off",
and nothing else is said before the relays were *read* as off: the answer to a write is an echo, and an adapter that
echoes answers for a dead board too. Later each reading of the doors reads the relays as well. One that is on without a
pulse is switched off, and the board counts as not answering for as long as it stays on.

Why no Modbus library: see `docs/dependencies.md`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from edge.errors import LinkError, NoAnswerError
from edge.lockers.board import Answer, PolledBoard, Question, Tongue
from edge.lockers.coils import CoilPacer
from edge.lockers.line import Line, LineSettings
from edge.lockers.modbus_relay import codec
from edge.ports import Bus, ByteLink, Door

_log = logging.getLogger(__name__)

# Between the end of a pulse as the host counts it and the relay's own end: the frame's way and the relay's fall.
_LATE_OFF_SECONDS = 0.5


class Settings(LineSettings):
    """The polarity of the inputs is commissioned: it depends on the door switches and their wiring."""

    pulse_ms: Annotated[int, Field(ge=100, le=1000, multiple_of=codec.UNIT_MS)] = 300
    """How long the board powers a coil: it goes out with each unlock, in tenths of a second."""
    input_polarity: Literal["on_is_closed", "on_is_open"] = "on_is_closed"


class ModbusRelay(Tongue):
    """One board's tongue; `refusal` is why the board refused the last unlock, if it did."""

    answers_unlock: ClassVar[bool] = True

    def __init__(self, address: int, channels: range, settings: Settings) -> None:
        self._address, self._channels, self._settings = address, channels, settings
        self.refusal: str | None = None

    def unlock(self, channel: int) -> bytes:
        """Return the flash of one relay."""
        self.refusal = None
        return self._flash(channel)

    def questions(self) -> Sequence[Question]:
        """Ask once for all inputs."""
        return [Question(codec.ReadInputs(self._address).to_bytes(), self._inputs)]

    def feedback(self, channel: int, heard: bytes) -> str | None:
        """Tell a refusal from an echo, which proves that something heard the request, perhaps the adapter alone."""
        if refusals := codec.refusals_in(heard, self._address):
            self.refusal = refusals[-1].reason
            return f"refused: {self.refusal}"
        return "echoed, which proves nothing" if self._flash(channel) in heard else None

    def relays(self, heard: bytes) -> codec.Bits | None:
        """Return which relays are on, if that was answered; `LinkError` with the reason if it was refused."""
        return _last(codec.relays_in(heard, self._address))

    def _flash(self, channel: int) -> bytes:
        return codec.Unlock(self._address, channel, self._settings.pulse_ms // codec.UNIT_MS).to_bytes()

    def _inputs(self, heard: bytes) -> Answer | None:
        bits = _last(codec.inputs_in(heard, self._address))
        if bits is None:
            return None
        on_is_closed = self._settings.input_polarity == "on_is_closed"
        return Answer(bits.to_bytes(), bits.doors(self._channels, on_is_closed=on_is_closed))


def _last(answers: Sequence[codec.Answer]) -> codec.Bits | None:
    if answers and isinstance(answers[-1], codec.Refusal):
        raise LinkError(f"the board refuses: {answers[-1].reason}")
    return next((each for each in reversed(answers) if isinstance(each, codec.Bits)), None)


class _Relays:
    """The bus of one board, on which every opening begins with all relays off; a `Bus` for everybody else."""

    def __init__(self, address: int, tongue: ModbusRelay, settings: Settings, bus: Bus) -> None:
        self._tongue, self._bus, self._line = tongue, bus, Line(settings)
        self._all_off = codec.AllOff(address).to_bytes()
        self._which = codec.ReadRelays(address).to_bytes()
        self._proven_off = 0
        self._pulse_seconds = settings.pulse_ms / 1000 + _LATE_OFF_SECONDS
        self._pulsed: dict[int, float] = {}

    @property
    def openings(self) -> int:
        """How often the wire was opened; see `edge.ports.Bus`."""
        return self._bus.openings

    @property
    def quarantine(self) -> str | None:
        """The name of the bus in quarantine; see `edge.ports.Bus`."""
        return self._bus.quarantine

    def overhear(self, told: Callable[[bytes], None]) -> None:
        """Tell of everything the wire brings; see `edge.ports.Bus`."""
        self._bus.overhear(told)

    @asynccontextmanager
    async def conversation(self, *, urgent: bool) -> AsyncIterator[ByteLink]:
        """Take the wire; see `edge.ports.Bus`. On a new one the relays come first, in the same turn.

        Raises:
            LinkError: also when a relay is on and stays on; nothing else was sent then.
        """
        async with self._bus.conversation(urgent=urgent) as link:
            if self._proven_off != self.openings:
                opening = self.openings
                await self._switch_off(link)
                if on := await self._on(link):
                    raise LinkError(f"relay {min(on)} does not go off")
                self._proven_off = opening
            yield link

    def pulsed(self, channel: int) -> None:
        """Expect a relay to be on for the time of a pulse that the board was told of just now."""
        self._pulsed[channel] = _now() + self._pulse_seconds

    async def require_off(self) -> None:
        """Read the relays, at most twice: none may be on but the ones pulsed lately. Any other is switched off.

        Raises:
            LinkError: one was on; or as any question.
        """
        try:
            await self._require_off()
        except NoAnswerError:
            if self._proven_off != self.openings:
                raise
            await self._require_off()

    async def _require_off(self) -> None:
        async with self.conversation(urgent=False) as link:
            # Not before it is this board's turn: an unlock may have come first.
            pulsed = {channel for channel, end in self._pulsed.items() if end > _now()}
            if on := await self._on(link) - pulsed:
                _log.error("relay %d is on and nobody pulses it: all off", min(on))
                self._proven_off = 0
                await self._switch_off(link)
                raise LinkError(f"relay {min(on)} was on without a pulse")

    async def _switch_off(self, link: ByteLink) -> None:
        def echoed(heard: bytes) -> bool | None:
            return True if self._all_off in heard else None

        try:
            await self._line.ask(link, self._all_off, echoed)
        except NoAnswerError:
            # The reading that follows decides.
            _log.warning("all relays off: no answer")

    async def _on(self, link: ByteLink) -> frozenset[int]:
        def find(heard: bytes) -> codec.Bits | None:
            bits = self._tongue.relays(heard)
            if bits is not None:
                self._line.learn_echo(self._line.echoes or heard.startswith(self._which))
            return bits

        return (await self._line.ask(link, self._which, find)).channels()


class ModbusRelayBoard(PolledBoard):
    """One relay board on a bus."""

    def __init__(
        self, name: str, *, address: int, channels: range, settings: Settings, bus: Bus, pacer: CoilPacer
    ) -> None:
        tongue = ModbusRelay(address, channels, settings)
        relays = _Relays(address, tongue, settings, bus)
        super().__init__(name, tongue, channels=channels, settings=settings, bus=relays, pacer=pacer)
        self._flashes, self._relays = tongue, relays

    async def unlock(self, channel: int) -> None:
        """Put exactly one flash on the wire; see `edge.ports.LockBoard`.

        Raises:
            LinkError: also when the board refused, with its reason, or when a relay is on that nobody pulses.
        """
        try:
            await super().unlock(channel)
        finally:
            # Also when the frame failed in the middle: the board may have had all of it.
            self._relays.pulsed(channel)
        if self._flashes.refusal is not None:
            raise LinkError(f"board {self.name}: channel {channel}: {self._flashes.refusal}")

    async def read_doors(self) -> Mapping[int, Door]:
        """Ask for relays and doors; see `edge.ports.LockBoard`. A relay that is on without a pulse is no answer."""
        await self._relays.require_off()
        return await super().read_doors()


def _now() -> float:
    return asyncio.get_running_loop().time()


board = ModbusRelayBoard
