"""Files by path as folders in folders, for every kind of file system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Folder:
    """A folder; files are their bytes."""

    entries: dict[str, Folder | bytes] = field(default_factory=dict)


def as_tree(files: Mapping[str, bytes]) -> Folder:
    """`files` by path with `/` between folders; a path that ends in `/` is an empty folder."""
    root = Folder()
    for path, content in files.items():
        *folders, name = path.split("/")
        place = root
        for each in folders:
            inner = place.entries.setdefault(each, Folder())
            assert isinstance(inner, Folder), f"{path}: {each} is a file"
            place = inner
        if name:
            place.entries[name] = content
    return root
