"""The edge's errors, sorted by what the caller does next.

NightdeskError
├── TryAgainError           the same may succeed later; nothing was changed
│   ├── LinkError           a wire is closed, gone, or failed in the middle
│   │   └── NoAnswerError   the peer was silent within its deadline
│   │       ├── NonsenseError   bytes came, and none belonged to the question
│   │       └── JobAlteredError a printer took a job otherwise than it was asked to; it may be printing it
│   ├── UnlockRefusedError  this lock or this bus may not be unlocked now; nothing was sent
│   └── StoreBusyError      the disk refuses for now (full, or verifying itself)
├── AskCitizenError         the person in front can mend it; carries a key of `edge/kiosk/texts.py`
│   ├── WrongCodeError      code, badge or PIN does not fit
│   ├── LockedOutError      too many tries; carries the seconds left
│   ├── NoneFitsError       no free compartment of that kind
│   ├── CardUnreadableError a card was there and could not be read whole
│   ├── FileRefusedError    a file that may not be kept, with the reason's code
│   ├── PagesRefusedError   pages that make no document as they are
│   └── DriveGoneError      the USB drive was pulled, or does not answer
├── TechnicianError         a person with a key is needed
│   ├── DoorFailedError     a door did not do what was asked, twice
│   ├── CameraFailedError   no fresh picture within the deadline
│   ├── ReaderFailedError   a card reader answers, and says that it is out of order
│   ├── CalibrationRefusedError  these pictures do not calibrate the camera, with the reason's code
│   ├── PrinterNotReadyError
│   ├── PressError          no paper was set: the typesetter's process hung or died
│   ├── StockRefusedError   the ledger of blanks says no, with the reason's code; nothing was reserved or moved
│   └── LayoutRefusedError  facts that no paper can be made of, with the reason's code and the field
├── ConfigError             names file, key and what was expected; the process does not start
├── FileLostError           a stored file is gone or damaged; its content is lost here, and the loss is told
├── UnknownChannelError     a channel that the board does not have; nothing was sent
└── BugError                "cannot happen": a refused transition; the state on disk was not changed
"""

from __future__ import annotations

from typing import Literal


class NightdeskError(Exception):
    """Base of all errors that this package raises on purpose."""


class TryAgainError(NightdeskError):
    """The same call may succeed later; nothing was changed."""


class LinkError(TryAgainError):
    """A wire is closed, gone, or failed in the middle of a frame."""


class NoAnswerError(LinkError):
    """The peer was silent, or sent nothing that belongs to the question, within its deadline."""


class NonsenseError(NoAnswerError):
    """Bytes came within the deadline, but nothing that belongs to the question: noise, or another board's answer."""


class JobAlteredError(NoAnswerError):
    """A printer took a job and ignores `attributes` of it: tray, size, sides. It may be printing it."""

    def __init__(self, printer: str, attributes: tuple[str, ...]) -> None:
        super().__init__(f"{printer}: took a job and ignores {', '.join(attributes) or 'something'}")
        self.attributes = attributes


class UnlockRefusedError(TryAgainError):
    """This lock may not be unlocked now; nothing was sent and no coil moved.

    `too_soon`: the same lock was unlocked a moment ago; `too_often`: too many times within a minute; both with the
    `seconds_left` until it may. `quarantine`: its bus talks nonsense; nobody knows for how long (`seconds_left` 0).
    """

    def __init__(self, reason: Literal["too_soon", "too_often", "quarantine"], seconds_left: float = 0.0) -> None:
        super().__init__(f"unlock refused: {reason}, {seconds_left:.1f} s left")
        self.reason, self.seconds_left = reason, seconds_left


class StoreBusyError(TryAgainError):
    """The store refuses work for now: disk full, or verifying itself after an I/O error."""


class AskCitizenError(NightdeskError):
    """The person in front of the screen can mend it; `text` is a key of `edge/kiosk/texts.py`."""

    text = "ask_staff"


class WrongCodeError(AskCitizenError):
    """Compartment and code (or badge and PIN) do not belong together; `tries_left` before the lock-out."""

    text = "wrong_code"

    def __init__(self, tries_left: int) -> None:
        super().__init__(f"wrong code, {tries_left} tries left")
        self.tries_left = tries_left


class LockedOutError(AskCitizenError):
    """Too many wrong tries; `seconds_left` until the next one counts."""

    text = "locked_out"

    def __init__(self, seconds_left: int) -> None:
        super().__init__(f"locked out for {seconds_left} s")
        self.seconds_left = seconds_left


class NoneFitsError(AskCitizenError):
    """No free compartment of the wanted kind; window or courier is offered at once."""

    text = "none_fits"


CardTold = Literal["card_again", "card_other_kind", "card_window"]


class CardUnreadableError(AskCitizenError):
    """A card was on the reader and could not be read whole: taken away too early, worn, or of another kind."""

    def __init__(self, text: CardTold = "card_again") -> None:
        super().__init__(text)
        self.text = text


class FileRefusedError(AskCitizenError):
    """A file on a drive may not be kept; `reason` is a code, `text` the key of what the person is told."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason, self.text = reason, f"file_{reason}"


class DriveGoneError(AskCitizenError):
    """The drive was pulled, or does not answer; nothing half was kept."""

    text = "drive_gone"


class TechnicianError(NightdeskError):
    """A person with a key is needed; the citizen is told what is safe."""


class DoorFailedError(TechnicianError):
    """A door did not do what was asked; the compartment goes out of service."""


CameraFault = Literal["gone", "hung", "stale", "uncalibrated", "moved", "unseen", "other_size", "not_locked"]


class CameraFailedError(TechnicianError):
    """No fresh picture within the deadline: `gone`, `hung` or `stale` (the same frame again and again).

    Or none whose sizes would be true: `uncalibrated`, `moved` since the calibration, the mat's marks `unseen`, pictures
    of `other_size`; or none that is sure to be sharp: focus or exposure are `not_locked` as the station file says.
    """

    def __init__(self, reason: CameraFault) -> None:
        super().__init__(f"document camera {reason}")
        self.reason: CameraFault = reason

    @property
    def mends_itself(self) -> bool:
        """Whether starting it again may help, with nobody's help."""
        return self.reason in ("gone", "hung", "stale")


class PagesRefusedError(AskCitizenError):
    """Pages that make no document as they are: such as sides of a card too large for one A4."""

    text = "pages_refused"


class ReaderFailedError(TechnicianError):
    """A card reader's security module failed its own test (`sam_failed`) or is not authorised (`sam_refused`)."""

    def __init__(self, reason: Literal["sam_failed", "sam_refused"]) -> None:
        super().__init__(f"card reader: {reason}")
        self.reason = reason


class CalibrationRefusedError(TechnicianError):
    """Pictures that do not calibrate the document camera; `reason` is a code, `seen` what was measured."""

    def __init__(self, reason: str, seen: str) -> None:
        super().__init__(f"calibration refused: {reason}: {seen}")
        self.reason, self.seen = reason, seen


class PrinterNotReadyError(TechnicianError):
    """Paper out, cover open or offline; of a licence printer `reason` is a code of `edge/core/printer_state.py`."""

    def __init__(self, words: str, reason: str = "refused") -> None:
        super().__init__(words)
        self.reason = reason


class PressError(TechnicianError):
    """The process that sets papers hung or died (`hung`, `gone`); nothing was printed. It starts again by itself."""


class StockRefusedError(TechnicianError):
    """The ledger of blank stock says no; nothing was reserved or moved. `reason` is a code of `edge/core/stock.py`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LayoutRefusedError(TechnicianError):
    """Facts that no paper can be made of; nothing was printed or used up. Neither holds what the facts say.

    `reason`: `unknown_layout`, `missing_field`, `unknown_field`, `wrong_value`, `no_glyph` (a sign that no face has),
    `too_long` (does not fit at the smallest size that may be read). `where` names the field, as a path with dots.
    """

    def __init__(self, reason: str, where: str) -> None:
        super().__init__(f"{reason}: {where}")
        self.reason, self.where = reason, where


class ConfigError(NightdeskError):
    """A configuration file is wrong: `file`, `key` and what was expected."""

    def __init__(self, file: str, key: str, expected: str) -> None:
        super().__init__(f"{file}: {key}: {expected}")
        self.file, self.key, self.expected = file, key, expected


class FileLostError(NightdeskError):
    """A stored file is not there, or damaged: nothing of it is handed out. The text names no content."""


class UnknownChannelError(NightdeskError):
    """A channel or board address that the board does not have; nothing was sent."""


class BugError(NightdeskError):
    """A transition that cannot happen was asked for; nothing was changed."""
