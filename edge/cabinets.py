"""Cabinets as they stand: where each door is, in millimetres, from a profile of `firmware_configs/cabinets/`.

A profile describes the front of one model: columns from left to right, the doors of each from the top. The station file
says which numbers a cabinet of that model has, in the same order: column by column, from the top.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from edge.config import CabinetConfig, StationConfig, config_error, read_section
from edge.errors import ConfigError
from edge.sections import Section

Millimetres = Annotated[int, Field(ge=1, le=10000)]


@dataclass(frozen=True, slots=True)
class Place:
    """One door's place in its cabinet, seen from the front: millimetres from the upper left corner."""

    cabinet: str
    cabinet_width_mm: int
    cabinet_height_mm: int
    x_mm: int
    y_mm: int
    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class Fitting:
    """What a cabinet's profile says of one door: its place, and after how many openings upkeep is due."""

    place: Place
    maintenance_openings: int


@dataclass(frozen=True, slots=True)
class Front:
    """One cabinet as people stand before it: its doors by number."""

    cabinet: str
    width_mm: int
    height_mm: int
    doors: Mapping[int, Place]


class ColumnProfile(Section):
    """One column: its width, and the heights of its doors from the top."""

    width_mm: Millimetres
    doors_mm: Annotated[list[Millimetres], Field(min_length=1, max_length=40)]


class CabinetProfile(Section):
    """One file of `firmware_configs/cabinets/`. What height the doors leave above the plinth is the head strip."""

    title: str
    height_mm: Millimetres
    plinth_mm: Annotated[int, Field(ge=0, le=2000)] = 0
    maintenance_openings: Annotated[int, Field(ge=1)] = 100_000
    columns: Annotated[list[ColumnProfile], Field(min_length=1, max_length=40)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        tallest = max(sum(column.doors_mm) for column in self.columns)
        if tallest + self.plinth_mm > self.height_mm:
            raise ValueError(f"columns of at most {self.height_mm - self.plinth_mm} mm, height less plinth")
        return self

    def places(self, cabinet: str) -> list[Place]:
        """Return the places of all doors: column by column, from the top; columns stand on the plinth."""
        width = sum(column.width_mm for column in self.columns)
        places, x = [], 0
        for column in self.columns:
            y = self.height_mm - self.plinth_mm - sum(column.doors_mm)
            for height in column.doors_mm:
                places.append(Place(cabinet, width, self.height_mm, x, y, column.width_mm, height))
                y += height
            x += column.width_mm
        return places


def fittings(file: Path, config: StationConfig) -> Mapping[int, Fitting]:
    """Return the fitting of every door that stands in a cabinet; a station file need not describe its cabinets.

    Raises:
        ConfigError: a profile is wrong or missing, or numbers and doors do not match.
    """
    found: dict[int, Fitting] = {}
    known = {compartment.number for compartment in config.compartments}
    for index, cabinet in enumerate(config.cabinets):
        profile = _profile(file, index, cabinet)
        places = profile.places(cabinet.name)
        _check(file, f"cabinets[{index}].numbers", cabinet, len(places), known - found.keys())
        for number, place in zip(cabinet.numbers, places, strict=True):
            found[number] = Fitting(place, profile.maintenance_openings)
    return found


def fronts(fitted: Mapping[int, Fitting]) -> tuple[Front, ...]:
    """Return the cabinets in the order of their first numbers."""
    doors: dict[str, dict[int, Place]] = {}
    for number in sorted(fitted):
        place = fitted[number].place
        doors.setdefault(place.cabinet, {})[number] = place
    return tuple(
        Front(name, first.cabinet_width_mm, first.cabinet_height_mm, of)
        for name, of in doors.items()
        for first in [next(iter(of.values()))]
    )


def _profile(file: Path, index: int, cabinet: CabinetConfig) -> CabinetProfile:
    if cabinet.profile is not None:
        return read_section(CabinetProfile, file.parent.parent / "cabinets" / f"{cabinet.profile}.toml")
    try:
        return CabinetProfile.model_validate(cabinet.layout)
    except ValidationError as error:
        raise config_error(file, f"cabinets[{index}].layout", error) from error


def _check(file: Path, key: str, cabinet: CabinetConfig, doors: int, free: set[int]) -> None:
    if len(cabinet.numbers) != doors:
        raise ConfigError(str(file), key, f"{doors} numbers, one for each door of its profile")
    strange = [number for number in cabinet.numbers if number not in free]
    if strange or len(set(cabinet.numbers)) != doors:
        raise ConfigError(str(file), key, "each number once, of a compartment that stands in no other cabinet")
