"""What is a ZIP inside: DOCX or OFD, by the parts that it has."""

from __future__ import annotations

from edge.ports import ImportedFile
from edge.scanners.intake import ofd, office
from edge.scanners.intake.archive import Archive
from edge.scanners.intake.limits import refuse


def clean(content: bytes) -> ImportedFile:
    """Judge by the one part that each kind must have; an archive of other things is not allowed."""
    archive = Archive(content)
    if "OFD.xml" in archive.names:
        return ofd.clean(archive)
    if "[Content_Types].xml" in archive.names:
        return office.clean(archive)
    refuse("not_allowed")
