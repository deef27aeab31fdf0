"""Every look at a page, in one list. A check flags and explains; what is done about it is the citizen's decision."""

from __future__ import annotations

from collections.abc import Sequence

from edge.ports import Check, Page
from edge.scanners.document_camera.check_blur import blur
from edge.scanners.document_camera.check_border import cut, finger
from edge.scanners.document_camera.check_duplicate import duplicate
from edge.scanners.document_camera.check_image import Look
from edge.scanners.document_camera.check_light import blank, glare
from edge.scanners.document_camera.model import Frame


def all_checks(look: Look, thumbnail: Frame, earlier: Sequence[Page]) -> tuple[Check, ...]:
    """Return blur, glare, blank, finger, cut and duplicate of a page, in this order."""
    return (blur(look), glare(look), blank(look), finger(look), cut(look), duplicate(thumbnail, earlier))
