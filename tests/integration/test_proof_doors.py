"""The search for a door that opens for nobody's grant, in short; `python -m tests.proofs doors` searches on."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.proofs.machine import Lockers

Lockers.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TestLockers = Lockers.TestCase
