"""LangSmith's figures come in our buckets, unknown is not zero, and who asks it soon gives up."""

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.conf import LazySettings

from observability import langsmith, traces
from observability.models import LLMCall, Node
from observability.tokens import Usage
from observability.traces import Figures, Reconciled
from tests.observability.traced import OFF, PROJECT, Model, on, traced
from tests.wire_langsmith import KEY, TENANT, Behaviour, LangSmithServer, dead_endpoint


@pytest.fixture
def server(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[LangSmithServer]:
    with traced(settings, monkeypatch) as server:
        yield server


def call(**values: Any) -> LLMCall:
    return LLMCall(**{"project_id": 7, "run_id": uuid4(), "node": Node.DECOMPOSE, **values})


def asked(model: Model | None = None, **values: Any) -> LLMCall:
    """A call that LangSmith was told of."""
    made = call(**values)
    with suppress(TimeoutError):
        (model or Model()).invoke("Is it?", config=langsmith.tracing_config(made))
    assert langsmith.flush()
    return made


# --- figures


def test_what_langsmith_counted_comes_by_call(server: LangSmithServer) -> None:
    usage = {
        "input_tokens": 1_000,
        "output_tokens": 200,
        "total_tokens": 1_200,
        "input_token_details": {"cache_read": 300, "cache_creation": 100},
        "output_token_details": {"reasoning": 50},
    }
    first, second = asked(), asked(Model(usage=usage))
    server.requests.clear()
    answer = traces.reconcile([first, second])
    assert answer == Reconciled(
        {
            first.pk: Figures(Usage(input_fresh=1_000, output=200), 1_800_000),
            second.pk: Figures(
                Usage(input_fresh=600, cache_read=300, cache_write=100, output=150, reasoning=50),
                1_800_000,
            ),
        }
    )
    assert {request.headers["x-api-key"] for request in server.requests} == {KEY}
    assert [request.method for request in server.requests if "/runs" in request.path] == ["POST"]


def test_what_was_written_to_a_cache_for_an_hour(server: LangSmithServer) -> None:
    parts = {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 70, "cache_creation": 0}
    usage = {
        "input_tokens": 1_000,
        "output_tokens": 1,
        "total_tokens": 1_001,
        "input_token_details": parts,
    }
    made = asked(Model(usage=usage))
    figures = traces.reconcile([made]).figures[made.pk]
    assert figures is not None
    assert figures.usage == Usage(input_fresh=900, cache_write=30, cache_write_1h=70, output=1)


@pytest.mark.parametrize("rates", [None, (0.0, 0.0)])
def test_a_model_without_a_price_is_not_free(
    server: LangSmithServer, rates: tuple[float, float] | None
) -> None:
    server.rates = rates
    made = asked()
    figures = traces.reconcile([made]).figures[made.pk]
    assert figures == Figures(Usage(input_fresh=1_000, output=200), None)


def test_a_cost_is_rounded_up_to_a_whole_nano_dollar(server: LangSmithServer) -> None:
    server.rates = (0.0000011, 0.0)
    made = asked()
    figures = traces.reconcile([made]).figures[made.pk]
    assert figures is not None
    assert figures.cost_nusd == 2  # of 1.1


def test_unknown_unfinished_uncounted_and_failed(server: LangSmithServer) -> None:
    without_usage, failed = asked(Model(usage=None)), asked(Model(error=TimeoutError("late")))
    unfinished, unknown = asked(), call()
    del server.runs[str(unfinished.pk)]["end_time"]
    answer = traces.reconcile([without_usage, failed, unfinished, unknown])
    assert set(answer.figures.values()) == {None}
    assert answer.failed == {failed.pk}
    assert answer.problem == ""


def test_nothing_is_known_at_first(server: LangSmithServer) -> None:
    made = call()
    assert traces.reconcile([made]) == Reconciled({made.pk: None})  # nor the project
    server.known_after = 2
    made = asked()
    known = [traces.reconcile([made]).figures[made.pk] is not None for _ in range(3)]
    assert known == [False, False, True]


def test_many_calls_and_old_ones(server: LangSmithServer) -> None:
    """LangSmith answers a page at a time, and looks back a day unless it is told otherwise."""
    config = [call() for _ in range(150)]
    for made in config:
        Model().invoke("Is it?", config=langsmith.tracing_config(made))
    assert langsmith.flush(timeout=10)
    old = datetime.now(UTC) - timedelta(days=3)
    for made in config:
        made.created_at = old
        server.runs[str(made.pk)]["start_time"] = old.isoformat()
    figures = traces.reconcile(config).figures
    assert len(figures) == 150
    assert None not in figures.values()
    assert server.queries == 2


def test_no_calls_are_no_question(server: LangSmithServer) -> None:
    assert traces.reconcile([]) == Reconciled({})
    assert server.requests == []


# --- when it does not answer


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (Behaviour.UNAUTHORIZED, "refused the key in LANGSMITH_API_KEY"),
        (Behaviour.BROKEN, "answered with an error"),
        (Behaviour.GIBBERISH, "answered with an error"),
        (Behaviour.BLACK_HOLE, "cannot be reached at http://127.0.0.1:"),
        (Behaviour.OLD, "must be version 0.16 or later"),
    ],
)
@pytest.mark.parametrize("only_for", ["", "/v2/"])
def test_a_problem_is_a_sentence_and_comes_soon(
    server: LangSmithServer,
    monkeypatch: pytest.MonkeyPatch,
    behaviour: Behaviour,
    problem: str,
    only_for: str,
) -> None:
    monkeypatch.setattr(traces, "READ_SECONDS", 0.3)
    made = asked()
    traces._found_project.cache_clear()
    server.behaviour, server.only_for = behaviour, only_for
    began = time.monotonic()
    answer = traces.reconcile([made])
    assert time.monotonic() - began < 2
    assert answer.figures == {made.pk: None}
    assert problem in answer.problem
    assert KEY[:5] not in answer.problem
    link = traces.link_to_call(made)
    assert (link.url, link.problem) == ("", answer.problem)


def test_nobody_there(server: LangSmithServer, settings: LazySettings) -> None:
    made = asked()
    with dead_endpoint() as url:
        settings.TRACING = on(url)
        assert "cannot be reached" in traces.reconcile([made]).problem
        assert "cannot be reached" in traces.link_to_run(uuid4()).problem


def test_tracing_that_is_off_is_not_asked(server: LangSmithServer, settings: LazySettings) -> None:
    made = asked()
    server.requests.clear()
    settings.TRACING = OFF
    assert traces.reconcile([made]).problem == (
        "There are no traces: LANGSMITH_TRACING is not set."
    )
    assert traces.link_to_call(made).problem == traces.link_to_run(uuid4()).problem
    assert server.requests == []


# --- links


def test_a_calls_trace(server: LangSmithServer) -> None:
    made = asked()
    project = server.projects[PROJECT]
    assert traces.link_to_call(made).url == (
        f"https://smith.example/o/{TENANT}/projects/p/{project}/r/{made.pk}"
    )
    assert traces.link_to_call(call()).problem == "LangSmith does not know this call, or not yet."


def test_a_runs_traces(server: LangSmithServer) -> None:
    run_id = uuid4()
    assert "not told of any call" in traces.link_to_run(run_id).problem
    asked(run_id=run_id)
    address, _, search = traces.link_to_run(run_id).url.partition("?searchModel=")
    assert address.endswith(f"/o/{TENANT}/projects/p/{server.projects[PROJECT]}")
    assert f'eq(metadata_value, \\"{run_id}\\")' in unquote(search)
    server.requests.clear()
    traces.link_to_run(uuid4())
    assert server.requests == []  # the project is asked for once
