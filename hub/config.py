"""How a hub process is configured: everything comes from its command line, typed and checked here.

A plain `postgresql://` URL is mapped to the asynchronous driver, `sqlite://` likewise. Passwords stay out of every text
that a person or a log may see (`shown`).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from hub.errors import ConfigError

DEFAULT_DATABASE = "sqlite+aiosqlite:///var/hub.db"
DEFAULT_FILES = Path("var/hub-files")
# A submission may come this much later than its contents, and stations are without a line for weeks.
LEAST_DAYS_UNNAMED = 30
_LINK = re.compile(r"(?i:https?)://[A-Za-z0-9.:\[\]-]{1,60}/[A-Za-z0-9./-]{0,12}")
DEFAULT_BROKER = "mqtt://127.0.0.1:1883"
DRIVERS = {
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}


def database_url(text: str) -> str:
    """Return the URL with the asynchronous driver named.

    Raises:
        ConfigError: neither SQLite nor PostgreSQL.
    """
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in DRIVERS:
        raise ConfigError("--database", "sqlite:///FILE or postgresql://USER@HOST/NAME")
    return f"{DRIVERS[scheme]}://{rest}"


def shown(url: str) -> str:
    """Return `url` without its password, for people and logs."""
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", url)


def broker_url(text: str) -> str:
    """Return the broker's URL.

    Raises:
        ConfigError: not `mqtt://host` or `mqtts://host`.
    """
    parts = urlsplit(text)
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
        raise ConfigError("--broker", "mqtt://HOST:PORT or mqtts://HOST:PORT")
    return text


def is_loopback(host: str) -> bool:
    """Whether `host` can only be reached from this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def worker_name(host: str, port: int) -> str:
    """Return a name for the hub process that serves `port` on `host`; the same at every start."""
    plain = re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-")[:36] or "hub"
    return f"{plain}-{port}"


@dataclass(frozen=True)
class BrokerConfig:
    """How the broker is reached; certificates only with `mqtts://`."""

    url: str = DEFAULT_BROKER
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None

    def __post_init__(self) -> None:
        """Check the URL and that `mqtts://` comes with the authority's certificate."""
        broker_url(self.url)
        if self.url.startswith("mqtts://") and self.ca_file is None:
            raise ConfigError("--broker-ca", "a file, because the broker is mqtts://")
        if (self.cert_file is None) != (self.key_file is None):
            raise ConfigError("--broker-cert", "together with --broker-key")


@dataclass(frozen=True)
class WebConfig:
    """Where pages and API are served: this machine only, unless TLS is configured."""

    host: str = "127.0.0.1"
    port: int = 8201
    tls_cert: Path | None = None
    tls_key: Path | None = None
    names: tuple[str, ...] = ()  # host names under which browsers reach the desk, besides `host`
    card_key: bytes | None = field(default=None, repr=False)  # keys the hashes of citizen numbers; stations have a copy

    def __post_init__(self) -> None:
        """Refuse plain HTTP on an address that others can reach."""
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ConfigError("--tls-cert", "together with --tls-key")
        if self.tls_cert is None and not is_loopback(self.host):
            raise ConfigError("--host", "a loopback address, or --tls-cert and --tls-key")


@dataclass(frozen=True)
class HubConfig:
    """What every hub process needs to know."""

    database: str = DEFAULT_DATABASE
    broker: BrokerConfig = field(default_factory=BrokerConfig)
    web: WebConfig = field(default_factory=WebConfig)
    worker: str = "hub-1"
    clock_shift: Path | None = None
    files: Path | None = None  # where contents of submissions lie; `files_folder` when not named
    files_key: Path | None = None  # their key; `files_key_file` when not named
    days_unnamed: int = 180  # how long contents stay that no submission names; 0 for ever
    paper_keys: Path = Path("var/keys/hub")  # where private keys that issue papers lie
    pdf_roots: Path | None = None  # authorities whose signatures on received PDFs are trusted, as PEM
    paper_link: str = ""  # what stands before the code in a paper's QR code: this hub's page, in capitals

    def __post_init__(self) -> None:
        """Name the asynchronous driver and check the worker's name, which becomes part of a topic."""
        object.__setattr__(self, "database", database_url(self.database))
        if not re.fullmatch(r"[a-z0-9-]{3,48}", self.worker):
            raise ConfigError("--worker", "3 to 48 small letters, digits or hyphens")
        if self.days_unnamed and not LEAST_DAYS_UNNAMED <= self.days_unnamed <= 36_500:
            raise ConfigError("--files-days-unnamed", f"0, or at least {LEAST_DAYS_UNNAMED}")

        if self.paper_link and not _LINK.fullmatch(self.paper_link):
            raise ConfigError("--paper-link", "HTTPS://HOST/V/, at most 80 characters")

    @property
    def files_folder(self) -> Path:
        """Where contents of submissions lie: as named, else beside an SQLite database."""
        if self.files is not None:
            return self.files
        scheme, _, file = self.database.partition(":///")
        beside = Path(file.removeprefix("file:").partition("?")[0]).parent / DEFAULT_FILES.name
        return beside if scheme.startswith("sqlite") and file else DEFAULT_FILES

    @property
    def files_key_file(self) -> Path:
        """Where the key of contents lies: as named, else beside their folder, not in it."""
        return self.files_key or self.files_folder.with_name(f"{self.files_folder.name}.key")
