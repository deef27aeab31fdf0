"""The list of all sweeps, by name, in the order in which `make sweep` runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.sweep.database import DatabaseFaults
from tests.sweep.edge_crashes import EdgeCrashes
from tests.sweep.edge_kills import EdgeKills, EdgeKillsInRecovery
from tests.sweep.hub_kills import HubCrashes, HubKills
from tests.sweep.network import BrokerKills, NetworkFaults, OtherBrokerKills
from tests.sweep.noise import Noise
from tests.sweep.power_cuts import PowerCuts
from tests.sweep.rewound import Clones, OldStores, RestoredHub
from tests.sweep.runner import Sweep

_ALL = (
    EdgeKills, EdgeKillsInRecovery, EdgeCrashes, PowerCuts, HubKills, HubCrashes, DatabaseFaults, NetworkFaults,
    BrokerKills, OtherBrokerKills, Noise, OldStores, Clones, RestoredHub,
)  # fmt: skip
SWEEPS: Mapping[str, Callable[[], Sweep]] = {each.name: each for each in _ALL}
