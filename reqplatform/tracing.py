"""Whether model calls are traced in LangSmith, and which environment variable says so.

The rule: a LANGSMITH_ name wins over the older LANGCHAIN_ name, and a name without a value is not
set. On is 1, true, yes or on, off is 0, false, no or off, in any case. The key is one of the
environment's; a profile of LangSmith's command line is not read.

LangSmith's SDK goes by another rule: only the literal `true` counts, and LANGCHAIN_TRACING_V2=false
beats LANGSMITH_TRACING=true. So the environment is written anew for it, by the settings and thus
before it is loaded: it reads a variable once and remembers it. Processes that are started from this
one read the same from what was written.
"""

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from reqplatform import env

SWITCHES = (
    "LANGSMITH_TRACING",
    "LANGSMITH_TRACING_V2",
    "LANGCHAIN_TRACING_V2",
    "LANGCHAIN_TRACING",
)
KEYS = ("LANGSMITH_API_KEY", "LANGCHAIN_API_KEY")
PROJECTS = ("LANGSMITH_PROJECT", "LANGCHAIN_PROJECT")
ENDPOINTS = ("LANGSMITH_ENDPOINT", "LANGCHAIN_ENDPOINT")
DEFAULT_PROJECT = "default"
DEFAULT_ENDPOINT = "https://api.smith.langchain.com"


@dataclass(frozen=True, slots=True)
class Tracing:
    """What the environment says. `..._from` is the name of the variable that won, or empty."""

    enabled: bool
    reason: str  # why it is on or off, as the end of a sentence
    project: str = DEFAULT_PROJECT
    endpoint: str = DEFAULT_ENDPOINT
    api_key_set: bool = False
    tracing_from: str = ""
    project_from: str = ""
    endpoint_from: str = ""
    api_key_from: str = ""


def read() -> Tracing:
    """Read the environment, and write it anew as LangSmith's SDK understands it.

    Raises ImproperlyConfigured, naming the variable, for a switch that is neither on nor off and
    for an endpoint that is no address.
    """
    said = {name: env.boolean(name, False) for name in SWITCHES if env.text(name)}
    switch = next(iter(said), "")
    wanted = said.get(switch, False)
    key, project, endpoint = _first(KEYS), _first(PROJECTS), _first(ENDPOINTS)
    address = _address(endpoint)
    enabled = wanted and (bool(key) or not _is_public(address))
    _tell_the_sdk(switch, wanted=wanted, enabled=enabled)
    return Tracing(
        enabled=enabled,
        reason=_reason(said, enabled, address),
        project=env.text(project) if project else DEFAULT_PROJECT,
        endpoint=address,
        api_key_set=bool(key),
        tracing_from=switch,
        project_from=project,
        endpoint_from=endpoint,
        api_key_from=key,
    )


def _first(names: tuple[str, ...]) -> str:
    return next((name for name in names if env.text(name)), "")


def _address(name: str) -> str:
    """Neither message quotes the address: it may hold a password."""
    if not name:
        return DEFAULT_ENDPOINT
    address = env.text(name).rstrip("/")
    try:
        parts = urlsplit(address)
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: its host or port cannot be read; the port must be a number up to 65535."
        ) from error
    if not good:
        raise ImproperlyConfigured(f"{name} must be an address such as {DEFAULT_ENDPOINT}.")
    return address


def _is_public(address: str) -> bool:
    """Whether it is LangChain's own, which nobody gets into without a key."""
    return f".{urlsplit(address).hostname}".endswith(".langchain.com")


def _reason(said: dict[str, bool], enabled: bool, address: str) -> str:
    if not said:
        return "LANGSMITH_TRACING is not set"
    switch, *others = said
    wanted = said[switch]
    overruled = [name for name in others if said[name] != wanted]
    reason = f"{switch} is {'on' if wanted else 'off'}"
    if overruled:
        reason += f", which wins over {' and '.join(overruled)}"
    if wanted and not enabled:
        reason += f", but {KEYS[0]} is not set, and {urlsplit(address).hostname} asks for a key"
    return reason


def _tell_the_sdk(switch: str, *, wanted: bool, enabled: bool) -> None:
    """Leave one switch, which the SDK reads as we do."""
    # Its threads must not hold up the end of the process. Without these two, an endpoint that never
    # answers held it up for six minutes.
    os.environ["LANGSMITH_USE_DAEMON"] = "true"
    os.environ["LANGSMITH_DISABLE_RUN_COMPRESSION"] = "true"
    for name in (*SWITCHES, "LANGCHAIN_HANDLER"):
        os.environ.pop(name, None)
    if not switch:
        return
    if switch == "LANGCHAIN_TRACING":  # where tracing is off, LangChain refuses to work beside it
        switch = "LANGCHAIN_TRACING_V2"
    # For want of a key: `on` is on for us, so that a process started from this one gives the same
    # reason, and off for the SDK.
    os.environ[switch] = "true" if enabled else "on" if wanted else "false"
