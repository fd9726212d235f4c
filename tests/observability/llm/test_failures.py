"""Every way to fail, under the real SDKs: what kind it is, whether it was free, what to do."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import anthropic
import httpx2
import openai
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from observability.llm import failures
from observability.llm.failures import Failure, Kind
from observability.llm.loop import DeadlinePassed
from observability.models import ModelProfile
from tests.wire import WireServer, behaviours
from tests.wire.behaviours import Behaviour, Cut
from tests.wire.profiles import SDKS, Asker, Profiler, profile
from tests.wire.server import KEY

pytest_plugins = ["tests.wire.fixtures"]

each_sdk = pytest.mark.parametrize("provider", SDKS)
either_way = pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streamed"])


def failure_of(ask: Asker, profile: ModelProfile) -> Failure:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the class is the SDK's
        ask(profile)
    failure = failures.classify(caught.value, profile)
    assert 20 < len(failure.message) <= 300
    assert KEY not in failure.message
    return failure


# Behaviour, kind, free, and a word of the advice.
CASES: list[tuple[Behaviour, Kind, bool, str]] = [
    (behaviours.error(400), Kind.FATAL, True, "refused the request (400): The request is not"),
    (behaviours.error(401), Kind.FATAL, True, "does not accept"),
    (behaviours.error(402), Kind.FATAL, True, "no credit"),
    (behaviours.error(403), Kind.FATAL, True, "does not let"),
    (behaviours.error(404), Kind.FATAL, True, "knows no model wired-1"),
    (behaviours.error(408), Kind.TRANSIENT, False, "Try again later"),
    (behaviours.error(409), Kind.TRANSIENT, False, "Try again later"),
    (behaviours.error(413), Kind.CONTENT, True, "too long"),
    (behaviours.error(422), Kind.FATAL, True, "refused the request (422)"),
    (behaviours.rate_limited(), Kind.TRANSIENT, True, "asks for a pause"),
    (behaviours.error(500), Kind.TRANSIENT, False, "out of order"),
    (behaviours.error(500, billed=True), Kind.TRANSIENT, False, "out of order"),
    (behaviours.error(502), Kind.TRANSIENT, False, "out of order"),
    (behaviours.error(503), Kind.TRANSIENT, False, "(503"),
    (behaviours.error(504), Kind.TRANSIENT, False, "(504"),
    (behaviours.overloaded(), Kind.TRANSIENT, False, "overloaded"),
    (behaviours.overloaded_midway(), Kind.TRANSIENT, False, "overloaded"),
    (behaviours.cut(Cut.TORN), Kind.TRANSIENT, False, "broke"),
    (behaviours.cut(Cut.UNANSWERED), Kind.TRANSIENT, False, "broke"),
    (behaviours.malformed(), Kind.TRANSIENT, False, "no answer"),
]


@each_sdk
@either_way
@pytest.mark.parametrize(
    ("trouble", "kind", "free", "words"), CASES, ids=[case[0].name for case in CASES]
)
def test_every_failure_has_its_kind_and_its_price(
    wired: WireServer,
    wired_profile: Profiler,
    ask: Asker,
    provider: str,
    streaming: bool,
    trouble: Behaviour,
    kind: Kind,
    free: bool,
    words: str,
) -> None:
    wired.script(trouble)
    failure = failure_of(ask, wired_profile(provider, streaming=streaming))
    assert (failure.kind, failure.free) == (kind, free), failure.message
    assert words in failure.message
    assert failure.retry_after is None


@pytest.mark.parametrize("provider", ["openai", "openai_compatible"])
@either_way
def test_an_account_without_quota_is_not_a_rate_limit(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, streaming: bool
) -> None:
    wired.script(behaviours.insufficient_quota())
    failure = failure_of(ask, wired_profile(provider, streaming=streaming))
    assert (failure.kind, failure.free) == (Kind.FATAL, True)
    assert "no credit or quota left (429)" in failure.message


@either_way
def test_anthropics_low_credit_is_fatal_and_said_as_it_is(
    wired: WireServer, wired_profile: Profiler, ask: Asker, streaming: bool
) -> None:
    wired.script(behaviours.low_credit())
    failure = failure_of(ask, wired_profile("anthropic", streaming=streaming))
    assert (failure.kind, failure.free) == (Kind.FATAL, True)
    assert "credit balance is too low" in failure.message


def test_geminis_400_for_a_bad_key_is_about_the_key(
    wired: WireServer, wired_profile: Profiler, ask: Asker
) -> None:
    wired.script(behaviours.error(400, code="API_KEY_INVALID"))
    failure = failure_of(ask, wired_profile("google"))
    assert (failure.kind, failure.free) == (Kind.FATAL, True)
    assert "GOOGLE_API_KEY (400)" in failure.message


@pytest.mark.parametrize(
    ("message", "status", "kind"),
    [
        ("rate limit exceeded, please retry", 400, Kind.FATAL),
        ("insufficient_quota", 429, Kind.TRANSIENT),
        ("authentication failed: invalid api key", 503, Kind.TRANSIENT),
    ],
)
@each_sdk
def test_words_decide_nothing(
    wired: WireServer,
    wired_profile: Profiler,
    ask: Asker,
    provider: str,
    message: str,
    status: int,
    kind: Kind,
) -> None:
    wired.script(behaviours.error(status, message=message))
    assert failure_of(ask, wired_profile(provider)).kind == kind


@each_sdk
@either_way
def test_it_waits_as_long_as_the_provider_asks(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, streaming: bool
) -> None:
    wired.script(behaviours.rate_limited("7"))
    assert failure_of(ask, wired_profile(provider, streaming=streaming)).retry_after == 7


@pytest.mark.parametrize("provider", ["openai", "anthropic", "openai_compatible"])
def test_it_reads_dates_and_milliseconds(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    at = datetime.now(UTC) + timedelta(seconds=90)
    wired.script(
        behaviours.rate_limited(format_datetime(at, usegmt=True)),
        behaviours.rate_limited("7", retry_after_ms=1_500),
        behaviours.rate_limited("soon"),
        behaviours.rate_limited("-5"),
        behaviours.error(503, retry_after="3"),
    )
    waits = [failure_of(ask, wired_profile(provider)).retry_after for _ in range(5)]
    assert waits[0] is not None
    assert 80 < waits[0] <= 90
    assert waits[1:] == [1.5, None, None, 3]


def test_geminis_pause_may_have_fractions(
    wired: WireServer, wired_profile: Profiler, ask: Asker
) -> None:
    wired.script(behaviours.rate_limited("12.5"))
    assert failure_of(ask, wired_profile("google")).retry_after == 12.5


@each_sdk
@either_way
def test_a_slow_answer_is_a_timeout_that_may_have_cost(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, streaming: bool
) -> None:
    wired.script(behaviours.slow(5))
    failure = failure_of(ask, wired_profile(provider, streaming=streaming, timeout_seconds=1))
    assert (failure.kind, failure.free) == (Kind.TRANSIENT, False)
    assert "within 1 seconds" in failure.message


@pytest.mark.parametrize("provider", ["openai", "openai_compatible"])
@pytest.mark.parametrize(
    ("code", "kind"), [(502, Kind.TRANSIENT), (429, Kind.TRANSIENT), (402, Kind.FATAL)]
)
@either_way
def test_an_error_inside_a_200_may_have_cost(
    wired: WireServer,
    wired_profile: Profiler,
    ask: Asker,
    provider: str,
    code: int,
    kind: Kind,
    streaming: bool,
) -> None:
    wired.script(behaviours.error_in_body(code))
    failure = failure_of(ask, wired_profile(provider, streaming=streaming))
    assert (failure.kind, failure.free) == (kind, False)
    assert f"({code}" in failure.message


@each_sdk
@either_way
def test_an_empty_200_may_have_cost(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, streaming: bool
) -> None:
    wired.script(behaviours.cut(Cut.EMPTY))
    profile = wired_profile(provider, streaming=streaming)
    if provider == "google" and not streaming:  # its SDK makes an empty message of it
        failure = failures.incomplete(ask(profile), profile)
        assert failure is not None
    else:
        failure = failure_of(ask, profile)
    assert (failure.kind, failure.free) == (Kind.TRANSIENT, False)


@each_sdk
def test_a_web_page_is_not_taken_for_an_answer(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    wired.script(behaviours.html())
    failure = failure_of(ask, wired_profile(provider))
    assert not failure.free
    assert "base URL" in failure.message


@each_sdk
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_no_message_holds_a_key_even_if_the_provider_says_it(
    wired: WireServer,
    wired_profile: Profiler,
    ask: Asker,
    provider: str,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTHER_API_KEY", "quite-a-secret")
    said = "No quite-a-secret and no sk-proj-abcdef123 or Bearer abcdef, please."
    wired.script(behaviours.error(status, message=said))
    failure = failure_of(ask, wired_profile(provider, api_key_env="OTHER_API_KEY"))
    for secret in ("quite-a-secret", "abcdef"):
        assert secret not in failure.message


def test_no_message_holds_what_a_url_keeps_secret(wired_profile: Profiler) -> None:
    profile = wired_profile("openai_compatible", base_url="http://me:secret@127.0.0.1:9/v1?k=v")
    message = failures.classify(ConnectionResetError(), profile).message
    assert "127.0.0.1:9" in message
    assert "secret" not in message


@pytest.mark.parametrize(
    ("error", "kind", "free"),
    [
        (DeadlinePassed("Too late."), Kind.TRANSIENT, False),
        (ConnectionResetError(), Kind.TRANSIENT, False),
        (RuntimeError("?"), Kind.FATAL, False),
        (ValueError("?"), Kind.FATAL, False),
    ],
)
def test_errors_without_an_sdk_and_unknown_ones(
    wired_profile: Profiler, error: Exception, kind: Kind, free: bool
) -> None:
    failure = failures.classify(error, wired_profile())
    assert (failure.kind, failure.free) == (kind, free)
    assert failure.known == (kind != Kind.FATAL)


@pytest.mark.parametrize("provider", ["openai", "openai_compatible"])
@pytest.mark.parametrize(
    ("code", "free"),
    [
        ("json_validate_failed", False),
        ("invalid_prompt", True),
        ("content_policy_violation", True),
        ("content_filter", True),
    ],
)
def test_a_refusal_of_the_words_is_about_content(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, code: str, free: bool
) -> None:
    wired.script(behaviours.error(400, code=code, message="Not like this."))
    failure = failure_of(ask, wired_profile(provider))
    assert (failure.kind, failure.free) == (Kind.CONTENT, free)
    assert code in failure.message
    assert "Not like this." in failure.message


def test_an_earlier_attempt_does_not_make_a_later_one_free(
    wired: WireServer, wired_profile: Profiler, ask: Asker
) -> None:
    """The second error is raised while the first is handled, which Python writes down in it."""
    profile = wired_profile("anthropic")
    wired.script(behaviours.html())  # its SDK stumbles over that without a cause
    unreached = wired_profile("anthropic", base_url="http://127.0.0.1:9")
    try:
        ask(unreached)
    except Exception as first:  # noqa: BLE001 - the class is the SDK's
        frees = [failures.classify(first, unreached).free, failure_of(ask, profile).free]
    assert frees == [True, False]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: (
        st.lists(part, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "code", "type", "status", "message", "details", "retryDelay"])
            | st.text(),
            part,
            max_size=5,
        )
    ),
)


@given(
    kind=st.sampled_from([openai.APIStatusError, anthropic.APIStatusError]),
    status=st.integers(100, 999),
    body=JSON,
    retry_after=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
)
@example(
    kind=openai.APIStatusError, status=429, body={}, retry_after="Fri, 31 Dec 9999 23:59:60 GMT"
)
@example(kind=openai.APIStatusError, status=429, body={}, retry_after="1e999")
def test_whatever_a_server_says_is_sorted(
    kind: type[openai.APIStatusError | anthropic.APIStatusError],
    status: int,
    body: object,
    retry_after: str,
) -> None:
    request = httpx2.Request("POST", "http://127.0.0.1")
    response = httpx2.Response(status, headers={"retry-after": retry_after}, request=request)
    failure = failures.classify(kind("No.", response=response, body=body), profile())
    assert failure.message
    assert failure.retry_after is None or 0 <= failure.retry_after < float("inf")


def test_sorting_an_error_loads_no_sdk() -> None:
    """Pages that show failures import this module, and must stay light."""
    code = (
        "import os, sys, django; django.setup();"
        "from observability.llm import failures, loop, providers;"
        "from observability.models import ModelProfile;"
        "failures.classify(TimeoutError(), ModelProfile(provider='openai'));"
        "print([m for m in ('openai','anthropic','google.genai','httpx','langchain_core') "
        "if m in sys.modules])"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "reqplatform.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "[]"
