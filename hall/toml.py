"""Writes the station file of a run: the little of TOML 1.0 that such a file needs."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any


def write_toml(table: dict[str, Any]) -> str:
    """Return a table of tables, arrays of tables and plain values as TOML; reading it gives an equal table.

    Raises:
        TypeError: a value that TOML cannot hold.
    """
    lines = [f"{_key(key)} = {_value(value)}" for key, value in table.items() if not _is_section(value)]
    for key, value in table.items():
        if isinstance(value, dict):
            lines += ["", f"[{_key(key)}]", *_members(value)]
        elif _is_section(value):
            for each in value:
                lines += ["", f"[[{_key(key)}]]", *_members(each)]
    return "\n".join(lines).lstrip("\n") + "\n"


def _is_section(value: object) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)
    )


def _members(table: dict[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items()]


def _key(key: str) -> str:
    bare = key.replace("-", "").replace("_", "")
    return key if bare.isascii() and bare.isalnum() else _text(key)


def _text(text: str) -> str:
    # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _text(value)
        case datetime():
            return value.isoformat()
        case list():
            return f"[{', '.join(_value(each) for each in value)}]"
        case dict():
            return f"{{ {', '.join(f'{_key(key)} = {_value(each)}' for key, each in value.items())} }}"
    raise TypeError(f"no TOML for {type(value).__name__}")
