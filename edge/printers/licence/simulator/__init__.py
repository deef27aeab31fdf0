"""A licence printer that this project wrote, for every failure that no tool produces: IPP over HTTP on loopback or on a
local socket, trays, an output with a sensor, and a record of each sheet that is on the disk before the sheet comes out.

The codec of `edge/printers/licence/ipp.py` is used on both sides; that it is right is shown by RFC 8010's own bytes,
`ippeveprinter` and CUPS, which share nothing with it.
"""

from edge.printers.licence.simulator.device import Device, Job, Tray, sheets_of
from edge.printers.licence.simulator.moods import Moods
from edge.printers.licence.simulator.server import SimulatedLicencePrinter

__all__ = ["Device", "Job", "Moods", "SimulatedLicencePrinter", "Tray", "sheets_of"]
