"""The list of all sweeps, by name, in the order in which `make sweep` runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.sweep.edge_kills import EdgeKills, EdgeKillsInRecovery
from tests.sweep.runner import Sweep

SWEEPS: Mapping[str, Callable[[], Sweep]] = {each.name: each for each in (EdgeKills, EdgeKillsInRecovery)}
