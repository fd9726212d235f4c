"""Is the server of a model there, and does it serve the model? Asked once, by a command."""

import http.client
import json
import urllib.error
import urllib.request
from typing import Any

from observability.llm import providers
from observability.llm.errors import MissingKey
from observability.llm.wording import host
from observability.models import ModelProfile, Provider

SECONDS = 3.0
MOST_BYTES = 1_000_000
SPEAKS_OPENAI = {Provider.OPENAI, Provider.COMPATIBLE}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A key is for the address that a person gave, and for no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def problem_of(profile: ModelProfile) -> str:
    """What is odd about the address of a profile, in a sentence; "" if nothing is, or if it has no
    address of its own or none that lists models.

    Asks GET {base URL}/models once, follows no redirection, and gives up after 3 seconds.
    """
    if not profile.base_url or profile.provider not in SPEAKS_OPENAI:
        return ""
    where = host(profile)
    try:
        served = _served(profile)
    except urllib.error.HTTPError as error:
        return f"{where} answers {error.code} when asked for its models. {_ADVICE}"
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        why = getattr(reason, "strerror", None) or type(reason).__name__
        return f"{where} could not be asked for its models ({why}). {_ADVICE}"
    if served and profile.model not in served:
        return f"{where} does not serve {profile.model}. It serves: {', '.join(served[:10])}."
    return ""


_ADVICE = "It was added all the same: check the base URL, and that the server is running."


def _served(profile: ModelProfile) -> list[str]:
    """The models that the server names; none if what it says is no list of models."""
    request = urllib.request.Request(  # noqa: S310 - an administrator has given the address
        f"{profile.base_url.rstrip('/')}/models", headers=_authorization(profile)
    )
    opener = urllib.request.build_opener(_NoRedirect)
    with opener.open(request, timeout=SECONDS) as answer:
        said = json.loads(answer.read(MOST_BYTES))
    rows = said.get("data") if isinstance(said, dict) else None
    return [str(row["id"]) for row in rows or () if isinstance(row, dict) and row.get("id")]


def _authorization(profile: ModelProfile) -> dict[str, str]:
    try:
        key = providers.api_key(profile)
    except MissingKey:
        return {}
    return {"Authorization": f"Bearer {key}"} if key != providers.NO_KEY else {}
