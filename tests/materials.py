"""Where a station of a test keeps documents: a real shelf in its folder, without camera and drive unless given."""

from __future__ import annotations

from pathlib import Path

from edge.ports import DocumentCamera, UsbDrive
from edge.services.station import Materials
from edge.store.files import Files
from edge.store.shelf import Shelf
from edge.store.unit_of_work import Store

FILE_KEY = b"f" * 32


def kept_in(
    folder: Path, store: Store, camera: DocumentCamera | None = None, drive: UsbDrive | None = None
) -> Materials:
    """Return what a `Station` takes."""
    return Materials(Shelf(store, Files(folder / "files", FILE_KEY)), camera, drive)
