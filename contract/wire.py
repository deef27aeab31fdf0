"""The base of every message on the wire: strict on what is known, keeping what is not."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Seq = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""Gapless number of an event within one epoch, from 1."""

Count = Annotated[int, Field(ge=0, le=2**63 - 1)]

__all__ = ["UUID", "Any", "AwareDatetime", "Count", "Seq", "WireModel"]


class WireModel(BaseModel):
    """Frozen; `false` is not an integer; unknown fields of later versions are kept, never dropped."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True, ser_json_timedelta="float")

    def to_bytes(self) -> bytes:
        """Serialise to compact UTF-8 JSON."""
        return self.model_dump_json(exclude_none=True).encode()
