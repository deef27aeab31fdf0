"""A worker that answers with facts of another shape than was agreed: the camera failed, and is tried again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge.errors import CameraFailedError
from edge.links.messages import Message
from edge.scanners.document_camera import driver
from edge.scanners.document_camera.driver import WatchedCamera
from edge.scanners.document_camera.wanted import Wanted


class LyingWorker:
    """Stands where the process would: hears everything and says one thing."""

    def __init__(self, said: Message) -> None:
        self._said = said

    async def say(self, message: Message) -> None:
        assert message.kind in {"open", "compare_with"}

    async def hear(self, deadline: float) -> Message:
        assert deadline > 0
        return self._said


@pytest.mark.parametrize(
    "said",
    [
        Message("preview", {"outlines": [[1, 2]], "hint": "empty"}, (b"jpeg",)),
        Message("preview", {"outlines": 3, "hint": "empty"}, (b"jpeg",)),
        Message("preview", {"hint": "empty"}, (b"jpeg",)),
        Message("capture", {"verdict": "found", "pages": 7}),
        Message("capture", {}),
    ],
)
async def test_facts_of_another_shape_are_a_failed_camera(
    said: Message, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = 0

    @asynccontextmanager
    async def lying() -> AsyncIterator[LyingWorker]:
        nonlocal started
        started += 1
        yield LyingWorker(said)

    monkeypatch.setattr(driver, "running_worker", lying)
    monkeypatch.setattr(driver, "BACK_OFF_SECONDS", (0.01,))
    camera = WatchedCamera("camera", Wanted("http://127.0.0.1:1/", 640, 480, 1.0), tmp_path)
    with pytest.raises(CameraFailedError, match="gone"):
        await camera.start()
    assert started > 1
    await camera.stop()
