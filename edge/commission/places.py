"""Size and reach of each door: a pattern for one column of the cabinet, then single doors by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, get_args

from edge.commission.person import Person, ask_number
from edge.config import Reach, Size

Word = TypeVar("Word", bound=str)

_SIZES: tuple[Size, ...] = get_args(Size)
# From the top of a column downwards.
_REACHES: tuple[Reach, ...] = ("high", "middle", "low")
_USUAL_COLUMN = 6


@dataclass(frozen=True, slots=True)
class Place:
    """How big a compartment is and who reaches it."""

    size: Size
    reach: Reach


async def ask_places(person: Person, numbers: Iterable[int], known: Mapping[int, Place]) -> Mapping[int, Place]:
    """Return every door's place; doors of `known` keep theirs unless the person changes them."""
    ordered = sorted(numbers)
    places = {number: known[number] for number in ordered if number in known}
    if new := [number for number in ordered if number not in known]:
        places |= await _by_pattern(person, new)
    while True:
        await person.tell("places", table=table(places))
        if await person.choose("places_right", ["right", "change_one"]) == "right":
            return places
        number = await ask_number(person, "change_which", range(ordered[0], ordered[-1] + 1))
        if number in places:
            size = await person.choose("which_size", _SIZES, number=number)
            reach = await person.choose("which_reach", _REACHES, number=number)
            places[number] = Place(_word(size, _SIZES), _word(reach, _REACHES))


def table(places: Mapping[int, Place]) -> str:
    """Return one line for each door."""
    return "\n".join(f"{number:>5}  {place.size}  {place.reach}" for number, place in sorted(places.items()))


async def _by_pattern(person: Person, numbers: Sequence[int]) -> dict[int, Place]:
    column = await ask_number(
        person, "doors_per_column", range(1, len(numbers) + 1), default=str(min(_USUAL_COLUMN, len(numbers)))
    )
    sizes = await _pattern(
        person, "sizes_of_column", _SIZES, "".join(_third(_SIZES, n, column)[0] for n in range(column))
    )
    reaches = await _pattern(
        person, "reaches_of_column", _REACHES, "".join(_third(_REACHES, n, column)[0] for n in range(column))
    )
    return {
        number: Place(sizes[index % column % len(sizes)], reaches[index % column % len(reaches)])
        for index, number in enumerate(numbers)
    }


async def _pattern(person: Person, text: str, words: Sequence[Word], default: str) -> list[Word]:
    letters = {word[0]: word for word in words}
    while True:
        answer = (await person.ask(text, default=default)).replace(" ", "").lower()
        if answer and set(answer) <= letters.keys():
            return [letters[letter] for letter in answer]
        await person.tell("not_a_pattern", letters=" ".join(letters))


def _third(words: Sequence[Word], position: int, column: int) -> Word:
    """The upper, the middle and the lower third of a column; small doors and high reach are above."""
    return words[min(len(words) - 1, position * len(words) // column)]


def _word(said: str, words: Sequence[Word]) -> Word:
    return next(word for word in words if word == said)
