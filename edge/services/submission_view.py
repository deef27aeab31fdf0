"""What the pages of a submission are made from. Names of files are shown to who brought them, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from edge.ports import DriveState, Joining

CameraTrouble = Literal["", "away", "out"]


@dataclass(frozen=True, slots=True)
class MaterialView:
    """One document of the list; `sha256` is its handle, `notes` are codes of what was taken out of it."""

    sha256: str
    kind: str
    pages: int
    name: str = field(default="", repr=False)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageView:
    """One captured page: sizes in millimetres, `flaws` the names of checks that it did not pass, `turns` its turns."""

    key: int
    format: str
    width_mm: int
    height_mm: int
    flaws: tuple[str, ...]
    codes: int
    turns: int = 0


@dataclass(frozen=True, slots=True)
class CameraView:
    """The page list; `retaking` is the key of the page that the next capture replaces, `picked` of the one shown large.

    `fault` is empty, `away` (it may come back by itself) or `out` (only a technician can help).
    """

    pages: tuple[PageView, ...]
    retaking: int | None
    joining: Joining
    picked: int | None = None
    fault: CameraTrouble = ""
    full: bool = False


@dataclass(frozen=True, slots=True)
class FileView:
    """A file on the drive; `refused` is the key of the words that say why it may not be kept."""

    key: int
    name: str = field(repr=False)
    folder: str = field(repr=False)
    kind: str
    size: int
    ticked: bool = False
    copied: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class DriveView:
    """The public USB port."""

    state: DriveState
    reason: str
    files: tuple[FileView, ...]
    skipped: int
    ticked: int
    copying: bool


@dataclass(frozen=True, slots=True)
class SubmitterView:
    """Whose card was read: the mask of the name, and the kind of card."""

    name: str = field(repr=False)
    kind: str


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """The list of materials, and the device whose form is shown. `paper` is the compartment with the paper of it."""

    materials: tuple[MaterialView, ...] = ()
    paper: int | None = None
    has_camera: bool = False
    has_drive: bool = False
    submitter: SubmitterView | None = None
    asks_identity: bool = False
    camera: CameraView | None = None
    drive: DriveView | None = None
