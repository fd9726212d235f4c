"""How messages name the server that a model is asked at, and what it said."""

import os
import re
from urllib.parse import urlsplit

from observability.llm import providers
from observability.llm.errors import ModelError
from observability.models.model_profile import ModelProfile

_SECRET = re.compile(r"(?:\b(?:sk|pk|rk|gsk|xai|hf|lsv2)[-_]|\bAIza|\bBearer\s+)[^\s\"',;]{4,}")


def where(profile: ModelProfile) -> str:
    """The host of a profile with a base URL of its own, else the provider's name."""
    return host(profile) if profile.base_url else str(profile.get_provider_display())


def host(profile: ModelProfile) -> str:
    """Where the requests go, without what a URL may hold in secret."""
    try:
        found = urlsplit(providers.base_url(profile))
        name, port = found.hostname, found.port
    except (ModelError, ValueError):
        return str(profile.get_provider_display())
    return f"{name}:{port}" if port else str(name)


def quoted(text: str, profile: ModelProfile) -> str:
    """The beginning of what a provider said, without anything that looks like a key."""
    key = os.environ.get(profile.key_name or "", "").strip()
    clean = " ".join((text.replace(key, "…") if key else text).split())
    clean = _SECRET.sub("…", clean)
    return f"{clean[:99]}…" if len(clean) > 100 else clean
