"""The forms that the screen may show before a visit, and the story that each belongs to."""

from __future__ import annotations

from typing import Literal

from edge.services.view import Screen

Form = Literal[
    "home", "size", "reach", "phone", "full", "wait", "kept", "number", "code", "qr", "card", "factor",
    "identity", "materials", "camera", "drive", "send", "sent", "give_up",
    "print_identity", "print_list", "print_paper", "print_job",
    "sign_in", "list", "unknown", "trolley", "witness", "technician", "second",
    "stock", "stock_range", "stock_void", "stock_second",
]  # fmt: skip
SCREENS: dict[Form, Screen] = {
    "home": Screen.HOME,
    "size": Screen.DEPOSIT,
    "phone": Screen.DEPOSIT,
    "kept": Screen.DEPOSIT,
    "wait": Screen.DEPOSIT,
    "full": Screen.DEPOSIT,
    "reach": Screen.DEPOSIT,
    "identity": Screen.SUBMISSION,
    "materials": Screen.SUBMISSION,
    "camera": Screen.SUBMISSION,
    "drive": Screen.SUBMISSION,
    "send": Screen.SUBMISSION,
    "sent": Screen.SUBMISSION,
    "give_up": Screen.SUBMISSION,
    "number": Screen.PICKUP,
    "code": Screen.PICKUP,
    "qr": Screen.PICKUP,
    "card": Screen.PICKUP,
    "factor": Screen.PICKUP,
    "print_identity": Screen.PRINT,
    "print_list": Screen.PRINT,
    "print_paper": Screen.PRINT,
    "print_job": Screen.PRINT,
    "sign_in": Screen.STAFF,
    "list": Screen.STAFF,
    "unknown": Screen.STAFF,
    "trolley": Screen.STAFF,
    "technician": Screen.STAFF,
    "second": Screen.STAFF,
    "witness": Screen.STAFF,
    "stock": Screen.STAFF,
    "stock_range": Screen.STAFF,
    "stock_void": Screen.STAFF,
    "stock_second": Screen.STAFF,
}
