"""The station looks at its own devices: boards and readers are asked, the printer's status is read, the mat is seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from contract.events import SelfTestDone
from edge.errors import CameraFailedError, LinkError, NoAnswerError, NonsenseError, ReaderFailedError
from edge.ports import BarcodeReader, DocumentCamera, IdReader, UsbDrive
from edge.services.changes import Changes
from edge.services.devices import CAMERA, Devices
from edge.services.door_control import Doors
from edge.services.slips import PRINTER, Slips
from edge.store.unit_of_work import Store, Transaction


@dataclass(frozen=True, slots=True)
class Tested:
    """One device's outcome; `detail` says what is wrong, in the device's words."""

    device: str
    passed: bool
    detail: str = ""


class SelfTest:
    """Runs when asked; opens nothing and prints nothing. `last` is what the newest run found."""

    def __init__(
        self,
        store: Store,
        doors: Doors,
        slips: Slips,
        devices: Devices,
        camera: DocumentCamera | None = None,
        readers: Iterable[IdReader | BarcodeReader | None] = (),
        drive: UsbDrive | None = None,
    ) -> None:
        self._store, self._doors, self._slips, self._devices, self._camera = store, doors, slips, devices, camera
        self._drive = drive
        self._readers = [each for each in readers if each is not None]
        self.last: tuple[Tested, ...] = ()
        self.changes = Changes()

    async def run(self, correlation: UUID | None = None) -> tuple[Tested, ...]:
        """Test every device and tell the outcome of each.

        Raises:
            StoreBusyError: nothing was told.
        """
        found = [Tested(f"board-{name}", *await self._board(name)) for name in self._doors.boards()]
        if self._slips.has_printer:
            fault = await self._slips.check()
            found.append(Tested(PRINTER, not fault, fault))
        if self._camera is not None:
            found.append(await self._look(self._camera))
        found += [await self._ask(each) for each in self._readers]
        if self._drive is not None:
            fault = await self._drive.check()
            found.append(Tested(self._drive.name, not fault, fault))

        def told(tx: Transaction) -> None:
            for each in found:
                tx.emit(SelfTestDone(device=each.device, passed=each.passed, detail=each.detail), correlation)

        await self._store.transact(told)
        self.last = tuple(found)
        self.changes.notify()
        return self.last

    async def _look(self, camera: DocumentCamera) -> Tested:
        try:
            await camera.check()
        except CameraFailedError as error:
            await self._devices.failed(CAMERA, error.reason)
            return Tested(CAMERA, passed=False, detail=error.reason)
        await self._devices.recovered(CAMERA)
        return Tested(CAMERA, passed=True)

    async def _ask(self, reader: IdReader | BarcodeReader) -> Tested:
        fault = await _fault(reader)
        await (self._devices.failed(reader.name, fault) if fault else self._devices.recovered(reader.name))
        return Tested(reader.name, passed=not fault, detail=fault)

    async def _board(self, name: str) -> tuple[bool, str]:
        # A single lost frame on a noisy line is not news.
        answered = await self._doors.ask(name) or await self._doors.ask(name)
        return answered, "" if answered else "silent"


async def _fault(reader: IdReader | BarcodeReader) -> str:
    """Return the code of what is wrong with a reader, empty if nothing is."""
    try:
        await reader.check()
    except ReaderFailedError as error:
        return error.reason
    except NonsenseError:
        return "reader_noise"
    except NoAnswerError:
        return "reader_silent"
    except LinkError:
        return "reader_gone"
    return ""


def summary(found: tuple[Tested, ...]) -> str:
    """Return the outcome in one line for an answer to the hub, at most 200 characters."""
    bad = [f"{each.device} {each.detail}".strip() for each in found if not each.passed]
    counted = f"{len(found) - len(bad)} of {len(found)} passed"
    return ": ".join([counted, "; ".join(bad)])[:200] if bad else counted
