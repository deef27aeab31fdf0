"""What is wrong with the simulated printer: set by tests, by the demonstration and through the control socket."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args, get_type_hints

Toner = Literal["ok", "low", "empty"]
Comes = Literal["sheet", "nothing", "nothing_counted", "uncounted", "two_sheets"]
Answers = Literal["whole", "never", "not_to_jobs", "cut", "nonsense"]
Remembers = Literal["nothing", "ended", "repeats"]
Sensor = Literal["works", "silent", "stuck_paper", "stuck_empty"]


@dataclass(slots=True)
class Moods:
    """One printer's faults; a new one has none.

    `jam`: the next sheet is caught halfway and is spoiled; when the jam is cleared, the page is printed on another
    sheet (`jam_recovery`, as printers do by default) or its job is aborted.
    `comes`: a sheet; `nothing` though the job is told as completed with one impression; `nothing_counted`: nothing,
    and no impression either; a sheet that is `uncounted`; `two_sheets`.
    `answers`: `never` is silent to everything; the others take a job and print it, and are silent then, or end the
    answer in the middle, or answer nonsense.
    `remembers`, over a loss of power: `nothing`; `ended`: its list, unfinished jobs as aborted; `repeats`: unfinished
    jobs are printed from the beginning, as CUPS does.
    """

    jam: bool = False
    jam_recovery: bool = True
    cover_open: bool = False
    toner: Toner = "ok"
    paused: bool = False
    accepting: bool = True
    output_full: bool = False
    comes: Comes = "sheet"
    answers: Answers = "whole"
    remembers: Remembers = "ended"
    forgets: bool = False
    one_at_a_time: bool = False
    tells_media: bool = True
    ignores: tuple[str, ...] = ()
    validates: bool = True
    sensor: Sensor = "works"
    sheet_seconds: float = 0.3

    def set(self, name: str, value: object) -> None:
        """Change one by its name.

        Raises:
            ValueError: no such mood, or a value that it does not take; the text says what is right.
        """
        kinds = get_type_hints(Moods)
        if name not in kinds:
            raise ValueError(f"a mood is one of {', '.join(each.name for each in fields(self))}")
        if name == "ignores" and isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
            self.ignores = tuple(value)
        elif choices := get_args(kinds[name]) if name != "ignores" else ():
            if value not in choices:
                raise ValueError(f"{name} must be one of {', '.join(choices)}")
            setattr(self, name, value)
        elif kinds[name] is bool and isinstance(value, bool):
            setattr(self, name, value)
        elif kinds[name] is float and isinstance(value, int | float) and 0 <= value <= 60:
            self.sheet_seconds = float(value)
        else:
            raise ValueError(f"{name} takes another kind of value")
