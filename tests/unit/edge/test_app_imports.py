"""The edge's own process stays small: pictures and foreign file systems are the workers' business."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("cv2", "numpy", "PIL", "pikepdf", "pypdfium2", "zxingcpp", "pyfsntfs")


def test_the_edge_loads_no_library_of_pictures() -> None:
    asked = f"import sys, edge.app; print([name for name in {HEAVY} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
