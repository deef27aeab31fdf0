"""Birth and will: whether the station is there, which store and start it is, and how far it got.

The connection is counted durably before CONNECT and stands in the will of that very connection, so that a late will can
be told from the present birth. Source: contract of the wire, section 1 (Presence).
"""

from __future__ import annotations

from contract import topics
from contract.session import Will
from contract.state import Presence
from edge.clock import Clock
from edge.store.outbox import Identity
from edge.store.unit_of_work import Store, Transaction
from edge.uplink.delivery import Publish

KINDS = ("config", "expected", "staff", "print")


class PresenceKeeper:
    """Makes the will before a connection, and publishes births and the farewell on it."""

    def __init__(
        self, store: Store, station: str, clock: Clock, *, software: str, simulated: tuple[str, ...] = ()
    ) -> None:
        self._store, self._station, self._clock = store, station, clock
        self._software, self._simulated = software, simulated

    async def prepare(self) -> Will:
        """Count the connection that is about to be made and return its will."""
        identity, versions = await self._store.transact(_count_and_read)
        return Will(topics.presence(self._station), self._message(identity, versions, online=False))

    async def born(self, publish: Publish) -> None:
        """Publish the birth, retained; again whenever epoch or documents have changed."""
        await self._say(publish, online=True)

    async def farewell(self, publish: Publish) -> None:
        """Say that the station is going: a proper DISCONNECT makes the broker forget the will."""
        await self._say(publish, online=False)

    async def _say(self, publish: Publish, *, online: bool) -> None:
        identity, versions = await self._store.read(_read)
        message = self._message(identity, versions, online=online)
        await publish(topics.presence(self._station), message, qos=1, retain=True)

    def _message(self, identity: Identity, versions: str, *, online: bool) -> bytes:
        return Presence(
            online=online,
            epoch=identity.epoch,
            boot=identity.boot,
            conn=identity.conn,
            last_seq=identity.last_seq,
            acked_through=identity.acked_through,
            ledger=identity.ledger,
            at=self._clock.now(),
            software=self._software,
            config=versions,
            simulated=self._simulated,
        ).to_bytes()


def _count_and_read(tx: Transaction) -> tuple[Identity, str]:
    tx.count_connection()
    return _read(tx)


def _read(tx: Transaction) -> tuple[Identity, str]:
    stored = {document.kind: document.version for document in tx.documents()}
    return tx.identity(), " ".join(f"{kind}:{stored[kind]}" for kind in KINDS if kind in stored)
