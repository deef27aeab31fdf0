"""The edge: one station's kiosk, compartments and devices, working with or without the hub."""

VERSION = "0.1.0"
