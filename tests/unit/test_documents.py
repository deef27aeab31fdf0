"""The documents explain every key and every option that the programs know."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from edge.config import StationConfig
from edge.lockers.registry import SETTINGS
from hub.__main__ import main as hub_main

DOCS = Path(__file__).resolve().parents[2] / "docs"


def explained(document: str) -> set[str]:
    """Every word in a code span or block of a document."""
    text = (DOCS / document).read_text(encoding="utf-8")
    code = re.findall(r"`[^`\n]+`", text) + re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"[\w-]+", " ".join(code)))


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def keys(model: type[BaseModel]) -> set[str]:
    """Every key of a configuration model and of the models in it."""
    inner = [each for field in model.model_fields.values() for each in models_in(field.annotation)]
    return set(model.model_fields).union(*map(keys, inner))


@pytest.mark.parametrize("model", [StationConfig, *SETTINGS.values()])
def test_every_key_of_the_station_file_is_explained(model: type[BaseModel]) -> None:
    assert keys(model) - explained("setup-station.md") == set()


def test_every_family_of_boards_is_explained() -> None:
    assert set(SETTINGS) - explained("setup-station.md") == set()


def test_the_keys_of_sections_are_found() -> None:
    assert {"documents_token_file", "kinds", "valid_until", "reach", "shift_file"} <= keys(StationConfig)


def options(parser: argparse.ArgumentParser) -> set[str]:
    """Every command and option of a parser and of the parsers below it."""
    found: set[str] = set()
    for action in parser._actions:  # argparse has no public way to list them
        found |= {option for option in action.option_strings if option.startswith("--")} - {"--help"}
        if isinstance(action, argparse._SubParsersAction):
            found |= set(action.choices).union(*map(options, action.choices.values()))
    return found


def test_every_option_of_the_hub_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    parsers: list[argparse.ArgumentParser] = []

    def keep(self: argparse.ArgumentParser, args: object = None) -> argparse.Namespace:
        parsers.append(self)
        return argparse.Namespace(log_level="ERROR", run=lambda _: 0)

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", keep)
    assert hub_main([]) == 0
    known = options(parsers[0])
    assert {"run", "--database", "--sms-log", "keys", "--kid", "--right"} <= known
    assert known - explained("setup-hub.md") == set()
