"""What went wrong when a model was asked: whether to try again, and whether it may have cost money.

Sorted by the class of an exception and by the codes that it carries, never by the words of a
message: a model's answer, or a provider's, may say anything. No SDK is loaded here; an exception
of one can only come in when it is loaded already.

The providers' errors:
https://platform.openai.com/docs/guides/error-codes
https://docs.claude.com/en/api/errors
https://ai.google.dev/gemini-api/docs/troubleshooting
https://openrouter.ai/docs/api/reference/errors-and-debugging (status 200 with an error in it)
"""

import math
import ssl
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from observability.llm.wording import host, quoted, where
from observability.models.model_profile import ModelProfile, Provider

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage


class Kind(StrEnum):
    TRANSIENT = "transient"  # the same request may be answered later
    CONTENT = "content"  # this model gives no good answer: repair it, or ask another model
    FATAL = "fatal"  # nothing helps until a person has changed something


@dataclass(frozen=True, slots=True)
class Failure:
    """`free`: the attempt surely cost nothing. `retry_after`: seconds that the provider asked for.

    `message` says what happened and what to do, in at most 300 characters, and holds no key.
    `known`: it is one of the errors that are listed here. `throttled`: the model is up, and was
    only asked too often.
    """

    kind: Kind
    free: bool
    retry_after: float | None
    message: str
    known: bool = True
    throttled: bool = False


@dataclass(frozen=True, slots=True)
class _Refusal:
    """An error in the provider's own words. `midway`: it came after status 200."""

    status: int
    codes: frozenset[str]
    text: str
    retry_after: float | None
    midway: bool = False


# Refused before anything is computed.
FREE = {400, 401, 402, 403, 404, 405, 413, 415, 422, 429}
BUSY = {408, 409, 425, 429}
NO_MONEY = {
    "insufficient_quota", "billing_error", "billing_hard_limit_reached", "billing_not_active",
}  # fmt: skip
# Errors in the middle of a stream that will come again. The others there are outages.
LASTING = NO_MONEY | {
    "invalid_request_error", "authentication_error", "permission_error", "not_found_error",
    "request_too_large", "invalid_api_key", "model_not_found",
}  # fmt: skip
# What was asked, or what came of it: another wording or another model may fare better.
ABOUT_CONTENT = {
    "json_validate_failed", "invalid_prompt", "content_policy_violation", "content_filter",
}  # fmt: skip
ANSWERED = {"json_validate_failed"}  # Groq's, of an answer that was written and billed
TOO_LONG = {"context_length_exceeded", "exceed_context_size_error", "request_too_large"}

# Which HTTP library an SDK uses differs between their versions.
UNSENDABLE = (
    "httpx.UnsupportedProtocol", "httpx2.UnsupportedProtocol", "httpx.LocalProtocolError",
    "httpx2.LocalProtocolError",
)  # fmt: skip
UNREACHED = (
    "httpx.ConnectError", "httpx2.ConnectError", "httpx.ConnectTimeout", "httpx2.ConnectTimeout",
    "httpx.PoolTimeout", "httpx2.PoolTimeout", "httpx.ProxyError", "httpx2.ProxyError",
    "aiohttp.ClientConnectorError",
)  # fmt: skip
SLOW = "httpx.TimeoutException", "httpx2.TimeoutException", "builtins.TimeoutError"
BROKEN = (
    "httpx.RequestError", "httpx2.RequestError", "aiohttp.ClientError", "builtins.ConnectionError",
    "openai.APIConnectionError", "anthropic.APIConnectionError",
)  # fmt: skip
UNREADABLE = (
    "json.JSONDecodeError", "google.genai.errors.UnknownApiResponseError",
    "openai.APIResponseValidationError", "anthropic.APIResponseValidationError",
)  # fmt: skip

CAPPED = {"length", "max_tokens", "MAX_TOKENS", "model_context_window_exceeded"}
WITHHELD = {
    "content_filter", "refusal", "SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "RECITATION", "SPII",
}  # fmt: skip
ABORTED = {"error", "abort"}  # OpenRouter's and vLLM's word for an answer that broke off


def classify(error: BaseException, profile: ModelProfile) -> Failure:
    """What an exception from asking the profile's model means."""
    for cause in _causes(error):
        refusal = _refusal(cause)
        if refusal is not None:
            return _refused(refusal, profile)
        found = _on_the_way(cause, profile)
        if found is not None:
            return found
    message = (
        f"{profile.name}: the answer of {host(profile)} could not be used "
        f"({type(error).__name__}). Check the base URL and the provider under Model profiles in "
        "the admin; the log has the details."
    )
    return Failure(Kind.FATAL, free=False, retry_after=None, message=message[:300], known=False)


def incomplete(message: "AIMessage", profile: ModelProfile) -> Failure | None:
    """Why an answer that arrived without an exception is not a whole one; None if it is.

    A cut stream raises nothing: it has no reason to end, and no usage, or from Gemini a usage that
    is too low. An answer without a reason is whole only from a compatible server that was not
    asked to stream, since not all of them give one.
    """
    metadata = message.response_metadata
    reason = metadata.get("finish_reason") or metadata.get("stop_reason")
    if reason in CAPPED:
        cap, usage = profile.max_output_tokens, message.usage_metadata
        used = usage["output_tokens"] if usage else cap
        return _failure(
            Kind.CONTENT,
            f"{profile.name} stopped in the middle of the answer, after {used} tokens, with a cap "
            f"of {cap} tokens. Raise the cap under Model profiles in the admin (or the server's "
            "context window, if the cap was not reached), or route the node to another model.",
        )
    if reason in WITHHELD or (not reason and metadata.get("prompt_feedback")):
        return _failure(
            Kind.CONTENT,
            f"{profile.name} declined to answer ({reason or 'prompt blocked'}). Route the node to "
            "another model, or look into the specification for what it objects to.",
        )
    giving = {Provider.OPENAI, Provider.ANTHROPIC, Provider.GOOGLE}
    if reason in ABORTED or (not reason and (profile.streaming or profile.provider in giving)):
        return _failure(
            Kind.TRANSIENT,
            f"The answer of {profile.name} was cut off before its end. What it cost is unknown, so "
            "it stays charged at its hold until it is reconciled.",
        )
    return None


def _failure(kind: Kind, message: str, *, free: bool = False) -> Failure:
    return Failure(kind, free, None, message[:300])


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it was explicitly raised from. Not `__context__`, which may be the
    failure of an earlier attempt.
    """
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__


def _is(error: BaseException, *names: str) -> bool:
    """Whether the exception is of one of these classes, where their modules are loaded."""
    for path in names:
        module, _, name = path.rpartition(".")
        kind = getattr(sys.modules.get(module), name, None)
        if isinstance(kind, type) and isinstance(error, kind):
            return True
    return False


def _refusal(error: BaseException) -> _Refusal | None:
    """What a provider said, if this is the exception that carries it."""
    body: Any
    if _is(error, "google.genai.errors.APIError"):
        status, body = getattr(error, "code", 0), getattr(error, "details", None)
    elif _is(error, "openai.APIStatusError", "anthropic.APIStatusError"):
        status, body = getattr(error, "status_code", 0), getattr(error, "body", None)
    elif _is(error, *UNREADABLE) or _is(error, *BROKEN):
        return None
    elif _is(error, "openai.APIError", "anthropic.APIError"):
        status, body = 200, getattr(error, "body", None)  # an error event in a stream
    elif isinstance(error, ValueError) and error.args and isinstance(error.args[0], dict):
        status, body = 200, error.args[0]  # an error in the body, as langchain-openai raises it
    else:
        return None
    said = _error_of(body)
    midway = status == 200
    if midway and isinstance(said.get("code"), int):
        status = said["code"]
    return _Refusal(
        status=status if isinstance(status, int) else 0,
        codes=_codes(said),
        text=str(said.get("message") or ""),
        retry_after=_retry_after(error, said),
        midway=midway,
    )


def _error_of(body: Any) -> dict[str, Any]:
    """The object that describes the error; the SDKs keep it bare or in its envelope."""
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, dict):
        return {}
    inner = body.get("error")
    return inner if isinstance(inner, dict) else body


def _codes(said: Mapping[str, Any]) -> frozenset[str]:
    """OpenAI's code and type, Anthropic's type, Google's status and the reasons in its details."""
    details = said.get("details")
    parts = details if isinstance(details, list) else []
    found = [said.get(name) for name in ("code", "type", "status")]
    found += [part.get("reason") for part in parts if isinstance(part, dict)]
    return frozenset(code for code in found if isinstance(code, str))


def _refused(refusal: _Refusal, profile: ModelProfile) -> Failure:
    status = refusal.status
    if refusal.codes & NO_MONEY or status == 402:
        kind = Kind.FATAL
    elif _is_too_long(refusal):
        kind = Kind.CONTENT  # another model may have room for it
    elif refusal.codes & ABOUT_CONTENT:
        kind = Kind.CONTENT
    elif status == 200:
        kind = Kind.FATAL if refusal.codes & LASTING else Kind.TRANSIENT
    else:
        kind = Kind.TRANSIENT if status in BUSY or status >= 500 else Kind.FATAL
    return Failure(
        kind=kind,
        free=not refusal.midway and status in FREE and not refusal.codes & ANSWERED,
        retry_after=refusal.retry_after if kind is Kind.TRANSIENT else None,
        message=_advice(refusal, kind, profile)[:300],
        throttled=status == 429,
    )


def _is_too_long(refusal: _Refusal) -> bool:
    return refusal.status == 413 or bool(refusal.codes & TOO_LONG)


def _advice(refusal: _Refusal, kind: Kind, profile: ModelProfile) -> str:
    if by_status := _advice_on_access(refusal, profile):
        return by_status
    name, there, status = profile.name, where(profile), refusal.status
    if _is_too_long(refusal):
        said = f': "{quoted(refusal.text, profile)}"' if refusal.text.strip() else ""
        return (
            f"{name}: the request is too long for {profile.model} ({status}){said}. Check its "
            "context window under Model profiles in the admin, or route the node to a model with "
            "a larger one."
        )
    if kind is Kind.CONTENT:
        return (
            f"{name}: {there} refused what was asked, or its own answer "
            f"({', '.join([str(status), *sorted(refusal.codes)])}): "
            f'"{quoted(refusal.text, profile)}" Route the node to another model as well.'
        )
    if kind is Kind.TRANSIENT:
        trouble = "asks for a pause" if status == 429 else "is overloaded or out of order"
        code = ", ".join([str(status), *sorted(refusal.codes)])
        said = f': "{quoted(refusal.text, profile)}"' if refusal.text.strip() else ""
        return (
            f"{name}: {there} {trouble} ({code}){said}. Try again later, or add another model to "
            "the node's route."
        )
    return (
        f"{name}: {there} refused the request ({status}): {quoted(refusal.text, profile)} "
        "Correct the profile under Model profiles in the admin, or resume on another route."
    )


def _advice_on_access(refusal: _Refusal, profile: ModelProfile) -> str:
    """What to do about an account, a key or a name; "" if it is about something else."""
    name, there, status = profile.name, where(profile), refusal.status
    key = profile.key_name or "its key"
    if refusal.codes & NO_MONEY or status == 402:
        return (
            f"{name}: the account at {there} has no credit or quota left ({status}). Add credit "
            "there and resume the run, or route the node to another model."
        )
    if status == 401 or "API_KEY_INVALID" in refusal.codes:
        return (
            f"{name}: {there} does not accept {key} ({status}). Put a valid key into that "
            "environment variable, restart the workers and resume the run."
        )
    if status == 403:
        return (
            f"{name}: {there} does not let {key} use {profile.model} (403). Allow it there, or "
            "route the node to another model."
        )
    if status == 404:
        return (
            f"{name}: {host(profile)} knows no model {profile.model} (404). Correct its name or "
            "the base URL under Model profiles in the admin."
        )
    return ""


def _on_the_way(error: BaseException, profile: ModelProfile) -> Failure | None:
    """What went wrong with the connection, or with a body that nobody can read."""
    if _is(error, *UNSENDABLE, *UNREACHED):
        return _not_sent(error, profile)
    if _is(error, *SLOW):
        return _failure(
            Kind.TRANSIENT,
            f"{profile.name} gave no whole answer within {profile.timeout_seconds} seconds. If "
            "that happens often, raise its timeout under Model profiles in the admin.",
        )
    if _is(error, "openai.APIConnectionError", "anthropic.APIConnectionError") and error.__cause__:
        return None  # the cause says more
    if _is(error, *BROKEN):
        return _failure(
            Kind.TRANSIENT,
            f"The connection to {host(profile)} broke before {profile.name} had answered. Try "
            "again later, or add another model to the node's route.",
        )
    # LangChain's ValueError for a stream without a single event has no class of its own.
    if _is(error, *UNREADABLE) or (profile.streaming and isinstance(error, ValueError)):
        return _failure(
            Kind.TRANSIENT,
            f"{host(profile)} answered {profile.name}'s request with something that is no answer. "
            "If it does so again, check the base URL under Model profiles in the admin.",
        )
    return None


def _not_sent(error: BaseException, profile: ModelProfile) -> Failure:
    there = host(profile)
    origin: BaseException | None = error
    while origin is not None and not isinstance(origin, ssl.SSLError):
        origin = origin.__cause__ or origin.__context__
    if origin is not None:
        said = (getattr(origin, name, "") for name in ("verify_message", "reason"))
        why = next(filter(None, said), type(origin).__name__)
        message = (
            f"{profile.name}: no secure connection to {there} ({why}). Correct the base URL, or "
            "name the authority that signed its certificate in SSL_CERT_FILE."
        )
        return _failure(Kind.FATAL, message, free=True)
    if _is(error, *UNSENDABLE):
        message = (
            f"{profile.name}: no request can be sent to {there}. Correct the base URL under Model "
            f"profiles in the admin and what {profile.key_name or 'its key'} holds."
        )
        return _failure(Kind.FATAL, message, free=True)
    message = (
        f"{profile.name}: {there} cannot be reached. Check that it is up and that this machine may "
        "connect to it, or add another model to the node's route."
    )
    return _failure(Kind.TRANSIENT, message, free=True)


def _retry_after(error: BaseException, said: Mapping[str, Any]) -> float | None:
    """Seconds: from the headers `retry-after-ms` and `retry-after`, or from Google's RetryInfo."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    milliseconds = _seconds(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    header = headers.get("retry-after")
    if header:
        return _seconds(header) if _seconds(header) is not None else _until(header)
    details = said.get("details")
    for part in details if isinstance(details, list) else []:
        if isinstance(part, dict) and "retryDelay" in part:
            return _seconds(str(part["retryDelay"]).removesuffix("s"))
    return None


def _seconds(text: Any) -> float | None:
    try:
        number = float(text)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _until(date: str) -> float | None:
    """Seconds from now to an HTTP date, https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7"""
    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        return None
    aware = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
