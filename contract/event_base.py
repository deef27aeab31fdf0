"""What all event data have in common."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contract.wire import WireModel

Sealed = Annotated[
    str,
    Field(
        min_length=1,
        max_length=4096,
        description="Compact JWE (RFC 7516): alg ECDH-ES on P-256, enc A256GCM, kid of the hub's notify key; the "
        "protected header repeats station, event (the event's id) and field (this field's name).",
    ),
]
ShortText = Annotated[str, Field(max_length=200)]


class EventData(WireModel):
    """Base of all event data; `type` is the name on the wire."""

    type: ClassVar[str] = ""
