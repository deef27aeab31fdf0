"""Which devices work: each failure and each recovery is told once, also across restarts."""

from __future__ import annotations

import json

from contract.events import DeviceFailed, DeviceRecovered
from edge.store.unit_of_work import Store, Transaction

CAMERA = "camera"
_FAILED = "failed_devices"


class Devices:
    """Keeps the set of failed devices in the store, so that a restart neither repeats nor forgets one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._failed: dict[str, str] | None = None

    async def all_failed(self) -> dict[str, str]:
        """Return the failed devices with what is wrong."""
        if self._failed is None:
            self._failed = await self._store.read(_read)
        return dict(self._failed)

    async def failed(self, device: str, fault: str) -> None:
        """Record that a device does not work; does nothing if that is known."""
        if device in await self.all_failed():
            return

        def work(tx: Transaction) -> dict[str, str]:
            known = _read(tx) | {device: fault}
            tx.set_meta(_FAILED, json.dumps(known))
            tx.emit(DeviceFailed(device=device, fault=fault))
            return known

        self._failed = await self._store.transact(work)

    async def recovered(self, device: str) -> None:
        """Record that a device works again; does nothing if it was not failed."""
        if device not in await self.all_failed():
            return

        def work(tx: Transaction) -> dict[str, str]:
            known = {name: fault for name, fault in _read(tx).items() if name != device}
            tx.set_meta(_FAILED, json.dumps(known))
            tx.emit(DeviceRecovered(device=device))
            return known

        self._failed = await self._store.transact(work)


def _read(tx: Transaction) -> dict[str, str]:
    known: dict[str, str] = json.loads(tx.meta(_FAILED, "{}"))
    return known
