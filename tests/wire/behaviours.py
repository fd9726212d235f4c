"""What the server does with a request: the good, the bad and the expensive.

A behaviour is one frozen value; `dataclasses.replace` combines what the functions below offer.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from tests.wire.asked import Asked

Text = str | Callable[[Asked], str]
"""An answer, or what makes it from the request."""

PERMANENT = 400, 401, 403, 404, 413, 422, 429
"""Refused before anything was computed, so never charged."""


class Cut(StrEnum):
    """Where an answer ends too early."""

    SILENTLY = "silently"  # a stream ends in proper form, in the middle: no error, no usage
    TORN = "torn"  # the connection is closed in the middle of the answer
    UNANSWERED = "unanswered"  # the connection is closed instead of an answer
    EMPTY = "empty"  # status 200, and then nothing, in proper form
    BEFORE_USAGE = "before_usage"  # a stream has its last text, but the usage never comes


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How one request is answered. Shares are of the input's tokens, seconds are real ones."""

    name: str = "normal"
    text: Text | None = None  # instead of the server's own answer
    billed: bool = True
    delay: float = 0  # seconds before the answer
    pace: float = 0  # seconds between the pieces of a stream
    cache_read: float = 0
    cache_write: float = 0
    cache_write_1h: float = 0
    reasoning: int = 0  # tokens
    usage: bool = True
    tool: bool = False
    truncated: bool = False
    over_cap: int = 0  # tokens charged beyond the cap
    cut: Cut | None = None
    body: str = ""  # instead of an answer in the provider's format
    breaks_midway: bool = False  # status 200, and an error in the middle of the stream
    status: int = 200
    code: str = ""  # the provider's own code of the error
    message: str = ""
    retry_after: str = ""  # seconds, or an HTTP date
    retry_after_ms: int | None = None


def normal(text: Text | None = None) -> Behaviour:
    return Behaviour(text=text)


def cached(read: float = 0.5, write: float = 0.2, write_1h: float = 0.1) -> Behaviour:
    """Shares of the input that come from the cache and go to it. Only Anthropic charges writes."""
    return Behaviour("cached", cache_read=read, cache_write=write, cache_write_1h=write_1h)


def reasoning(tokens: int = 64) -> Behaviour:
    return Behaviour("reasoning", reasoning=tokens)


def no_usage() -> Behaviour:
    """An answer that says nothing about its tokens, and is charged all the same."""
    return Behaviour("no_usage", usage=False)


def tool_call() -> Behaviour:
    return Behaviour("tool_call", tool=True)


def cut(how: Cut = Cut.SILENTLY, *, billed: bool = True) -> Behaviour:
    return Behaviour(f"cut {how}", cut=how, billed=billed)


def slow(seconds: float, then: Behaviour | None = None) -> Behaviour:
    return replace(then or Behaviour("slow"), delay=seconds)


def trickling(pace: float) -> Behaviour:
    """A stream with `pace` seconds between its pieces."""
    return Behaviour("trickling", pace=pace)


def malformed() -> Behaviour:
    """Status 200 and a body, or an event of the stream, that is no JSON; charged."""
    return Behaviour("malformed", body='{"id": "wire", "choices": [{"message": {"cont')


def html() -> Behaviour:
    """Status 200 and a web page: what a wrong base URL leads to."""
    return Behaviour("html", body="<html><body>Welcome!</body></html>", billed=False)


def error_in_body(code: int = 502) -> Behaviour:
    """Status 200 and an error in the body, as routers of models answer.

    https://openrouter.ai/docs/api-reference/errors
    """
    error = {"error": {"code": code, "message": "Provider returned error"}}
    return Behaviour("error_in_body", body=json.dumps(error))


def not_json() -> Behaviour:
    return Behaviour("not_json", text="I am sorry, but I would rather tell you in my own words.")


def authenticate() -> Behaviour:
    """A wrong answer with a word that fools whoever sorts errors by their words."""
    return Behaviour(
        "authenticate",
        text="Could not authenticate: invalid api key (401), rate limit, insufficient_quota.",
    )


def truncated() -> Behaviour:
    """The answer stops in the middle because it reached the cap, and the cap is charged."""
    return Behaviour("truncated", truncated=True)


def ignores_cap(extra: int = 1_000) -> Behaviour:
    """A whole answer, with `extra` output tokens charged on top of the cap."""
    return Behaviour("ignores_cap", over_cap=extra)


def error(
    status: int, *, code: str = "", message: str = "", retry_after: str = "", billed: bool = False
) -> Behaviour:
    """An HTTP error in the provider's own form. `billed`: it broke after the work was done."""
    if billed and status in PERMANENT:
        raise ValueError(f"A {status} is given before anything is computed, so nobody charges it.")
    return Behaviour(
        f"error {status}", billed=billed, status=status, code=code, message=message,
        retry_after=retry_after,
    )  # fmt: skip


def rate_limited(retry_after: str = "", *, retry_after_ms: int | None = None) -> Behaviour:
    refused = error(429, code="rate_limit_exceeded", retry_after=retry_after)
    return replace(refused, name="rate_limited", retry_after_ms=retry_after_ms)


def insufficient_quota() -> Behaviour:
    """OpenAI's 429 for an account without money: https://platform.openai.com/docs/guides/error-codes"""
    return replace(
        error(
            429,
            code="insufficient_quota",
            message="You exceeded your current quota, please check your plan and billing details.",
        ),
        name="insufficient_quota",
    )


def low_credit() -> Behaviour:
    """Anthropic's 400 for an account without money: https://docs.claude.com/en/api/errors"""
    return replace(
        error(
            400,
            code="invalid_request_error",
            message="Your credit balance is too low to access the Anthropic API. "
            "Please go to Plans & Billing to upgrade or purchase credits.",
        ),
        name="low_credit",
    )


def overloaded() -> Behaviour:
    """Anthropic's 529."""
    return replace(error(529, code="overloaded_error", message="Overloaded"), name="overloaded")


def overloaded_midway(*, billed: bool = True) -> Behaviour:
    """Status 200, some text, and then an error in the stream. Without a stream: a 529."""
    return Behaviour("overloaded_midway", breaks_midway=True, billed=billed)


def named(name: str) -> Behaviour:
    """A behaviour as the command line and the control port write it: `slow:2`, `error:503`.

    What stands after the colon is the first argument. Raises ValueError for an unknown name.
    """
    name, _, argument = name.partition(":")
    makers: dict[str, Callable[..., Behaviour]] = {
        "normal": normal, "cached": cached, "reasoning": reasoning, "no_usage": no_usage,
        "tool_call": tool_call, "cut": cut, "slow": slow, "trickling": trickling,
        "malformed": malformed, "html": html, "error_in_body": error_in_body,
        "not_json": not_json, "authenticate": authenticate,
        "truncated": truncated, "ignores_cap": ignores_cap, "error": error,
        "rate_limited": rate_limited, "insufficient_quota": insufficient_quota,
        "low_credit": low_credit, "overloaded": overloaded,
        "overloaded_midway": overloaded_midway,
    }  # fmt: skip
    if name not in makers:
        raise ValueError(f"No behaviour is called {name!r}; there are {', '.join(makers)}.")
    if not argument:
        return makers[name]()
    if name == "cut":
        return cut(Cut(argument))
    if name == "rate_limited":
        return rate_limited(argument)
    return makers[name](json.loads(argument))
