"""What all event data have in common."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contract.wire import WireModel

Sealed = Annotated[str, Field(min_length=1, max_length=4096)]
ShortText = Annotated[str, Field(max_length=200)]


class EventData(WireModel):
    """Base of all event data; `type` is the name on the wire."""

    type: ClassVar[str] = ""
