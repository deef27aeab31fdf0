"""USB devices as their descriptors tell them, and the pages of umockdev that make a machine believe they are there.

The bytes are composed here from the interfaces that devices of each sort publish (class, subclass, protocol of the
USB-IF's list); vendor and product numbers are those of common products. No serial number is anybody's.
"""

from __future__ import annotations

from dataclasses import dataclass

Interface = tuple[int, int, int]
BULK_ONLY: Interface = (0x08, 0x06, 0x50)
UAS: Interface = (0x08, 0x06, 0x62)
KEYBOARD: Interface = (0x03, 0x01, 0x01)
CONTROLLER = "/devices/pci0000:00/0000:00:14.0"


@dataclass(frozen=True)
class UsbDevice:
    """One device. `settings` are further settings of its last interface (UAS is one of a drive's only interface)."""

    name: str
    vendor: int
    product: int
    interfaces: tuple[Interface, ...]
    settings: tuple[Interface, ...] = ()
    device_class: int = 0
    serial: str = "4C530001230523"

    @property
    def descriptors(self) -> bytes:
        """The device descriptor and one configuration, as /sys shows them."""
        numbered = [(number, 0, each) for number, each in enumerate(self.interfaces)]
        numbered += [(len(self.interfaces) - 1, other, each) for other, each in enumerate(self.settings, 1)]
        body = b"".join(bytes((9, 4, number, setting, 0, *each, 0)) for number, setting, each in numbered)
        length = (9 + len(body)).to_bytes(2, "little")
        configuration = bytes((9, 2)) + length + bytes((len(self.interfaces), 1, 0, 0x80, 100))
        ids = self.vendor.to_bytes(2, "little") + self.product.to_bytes(2, "little")
        return (
            bytes((18, 1, 0, 2, self.device_class, 0, 0, 64)) + ids + bytes((0, 1, 1, 2, 3, 1)) + configuration + body
        )

    def page(self, path: str, number: int) -> str:
        """What `umockdev-record` would write of it at `path` below /sys."""
        properties = {"BUSNUM": "001", "DEVNUM": f"{number:03}", "DEVNAME": f"/dev/bus/usb/001/{number:03}"}
        properties |= {"DEVTYPE": "usb_device", "SUBSYSTEM": "usb"}
        attributes = {"authorized": "0", "authorized_default": "0", "bConfigurationValue": "1", "busnum": "1"}
        attributes |= {"devnum": str(number), "idVendor": f"{self.vendor:04x}", "idProduct": f"{self.product:04x}"}
        attributes |= {"bDeviceClass": f"{self.device_class:02x}", "serial": self.serial, "product": self.name}
        lines = [f"P: {path}", f"N: bus/usb/001/{number:03}"]
        lines += [f"E: {key}={value}" for key, value in properties.items()]
        lines += [f"A: {key}={value}" for key, value in attributes.items()]
        return "\n".join([*lines, f"H: descriptors={self.descriptors.hex().upper()}", "", ""])


HUB = UsbDevice("hub", 0x05E3, 0x0608, ((0x09, 0, 0),), device_class=9)
ROOT_HUB = UsbDevice("root hub", 0x1D6B, 0x0002, ((0x09, 0, 0),), device_class=9)
PLAIN_DRIVE = UsbDevice("plain drive", 0x0781, 0x5567, (BULK_ONLY,))
UAS_DRIVE = UsbDevice("UAS drive", 0x174C, 0x55AA, (BULK_ONLY,), (UAS,))
CARD_READER = UsbDevice("card reader with two slots", 0x058F, 0x6366, (BULK_ONLY,))
DRIVES = (PLAIN_DRIVE, UAS_DRIVE, CARD_READER)

DRIVE_AND_KEYBOARD = UsbDevice("drive with a keyboard", 0x13FE, 0x5201, (BULK_ONLY, KEYBOARD))
UAS_AND_KEYBOARD = UsbDevice("UAS drive with a keyboard", 0x174C, 0x55AA, (KEYBOARD, BULK_ONLY), (UAS,))
DRIVE_AND_MOUSE = UsbDevice("drive with a mouse", 0x0781, 0x5567, (BULK_ONLY, (0x03, 0x01, 0x02)))
DRIVE_AND_RAW_HID = UsbDevice("drive with other HID", 0x0951, 0x16D5, (BULK_ONLY, (0x03, 0x00, 0x00)))
DRIVE_AND_NETWORK = UsbDevice(
    "drive with a network card", 0x0525, 0xA4A5, (BULK_ONLY, (0x02, 0x06, 0x00), (0x0A, 0, 0))
)
DRIVE_AND_RNDIS = UsbDevice("drive with RNDIS", 0x0525, 0xA4A2, (BULK_ONLY, (0xE0, 0x01, 0x03)))
ATTACKS = (
    DRIVE_AND_KEYBOARD, UAS_AND_KEYBOARD, DRIVE_AND_MOUSE, DRIVE_AND_RAW_HID, DRIVE_AND_NETWORK, DRIVE_AND_RNDIS,
)  # fmt: skip

STRANGERS = (
    UsbDevice("keyboard", 0x046D, 0xC31C, (KEYBOARD, (0x03, 0x00, 0x00))),
    UsbDevice("typing stick that names itself a keyboard", 0x03EB, 0x2401, (KEYBOARD,)),
    UsbDevice("network card", 0x0BDA, 0x8153, ((0x02, 0x06, 0x00), (0x0A, 0x00, 0x00))),
    UsbDevice("phone, files", 0x18D1, 0x4EE1, ((0x06, 0x01, 0x01),)),
    UsbDevice("phone, files and debugging", 0x18D1, 0x4EE2, ((0x06, 0x01, 0x01), (0xFF, 0x42, 0x01))),
    UsbDevice("phone, charging only", 0x05AC, 0x12A8, ((0x06, 0x01, 0x01), (0xFF, 0xFE, 0x02))),
    HUB,
    UsbDevice("wireless adapter", 0x0BDA, 0x8179, ((0xFF, 0xFF, 0xFF),)),
    UsbDevice("Bluetooth", 0x0A12, 0x0001, ((0xE0, 0x01, 0x01), (0xE0, 0x01, 0x01))),
    UsbDevice("camera", 0x046D, 0x0825, ((0x0E, 0x01, 0x00), (0x0E, 0x02, 0x00))),
    UsbDevice("serial adapter", 0x0403, 0x6001, ((0xFF, 0xFF, 0xFF),)),
    UsbDevice("printer", 0x04B8, 0x0202, ((0x07, 0x01, 0x02),)),
    UsbDevice("two drives in one", 0x0781, 0x5567, (BULK_ONLY, BULK_ONLY)),
    UsbDevice("drive with a maker's interface", 0x0781, 0x5567, (BULK_ONLY, (0xFF, 0x00, 0x00))),
    UsbDevice("drive of floppy commands", 0x0644, 0x0000, ((0x08, 0x04, 0x00),)),
    UsbDevice("device without an interface", 0x1234, 0x5678, ()),
)
