"""Typed settings from environment variables that fail loudly and name the variable."""

import os
import re
import tempfile
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}

# What a database URL may say after its ?, passed on to libpq:
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
CONNECTION_OPTIONS = {
    "application_name",
    "connect_timeout",
    "host",
    "options",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
}


def load_file(path: Path) -> None:
    """Read NAME=value lines of a `.env` file; what the environment already says wins."""
    if not path.is_file():
        return
    for number, raw in enumerate(path.read_text("utf-8").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        name, separator, value = line.partition("=")
        if not separator or not name.strip().isidentifier():
            raise ImproperlyConfigured(f"{path}, line {number}: expected NAME=value, found {raw!r}")
        os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def _read(name: str, default: T, parse: Callable[[str], T], expected: str) -> T:
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    try:
        return parse(raw)
    except (ValueError, InvalidOperation) as error:
        raise ImproperlyConfigured(f"{name} is {raw!r}, but must be {expected}.") from error


def text(name: str, default: str = "") -> str:
    return _read(name, default, str, "text")


def boolean(name: str, default: bool) -> bool:
    def parse(raw: str) -> bool:
        if raw.lower() in TRUE | FALSE:
            return raw.lower() in TRUE
        raise ValueError(raw)

    return _read(name, default, parse, "one of 1, true, yes, on, 0, false, no, off")


def integer(name: str, default: int, *, least: int, most: int) -> int:
    def parse(raw: str) -> int:
        number = int(raw)
        if not least <= number <= most:
            raise ValueError(raw)
        return number

    return _read(name, default, parse, f"a whole number from {least} to {most}")


def decimal(name: str, default: Decimal, *, least: Decimal, most: Decimal) -> Decimal:
    def parse(raw: str) -> Decimal:
        number = Decimal(raw)
        if not least <= number <= most:
            raise ValueError(raw)
        return number

    return _read(name, default, parse, f"a number from {least} to {most}")


def names(name: str, default: list[str]) -> list[str]:
    """A comma-separated list; nothing between two commas is nothing."""

    def parse(raw: str) -> list[str]:
        return [part.strip() for part in raw.split(",") if part.strip()]

    return _read(name, default, parse, "a list")


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Addresses and networks, comma-separated."""
    try:
        return [ip_network(part) for part in names(name, [])]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} must be addresses and networks such as 127.0.0.1,10.0.0.0/8. {error}."
        ) from error


def token(name: str) -> str:
    """A secret that is sent in a header, or "". No message quotes it."""
    given = text(name)
    if given and (len(given) < 16 or not re.fullmatch(r"[!-~]+", given)):
        raise ImproperlyConfigured(
            f"{name} must have at least 16 characters, all of them ASCII and none a blank."
        )
    return given


def choice(name: str, default: str, among: tuple[str, ...]) -> str:
    def parse(raw: str) -> str:
        if raw not in among:
            raise ValueError(raw)
        return raw

    return _read(name, default, parse, "one of " + ", ".join(among))


def path(name: str, default: Path) -> Path:
    return _read(name, default, lambda raw: Path(raw).expanduser().resolve(), "a path")


def database(name: str, default: str) -> dict[str, Any]:
    """A database URL as Django's DATABASES entry: sqlite:///PATH or postgresql://USER:PW@HOST/NAME.

    SQLite gets what many writers need: WAL, IMMEDIATE transactions and a busy timeout of 20 s.
    """
    url = text(name, default)
    if url.startswith("sqlite:///"):
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": url.removeprefix("sqlite:///"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    return _postgresql(name, url)


def _postgresql(name: str, url: str) -> dict[str, Any]:
    """No message quotes the URL: it holds a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: the host or port cannot be read. The port must be a number up to 65535; a "
            "user or password with / ? # @ : or [ needs them written as %2F and so on."
        ) from error
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            f"{name} must be sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME."
        )
    options = _connection_options(name, parts.query)
    host = options.pop("host", "") or parts.hostname or ""  # a socket's folder, or a machine
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _connection_options(name: str, query: str) -> dict[str, str]:
    try:
        plus = query.replace("+", "%2B")  # libpq takes a + for itself, not for a blank
        options = dict(parse_qsl(plus, keep_blank_values=True, strict_parsing=bool(query)))
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: what follows the ? must be OPTION=value, joined by &."
        ) from error
    if unknown := sorted(set(options) - CONNECTION_OPTIONS):
        raise ImproperlyConfigured(
            f"{name} has the option {', '.join(unknown)}, which is not known here. Known: "
            f"{', '.join(sorted(CONNECTION_OPTIONS))}."
        )
    return options


def redis(name: str) -> str:
    """The URL of a Redis server, or "". No message quotes it: it may hold a password."""
    url = text(name)
    if not url:
        return ""
    if urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured(f"{name} must be redis://HOST:PORT/NUMBER (rediss:// with TLS).")
    if find_spec("redis") is None:
        raise ImproperlyConfigured(
            f"{name} is set, but Redis' client is not installed: pip install 'reqplatform[redis]', "
            f"or leave {name} empty to keep the queue in the database."
        )
    return url


def secret_key(name: str, file: Path) -> str:
    """The key from the environment, or one generated once into `file` (mode 0600)."""
    given = text(name)
    if given:
        if len(given) < 32:
            raise ImproperlyConfigured(f"{name} must have at least 32 characters.")
        return given
    from django.core.management.utils import get_random_secret_key  # rarely needed

    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=file.parent)  # mode 0600
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(get_random_secret_key())
        try:
            os.link(draft, file)  # whole or not at all, even when two processes start together
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    return file.read_text("utf-8").strip()
