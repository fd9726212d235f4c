"""LangSmith is told of every call under its own id, of no secret, and nobody waits for it."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from langchain_anthropic import ChatAnthropic
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from observability import langsmith
from observability.langsmith import Mode
from observability.models import LLMCall, Node
from tests.observability.traced import OFF, PROJECT, USAGE, Model, on, process, traced
from tests.wire_langsmith import KEY, Behaviour, LangSmithServer, dead_endpoint

QUESTION = [("system", "Answer briefly."), ("human", "Which mass has the hull?")]
PASSWORD = "correct-horse-battery"


@pytest.fixture
def server(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[LangSmithServer]:
    with traced(settings, monkeypatch) as server:
        yield server


def call(**values: Any) -> LLMCall:
    return LLMCall(**{"project_id": 7, "run_id": uuid4(), "node": Node.DECOMPOSE, **values})


def asked(made: LLMCall, model: BaseChatModel | None = None) -> str:
    config = langsmith.tracing_config(made)
    return (model or Model()).invoke(QUESTION, config=config).text


# --- what it is told


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
def test_the_run_in_langsmith_has_the_calls_id(server: LangSmithServer, way: str) -> None:
    made = call(iteration=2, ordinal=3, skill="decomposition@4")
    config = langsmith.tracing_config(made)
    if way == "invoke":
        Model().invoke(QUESTION, config=config)
    else:
        asyncio.run(Model().ainvoke(QUESTION, config=config))
    assert langsmith.flush()
    assert list(server.runs) == [str(made.pk)]
    run = server.runs[str(made.pk)]
    assert run["trace_id"] == str(made.pk)
    assert (run["name"], run["run_type"], run["session_name"]) == ("Decompose", "llm", PROJECT)
    assert [part["kwargs"]["content"] for part in run["inputs"]["messages"][0]] == [
        text for _, text in QUESTION
    ]
    metadata = run["extra"]["metadata"]
    assert metadata["usage_metadata"] == USAGE
    expected = {
        "thread_id": str(made.run_id),
        "project": 7,
        "run": str(made.run_id),
        "node": "decompose",
        "iteration": 2,
        "ordinal": 3,
        "skill": "decomposition@4",
    }
    assert {name: metadata.get(name) for name in expected} == expected
    assert {request.headers["x-api-key"] for request in server.told} == {KEY}


def test_an_extractions_calls_belong_together_too(server: LangSmithServer) -> None:
    made = call(run_id=None, extraction_id=12, node=Node.EXTRACT)
    asked(made)
    assert langsmith.flush()
    metadata = server.runs[str(made.pk)]["extra"]["metadata"]
    assert (metadata["thread_id"], metadata["extraction"]) == ("extraction-12", 12)
    assert "run" not in metadata


def test_a_failed_call_is_told_of_as_one(server: LangSmithServer) -> None:
    made = call()
    with pytest.raises(TimeoutError):
        asked(made, Model(error=TimeoutError("The answer did not come.")))
    assert langsmith.flush()
    assert "TimeoutError" in server.runs[str(made.pk)]["error"]


def test_off_is_off(server: LangSmithServer, settings: LazySettings) -> None:
    settings.TRACING = OFF
    made = call()
    assert langsmith.tracing_config(made) == {"run_id": made.pk}
    assert asked(made) == "The answer."
    assert langsmith.flush(timeout=0)
    settings.TRACING = on(server.url)
    asked(made)
    assert langsmith.flush()
    assert {request.path for request in server.requests} == {"/runs/multipart"}
    assert len(server.runs) == 1  # told of the second time only


class Quotes(Model):
    """Says what it should not."""

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        if self.error:
            raise ValueError(f"no entry with {PASSWORD}, said the server.")
        message = AIMessage(content=f"The password was {PASSWORD}.")
        return ChatResult(generations=[ChatGeneration(message=message)])


def models(url: str) -> list[BaseChatModel]:
    return [
        ChatOpenAI(
            model="gpt-4o", base_url=f"{url}/v1", api_key=SecretStr("sk-openai"), max_retries=0
        ),
        ChatAnthropic(
            model="claude-of-the-tests",
            base_url=url,
            api_key=SecretStr("sk-ant-secret"),
            max_retries=0,
            timeout=5,
            stop=None,
        ),
        ChatGoogleGenerativeAI(
            model="gemini-2.5-flash", base_url=url, api_key=SecretStr("AIza-secret"), max_retries=1
        ),
        Quotes(),
        Quotes(error=True),
    ]


def test_no_secret_is_told(server: LangSmithServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither those of the model's own, nor those of the environment, wherever they come up."""
    monkeypatch.setenv("ANY_PASSWORD", PASSWORD)
    monkeypatch.setenv("LANGSMITH_PROXY", f"http://user:{PASSWORD}-proxy@proxy.example")
    langsmith._forget()  # a client knows the secrets of when it was made
    with dead_endpoint() as url:
        for model in models(url):
            try:
                asked(call(), model)
            except Exception:  # noqa: BLE001, S112 - each provider's own, of a dead endpoint
                continue
    assert langsmith.flush()
    assert len(server.runs) == 5
    bodies = b"".join(request.body for request in server.requests)
    assert bodies.count(b"Which mass has the hull?") >= 5
    for said in (b"no entry with [secret], said the server.", b"The password was [secret]."):
        assert said in bodies
    secrets = ["sk-openai", "sk-ant-secret", "AIza-secret", PASSWORD, KEY, "LANGSMITH_PROXY"]
    assert [secret for secret in secrets if secret.encode() in bodies] == []


# --- nobody waits for it


def seconds(calls: int) -> float:
    began = time.monotonic()
    for _ in range(calls):
        asked(call())
    return time.monotonic() - began


@pytest.mark.parametrize("behaviour", [Behaviour.BLACK_HOLE, Behaviour.SLOW, Behaviour.BROKEN])
def test_calls_take_no_longer(
    server: LangSmithServer, settings: LazySettings, behaviour: Behaviour
) -> None:
    server.behaviour, server.delay = behaviour, 30
    asked(call())  # what is loaded once
    traced = seconds(20)
    langsmith.flush(timeout=0.5)
    assert server.requests  # it was tried
    settings.TRACING = OFF
    assert traced < seconds(20) + 0.5


@pytest.mark.parametrize("behaviour", [Behaviour.BLACK_HOLE, Behaviour.SLOW])
def test_a_flush_is_bounded(server: LangSmithServer, behaviour: Behaviour) -> None:
    server.behaviour, server.delay = behaviour, 30
    asked(call())
    began = time.monotonic()
    assert not langsmith.flush(timeout=0.7)
    assert 0.6 < time.monotonic() - began < 1.2
    assert not langsmith.flush(timeout=0)


def test_a_flush_ends_as_soon_as_all_is_told(server: LangSmithServer) -> None:
    server.behaviour, server.delay = Behaviour.SLOW, 0.5
    asked(call())
    began = time.monotonic()
    assert langsmith.flush(timeout=10)
    assert time.monotonic() - began < 3
    assert len(server.runs) == 1


def test_a_passing_refusal_loses_nothing(server: LangSmithServer) -> None:
    server.behaviour = Behaviour.BROKEN
    asked(call())
    assert not langsmith.flush(timeout=0.4)
    server.behaviour = Behaviour.NORMAL
    assert langsmith.flush(timeout=5)
    assert len(server.runs) == 1


def test_a_server_without_multipart_is_told_in_batches(server: LangSmithServer) -> None:
    server.behaviour = Behaviour.OLD
    made = call()
    asked(made)
    assert langsmith.flush()
    assert server.told[-1].path == "/runs/batch"
    assert str(made.pk) in server.runs


TWENTY = """
for _ in range(20):
    made = call()
    Model().invoke("Is it?", config=langsmith.tracing_config(made))
"""
FLUSHES = TWENTY + "told(flushed=langsmith.flush(timeout=1))"
LEAVES = TWENTY + "time.sleep(0.5); told()"  # while a request is under way
LEFT_TO_THE_SDK = """
for _ in range(20):
    Model().invoke("Is it?")
from langsmith.run_trees import get_cached_client
get_cached_client()
time.sleep(0.5)
told()
"""


@pytest.mark.parametrize(
    ("code", "hole"),
    [
        (FLUSHES, "everything"),
        (FLUSHES, "closed port"),
        (LEAVES, "everything"),
        (LEFT_TO_THE_SDK, "everything"),
        (LEFT_TO_THE_SDK, "/runs"),
    ],
)
def test_a_process_ends(tmp_path: Path, code: str, hole: str) -> None:
    """Also where the client is the one that the SDK makes for itself."""
    with LangSmithServer() as server, dead_endpoint() as nowhere:
        server.behaviour = Behaviour.BLACK_HOLE
        server.only_for = "/runs" if hole == "/runs" else ""
        (told,), _ = process(code, nowhere if hole == "closed port" else server.url, tmp_path)
        ended = time.time()
        assert hole == "closed port" or server.requests
    assert ended - told["at"] < 10  # and not the minute that the SDK would take
    assert told.get("flushed", False) is (code == FLUSHES and hole == "closed port")


def test_the_log_has_one_line_and_no_part_of_the_key(tmp_path: Path) -> None:
    code = TWENTY + "langsmith.flush()" + TWENTY + "langsmith.flush()"
    with LangSmithServer() as server:
        server.behaviour = Behaviour.UNAUTHORIZED
        _, refused = process(code, server.url, tmp_path)
    with dead_endpoint() as nowhere:
        _, dead = process(code, nowhere, tmp_path)
    for text, reason in (
        (refused, "LangSmith refused the key in LANGSMITH_API_KEY."),
        (dead, f"LangSmith cannot be reached at {nowhere}."),
    ):
        (line,) = text.splitlines()
        assert line.endswith(f"LangSmith is not told of calls. {reason} Runs go on without it.")
        assert KEY[:5] not in text


def test_what_the_sdk_cannot_be_set_up_with_stops_nothing(
    server: LangSmithServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    langsmith._forget()
    monkeypatch.setenv("LANGSMITH_ENDPOINT", server.url)
    monkeypatch.setenv("LANGSMITH_RUNS_ENDPOINTS", "{}")
    made = call()
    assert langsmith.tracing_config(made) == {"run_id": made.pk}
    assert "LANGSMITH_RUNS_ENDPOINTS" in caplog.text


# --- graphs and processes


GRAPH = """
from typing import TypedDict
from langgraph.graph import END, START, StateGraph

State = TypedDict("State", {"iteration": int})
made = call()

def node(state):
    Model().invoke("Is it?", config=langsmith.tracing_config(made))
    return {"iteration": 1}

graph = StateGraph(State)
graph.add_node("analyze", node)
graph.add_edge(START, "analyze")
graph.add_edge("analyze", END)
langsmith.prepare()
graph.compile().invoke({"iteration": 0}, {"configurable": {"thread_id": str(made.run_id)}})
told(call=str(made.pk), run=str(made.run_id), flushed=langsmith.flush())
"""


def test_a_graph_and_its_calls_are_one_trace(tmp_path: Path) -> None:
    with LangSmithServer() as server:
        (told,), _ = process(GRAPH, server.url, tmp_path, LANGSMITH_HOME="the attic")
    assert told["flushed"]
    by_name = {run["name"]: run for run in server.runs.values()}
    assert sorted(by_name) == ["Analyze", "LangGraph", "analyze"]
    made, root = by_name["Analyze"], by_name["LangGraph"]
    assert made["id"] == told["call"]
    assert made["parent_run_id"] == by_name["analyze"]["id"]
    assert {run["trace_id"] for run in by_name.values()} == {root["id"]}
    assert root["extra"]["metadata"]["thread_id"] == told["run"]
    assert {run["session_name"] for run in by_name.values()} == {PROJECT}
    assert {request.path for request in server.requests} == {"/runs/multipart"}
    assert not any(b"the attic" in request.body for request in server.requests)


FORK = """
def ask():
    made = call()
    Model().invoke("Is it?", config=langsmith.tracing_config(made))
    told(call=str(made.pk), flushed=langsmith.flush())

ask()
child = os.fork()
ask()
if child:
    os.waitpid(child, 0)
"""


def test_a_forked_process_tells_of_its_calls_itself(tmp_path: Path) -> None:
    with LangSmithServer() as server:
        told, _ = process(FORK, server.url, tmp_path)
    assert len(told) == 3
    assert all(line["flushed"] for line in told)
    assert {line["call"] for line in told} == set(server.runs)


COMPRESSED = """
import langsmith as sdk
os.environ.pop("LANGSMITH_DISABLE_RUN_COMPRESSION")
client = sdk.Client()
while client.compressed_traces is None:  # it has asked the server first
    time.sleep(0.05)
for number in range(3):
    key, now = uuid.uuid4(), "20261126T064907738867Z"
    client.create_run("one", {"n": number}, "llm", id=key, trace_id=key, dotted_order=f"{now}{key}")
client.flush(timeout=5)
client.create_run("two", {"n": 3}, "llm", id=(key := uuid.uuid4()))
client.update_run(key, outputs={"n": 4})
told()
"""


def test_the_server_understands_all_that_the_sdk_sends(tmp_path: Path) -> None:
    """So that a test may trust it: compressed and single runs are what our own client avoids."""
    with LangSmithServer() as server:
        process(COMPRESSED, server.url, tmp_path)
    runs = sorted(server.runs.values(), key=lambda run: run["inputs"]["n"])
    assert [run["inputs"]["n"] for run in runs] == [0, 1, 2, 3]
    assert runs[-1]["outputs"] == {"n": 4}
    assert "zstd" in {request.headers.get("content-encoding") for request in server.told}
    assert {request.method for request in server.told} == {"POST", "PATCH"}


# --- saying so


def test_the_mode_and_its_reason(settings: LazySettings) -> None:
    settings.TRACING = on("https://smith.example")
    assert (langsmith.mode(), str(langsmith.mode())) == (Mode.LANGSMITH, "LangSmith tracing")
    assert langsmith.mode_line() == (
        "LangSmith tracing: LANGSMITH_TRACING is on; project plans at https://smith.example"
    )
    assert "beside ours" in langsmith.better_figures()
    settings.TRACING = OFF
    assert (langsmith.mode(), str(langsmith.mode())) == (Mode.HEURISTIC, "heuristic")
    assert langsmith.mode_line() == "heuristic: LANGSMITH_TRACING is not set"
    assert "LANGSMITH_TRACING=true" in langsmith.better_figures()


def test_ids_are_what_the_ledger_gives() -> None:
    assert isinstance(langsmith.tracing_config(call())["run_id"], UUID)
