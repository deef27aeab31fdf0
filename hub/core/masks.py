"""How much of a name may be seen: `张*`, `李*敏`. The whole name is never stored for a case."""

from __future__ import annotations

LONGEST_MASK = 40


def mask_name(text: str) -> str:
    """Mask a person's name: two symbols keep the first, longer ones the first and the last of them.

    A text that somebody masked already (it holds a `*`) stays as it is; the empty text stays empty.
    """
    name = "".join(text.split())
    if not name or "*" in name:
        return name[:LONGEST_MASK]
    if len(name) <= 2:
        return f"{name[0]}*"
    return f"{name[0]}*{name[-1]}"
