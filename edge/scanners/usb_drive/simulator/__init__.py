"""Drives made of given files, as images: as computers write them, for demonstration and tests."""

from edge.scanners.usb_drive.simulator.image import Kind, Table, write_image

__all__ = ["Kind", "Table", "write_image"]
