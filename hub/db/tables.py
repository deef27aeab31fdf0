"""Every table of the hub, by what it is for. SQLAlchemy Core; the same on SQLite and PostgreSQL.

Times are UTC-aware; ids that come from stations are text, so that a batch insert needs no per-row conversion.
`events.body` is the event's JSON with sealed values replaced by their hash; the values wait in `sealed` until used.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from hub.db.types import UtcTime

_NAMED = "%(table_name)s_%(column_0_N_name)s"
metadata = MetaData(naming_convention={"ix": f"ix_{_NAMED}", "uq": f"uq_{_NAMED}", "pk": "pk_%(table_name)s"})


def _at(name: str, *, nullable: bool = True) -> Column[object]:
    return Column(name, UtcTime(), nullable=nullable)


# --- identity of this database -------------------------------------------------------------------------------------
hub_meta = Table(
    "hub_meta",
    metadata,
    Column("name", String(64), primary_key=True),  # "ledger", "user_audit_head", "user_audit_n", ...
    Column("value", Text, nullable=False),
)

# --- what stations sent --------------------------------------------------------------------------------------------
stations = Table(
    "stations",
    metadata,
    Column("station", String(32), primary_key=True),
    Column("epoch", String(36)),  # the newest epoch that committed a station_started
    Column("epochs_seen", Integer, nullable=False, default=0),
    Column("audit_n", BigInteger, nullable=False, default=0),
    Column("audit_head", String(64), nullable=False, default="0" * 64),
    Column("online", Boolean, nullable=False, default=False),
    Column("boot", BigInteger),
    Column("conn", BigInteger),
    Column("software", String(200)),
    Column("simulated", Text),  # JSON list
    Column("config_version", String(200)),
    _at("presence_at"),  # the station's own time in its last birth or will
    _at("heard_at"),  # the hub's time of the last message of any kind
    _at("cloned_at"),  # alarm: a superseded epoch is online
    _at("forked_at"),  # alarm: a number came with two ids
    Column("parked_epoch", String(36)),  # projection stands still before this event ...
    Column("parked_seq", BigInteger),
    Column("parked_reason", Text),
    Column("parked_tries", Integer, nullable=False, default=0),
    _at("parked_at"),
)

epochs = Table(
    "epochs",
    metadata,
    Column("station", String(32), nullable=False),
    Column("epoch", String(36), nullable=False),
    Column("number", Integer),  # order of first committed station_started; null while provisional
    Column("started", Boolean, nullable=False, default=False),  # its own station_started is committed
    Column("through", BigInteger, nullable=False, default=0),
    Column("through_id", String(36)),
    Column("seen", BigInteger, nullable=False, default=0),
    Column("projected", BigInteger, nullable=False, default=0),
    # the newest birth of this epoch, until it becomes the station's
    Column("boot", BigInteger),
    Column("conn", BigInteger),
    Column("online", Boolean, nullable=False, default=False),
    Column("presence", Text),  # that birth as JSON
    Column("renewed_for", BigInteger, nullable=False, default=0),  # acked_through for which a new ledger was taken
    PrimaryKeyConstraint("station", "epoch"),
)

events = Table(
    "events",
    metadata,
    Column("station", String(32), nullable=False),
    Column("epoch", String(36), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("id", String(36), nullable=False),
    Column("type", String(64), nullable=False),
    # new (not projected) | done | unknown (until this hub learns the type) | known_id (came in another epoch)
    Column("state", String(12), nullable=False, default="new"),
    _at("at"),
    Column("clock", String(8)),
    Column("boot", BigInteger),
    Column("correlation", String(36)),
    Column("subject", String(64)),  # receipt number or case number, for timelines
    Column("compartment", Integer),
    Column("body", Text, nullable=False),  # the event as JSON, sealed values replaced by {"sha256": ...}
    _at("received_at", nullable=False),
    PrimaryKeyConstraint("station", "epoch", "seq"),
    Index(None, "station", "id"),
    Index(None, "subject"),
    Index(None, "correlation"),
    Index(None, "state", postgresql_where=text("state <> 'done'"), sqlite_where=text("state <> 'done'")),
    Index(
        "ix_events_door",  # the history of one door
        "station",
        "compartment",
        "received_at",
        postgresql_where=text("compartment IS NOT NULL"),
        sqlite_where=text("compartment IS NOT NULL"),
    ),
)

forks = Table(
    "forks",
    metadata,
    Column("station", String(32), nullable=False),
    Column("epoch", String(36), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("id", String(36), nullable=False),
    Column("body", Text, nullable=False),
    _at("received_at", nullable=False),
    PrimaryKeyConstraint("station", "epoch", "seq", "id"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("sha256", String(64), nullable=False),
    Column("station", String(64), nullable=False),
    Column("topic", String(256), nullable=False),
    Column("payload", LargeBinary, nullable=False),  # first 64 KiB
    Column("reason", Text, nullable=False),
    Column("count", BigInteger, nullable=False, default=1),
    _at("first_at", nullable=False),
    _at("last_at", nullable=False),
    PrimaryKeyConstraint("station", "sha256"),
)

sealed = Table(
    "sealed",
    metadata,
    Column("station", String(32), nullable=False),
    Column("event", String(36), nullable=False),
    Column("field", String(64), nullable=False),
    Column("jwe", Text),  # erased (null) once it was used
    Column("sha256", String(64), nullable=False),
    _at("received_at", nullable=False),
    _at("erased_at"),
    PrimaryKeyConstraint("station", "event", "field"),
)

audit = Table(
    "audit",
    metadata,
    Column("chain", String(40), nullable=False),  # a station's id, or "hub:users"
    Column("n", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),  # event | projected | user
    Column("subject", String(200), nullable=False),  # "epoch/seq/id", or what a user did to what
    Column("digest", String(64), nullable=False),  # SHA-256 of the event's stored body, or of the user action's JSON
    Column("body", Text),  # user actions only
    _at("at", nullable=False),
    Column("hash", String(64), nullable=False),  # SHA-256 over the previous hash and this row: hub/core/audit.py
    PrimaryKeyConstraint("chain", "n"),
)

# --- the picture, by projection ------------------------------------------------------------------------------------
compartments = Table(
    "compartments",
    metadata,
    Column("station", String(32), nullable=False),
    Column("number", Integer, nullable=False),
    Column("size", String(8)),
    Column("allocation", String(12)),
    Column("door", String(8)),
    Column("in_service", Boolean),
    Column("reason", String(200)),
    Column("receipt_number", String(11)),
    Column("case_number", String(43)),
    Column("openings", Integer),  # how often its door was seen open; None from a station that does not count
    Column("maintenance_due", Boolean, nullable=False, default=False, server_default=false()),
    Column("cabinet", String(32)),  # where its door is, in millimetres from the upper left corner of its cabinet
    Column("cabinet_width_mm", Integer),
    Column("cabinet_height_mm", Integer),
    Column("x_mm", Integer),
    Column("y_mm", Integer),
    Column("width_mm", Integer),
    Column("height_mm", Integer),
    _at("at"),  # how old this knowledge is
    _at("state_at"),  # the station's time of the last retained picture: older events no longer move door and allocation
    PrimaryKeyConstraint("station", "number"),
)

deposits = Table(
    "deposits",
    metadata,
    Column("receipt_number", String(11), primary_key=True),
    Column("station", String(32), nullable=False),
    Column("compartment", Integer),
    Column("state", String(12), nullable=False),  # made | doubtful | abandoned | cleared | not_found
    Column("event", String(36)),  # id of deposit_made, to which a sealed phone is bound
    Column("has_phone", Boolean, nullable=False, default=False),
    _at("made_at"),
    _at("cleared_at"),
    Column("cleared_by", String(32)),
    Column("case_number", String(43)),
    Column("manifest", String(64)),  # hash of the list of a submission's documents
    # The card that said whose submission it is: its number's keyed hash and mask, and what kind of card it is.
    *(Column(name, String(size)) for name, size in (("card_hash", 64), ("card_mask", 40), ("card_kind", 16))),
    Column("count_said", Integer),  # pieces, as the citizen said; None from a station that does not ask
    Column("count_found", Integer),  # pieces, as staff counted them
    Column("low", Boolean, nullable=False, default=False, server_default=false()),  # asked for a compartment low down
    Index(None, "state"),
)

waiting = Table(
    "waiting",
    metadata,
    Column("receipt_number", String(11), primary_key=True),
    Column("station", String(32), nullable=False),
    Column("size", String(2), nullable=False),
    Column("event", String(36), nullable=False),  # id of waiting_joined, to which the sealed phone is bound
    Column("state", String(12), nullable=False),  # waiting | called | expired
    _at("joined_at", nullable=False),
    _at("expires_at", nullable=False),
    _at("called_at"),
    Index(None, "state"),
)

cases = Table(
    "cases",
    metadata,
    Column("case_number", String(43), primary_key=True),
    Column("receipt_number", String(11)),
    Column("service_item", String(31), nullable=False),
    Column("title", String(120), nullable=False),
    Column("state", String(12), nullable=False),  # made | ready | loaded | collected | withdrawn | overdue
    Column("station", String(32)),  # where its item is to be loaded
    Column("compartment", Integer),
    Column("size", String(2), nullable=False, default="s"),
    Column("recipient_mask", String(40), nullable=False, default=""),
    Column("phone_event", String(36)),  # where the sealed phone waits
    Column("phone_forgotten", Boolean, nullable=False, default=False, server_default=false()),  # the case is over
    _at("made_at", nullable=False),
    _at("ready_at"),
    _at("loaded_at"),
    _at("collected_at"),
    _at("due"),
    Column("made_by", String(64)),
    Column("card_hash", String(64)),  # keyed hash of the recipient's citizen number; the number is not kept
    Column("collectors", Text),  # JSON list of such hashes: who may collect for the recipient
    Column("second_factor", Boolean, nullable=False, default=False, server_default=false()),
    Column("recipient_unknown", Boolean, nullable=False, default=False, server_default=false()),  # loaded unnamed
    UniqueConstraint("receipt_number"),
    Index(None, "state"),
    Index(
        "ix_cases_phone_kept",
        "phone_event",
        postgresql_where=text("phone_event IS NOT NULL AND NOT phone_forgotten"),
        sqlite_where=text("phone_event IS NOT NULL AND NOT phone_forgotten"),
    ),
)

case_counters = Table(
    "case_counters",
    metadata,
    Column("service_item", String(31), nullable=False),
    Column("day", String(8), nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("service_item", "day"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", String(80), primary_key=True),  # "station:kind:subject", so that it opens once
    Column("station", String(32), nullable=False),
    Column("kind", String(24), nullable=False),  # doubtful | door | device | forced | left_open | guessing
    Column("compartment", Integer),
    Column("text", Text, nullable=False),
    _at("opened_at", nullable=False),
    _at("closed_at"),
    Index(None, "closed_at"),
)

# --- rows of work for other processes ------------------------------------------------------------------------------
notifications = Table(
    "notifications",
    metadata,
    Column("id", String(36), primary_key=True),  # the event id that caused it: at most one SMS per event
    Column("kind", String(24), nullable=False),  # pickup_code | one_time_code | reminder
    Column("station", String(32), nullable=False),
    Column("case_number", String(43), nullable=False),
    Column("compartment", Integer),
    _at("due"),
    Column("state", String(12), nullable=False, default="waiting"),  # waiting | sent | no_phone | failed
    Column("tries", Integer, nullable=False, default=0),
    Column("problem", Text),
    _at("made_at", nullable=False),
    _at("next_at"),
    _at("sent_at"),
    Column("to_hash", String(64)),  # keyed hash of the phone, once it was sent: how many it got
    Index(None, "state", "next_at"),
    Index(None, "to_hash", "sent_at"),
)

commands = Table(
    "commands",
    metadata,
    Column("jti", String(36), primary_key=True),
    Column("station", String(32), nullable=False),
    Column("type", String(64), nullable=False),
    Column("params", Text, nullable=False),
    Column("asked_by", String(64), nullable=False),
    _at("asked_at", nullable=False),
    _at("sent_at"),
    _at("expires_at"),
    Column("state", String(12), nullable=False, default="asked"),  # asked | sent | done | refused | expired
    Column("answer", Text),
    Index(None, "state"),
)

documents = Table(
    "documents",
    metadata,
    Column("station", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("token", Text, nullable=False),
    _at("signed_at", nullable=False),
    Column("applied", String(12)),  # applied | refused
    Column("problem", Text),
    PrimaryKeyConstraint("station", "kind", "version"),
    UniqueConstraint("sha256"),
)

document_requests = Table(
    "document_requests",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("station", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    _at("asked_at", nullable=False),
)

# --- people and stations that may speak HTTP -----------------------------------------------------------------------
users = Table(
    "users",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("shown_as", String(64), nullable=False),
    Column("password", Text, nullable=False),  # argon2id
    Column("roles", Text, nullable=False),  # JSON list: clerk | technician | admin
    Column("wrong_tries", Integer, nullable=False, default=0),
    _at("locked_until"),
    _at("made_at", nullable=False),
    _at("disabled_at"),
)

logins = Table(
    "logins",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("user", String(64), nullable=False),
    Column("form_token", String(64), nullable=False),
    _at("made_at", nullable=False),
    _at("seen_at", nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("badge", String(32), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("pin", Text, nullable=False),  # argon2id
    Column("rights", Text, nullable=False),  # JSON list: load | clear | service
    Column("stations", Text, nullable=False),  # JSON list of station ids, or ["*"]
    _at("valid_until", nullable=False),
)

station_tokens = Table(
    "station_tokens",
    metadata,
    Column("station", String(32), primary_key=True),
    Column("token_sha256", String(64), nullable=False),
    _at("made_at", nullable=False),
)
