"""Asking on the loop: stopped at once, never for longer than told, and no hindrance to anyone."""

import asyncio
import os
import subprocess
import sys
import textwrap
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any, TypedDict
from uuid import UUID, uuid4

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langgraph.graph import START, StateGraph
from langgraph.types import StreamMode

from observability.llm import loop, providers
from observability.llm.errors import CallCancelled
from observability.llm.loop import CancelledInFlight, DeadlinePassed, Unwatched
from tests.waiting import eventually
from tests.wire import WireServer, behaviours
from tests.wire.profiles import MESSAGES, SDKS, Asker, Profiler

pytest_plugins = ["tests.wire.fixtures"]

ROOT = Path(__file__).parents[3]
each_sdk = pytest.mark.parametrize("provider", SDKS)


class Listener(BaseCallbackHandler):
    """Remembers what LangChain calls the runs that it sees, and which of them are models."""

    def __init__(self) -> None:
        self.models: list[UUID] = []
        self.parents: list[UUID | None] = []
        self.others: list[UUID] = []

    def on_chat_model_start(
        self, *arguments: Any, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any
    ) -> None:
        self.models.append(run_id)
        self.parents.append(parent_run_id)

    def on_chain_start(self, *arguments: Any, run_id: UUID, **kwargs: Any) -> None:
        self.others.append(run_id)


@each_sdk
@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streamed"])
def test_our_id_is_the_models_run_id(
    wired: WireServer, wired_profile: Profiler, provider: str, streaming: bool
) -> None:
    listener, call_id = Listener(), uuid4()
    model = providers.chat_model(wired_profile(provider, streaming=streaming))
    loop.ask(
        model, MESSAGES, {"run_id": call_id, "callbacks": [listener]}, lambda: False, timeout=5
    )
    assert (listener.models, listener.others) == ([call_id], [])


@each_sdk
@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streamed"])
def test_a_cancel_stops_the_very_call_at_once(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, streaming: bool
) -> None:
    wired.script(behaviours.slow(30))
    profile = wired_profile(provider, streaming=streaming)
    providers.chat_model(profile)  # loads the SDK
    began = time.monotonic()
    with pytest.raises(CancelledInFlight):
        ask(profile, cancelled=lambda: True)
    assert time.monotonic() - began < 3
    assert eventually(lambda: wired.requests[0].disconnected)
    assert [line.delivered for line in wired.bill.lines] == [False]


@each_sdk
def test_a_cancel_stops_a_stream_in_the_middle(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    wired.answers = "word " * 100
    wired.script(behaviours.trickling(0.5))
    seen: list[float] = []

    def after_a_second() -> bool:
        seen.append(time.monotonic())
        return seen[-1] - seen[0] > 1

    with pytest.raises(CancelledInFlight):
        ask(wired_profile(provider, streaming=True), cancelled=after_a_second)
    assert eventually(lambda: wired.requests[0].disconnected)


class Nothing(TypedDict, total=False):
    """The state of a graph that keeps none."""


@each_sdk
@pytest.mark.parametrize("mode", ["values", "messages"])
def test_inside_a_graph_it_is_the_nodes_child_and_streams_for_nobody(
    wired: WireServer, wired_profile: Profiler, provider: str, mode: StreamMode
) -> None:
    """Who listens to a graph's tokens must not turn a whole answer into a stream."""
    listener, call_id = Listener(), uuid4()
    model = providers.chat_model(wired_profile(provider))

    def node(state: Nothing) -> Nothing:
        loop.ask(model, MESSAGES, {"run_id": call_id}, lambda: False, timeout=5)
        return {}

    graph = StateGraph(Nothing).add_node("node", node).add_edge(START, "node").compile()
    list(graph.stream({}, {"callbacks": [listener]}, stream_mode=mode))
    assert listener.models == [call_id]
    assert listener.parents == [listener.others[-1]]
    assert [asked.streams for asked in wired.requests] == [False]


def test_a_call_stopped_in_flight_is_told_from_one_that_was_never_made() -> None:
    assert issubclass(CancelledInFlight, CallCancelled)
    assert not isinstance(CallCancelled(), CancelledInFlight)


def test_it_looks_four_times_a_second_in_the_callers_thread(
    wired: WireServer, wired_profile: Profiler, ask: Asker
) -> None:
    wired.script(behaviours.slow(1.1))
    looks: list[tuple[float, int]] = []

    def look() -> bool:
        looks.append((time.monotonic(), threading.get_ident()))
        return False

    assert ask(wired_profile(), cancelled=look).text == "{}"
    times = [at for at, _ in looks]
    assert len(times) >= 3
    assert min(after - before for before, after in pairwise(times)) > 0.2
    assert {thread for _, thread in looks} == {threading.get_ident()}


def test_an_error_in_the_look_stops_the_call(
    wired: WireServer, wired_profile: Profiler, ask: Asker
) -> None:
    wired.script(behaviours.slow(30))

    def lost() -> bool:
        raise LookupError("the lease is gone")

    with pytest.raises(Unwatched, match="the lease is gone") as caught:
        ask(wired_profile(), cancelled=lost)
    assert isinstance(caught.value.__cause__, LookupError)
    assert eventually(lambda: wired.requests[0].disconnected)


@each_sdk
def test_an_answer_that_trickles_in_ends_at_the_deadline(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    """Every piece comes within the SDK's timeout, which counts from piece to piece."""
    wired.answers = "word " * 200
    wired.script(behaviours.trickling(0.6))
    began = time.monotonic()
    with pytest.raises(DeadlinePassed, match="1 seconds"):
        ask(wired_profile(provider, streaming=True, timeout_seconds=1))
    assert 2 < time.monotonic() - began < 10
    assert eventually(lambda: wired.requests[0].disconnected)


def test_calls_run_side_by_side_on_one_thread(
    wired: WireServer, wired_profile: Profiler, ask: Asker
) -> None:
    wired.default = behaviours.slow(0.5)
    profile = wired_profile()
    threads = [threading.Thread(target=ask, args=(profile,)) for _ in range(16)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 4  # one after the other: 8 seconds
    assert len(wired.bill.lines) == 16
    assert len([one for one in threading.enumerate() if one.name == "model-calls"]) == 1


def test_a_stopped_call_does_not_disturb_its_neighbour(
    wired: WireServer, wired_profile: Profiler, ask: Asker
) -> None:
    wired.default = behaviours.slow(1)
    profile, answers = wired_profile(), list[str]()
    thread = threading.Thread(target=lambda: answers.append(str(ask(profile).text)))
    thread.start()
    with pytest.raises(CancelledInFlight):
        ask(profile, cancelled=lambda: True)
    thread.join()
    assert answers == ["{}"]


SETUP = """
import os, sys, time, threading, django
django.setup()
from observability.llm import loop, providers
from tests.wire.profiles import profile

def ask(provider, **values):
    model = providers.chat_model(profile(provider, **values))
    said = [("human", "Hello.")]
    return str(loop.ask(model, said, {}, lambda: False, values.get("timeout_seconds", 5)).text)
"""


def python(code: str, wire: WireServer) -> subprocess.CompletedProcess[str]:
    environment = os.environ | wire.environment | {"DJANGO_SETTINGS_MODULE": "reqplatform.settings"}
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "ignore", "-c", SETUP + textwrap.dedent(code)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_forked_process_asks_on_a_loop_of_its_own(wired: WireServer) -> None:
    """Its parent has kept connections open that it must not write to."""
    code = """
        providers_ = ["openai", "anthropic", "google"]
        for _ in range(2):
            for provider in providers_:
                ask(provider)
        child = os.fork()
        said = [ask(provider) for provider in providers_]
        if child == 0:
            print("child", said, flush=True)
            os._exit(0)
        os.waitpid(child, 0)
        print("parent", said, [ask(provider) for provider in providers_])
    """
    wired.answers = "hello"
    done = python(code, wired)
    said = ["hello"] * 3
    assert done.stdout.splitlines() == [f"child {said}", f"parent {said} {said}"], done.stderr
    assert len(wired.requests) == 15


@pytest.mark.parametrize("provider", ["openai", "anthropic", "google"])
def test_a_call_in_flight_does_not_hold_up_the_end(wired: WireServer, provider: str) -> None:
    wired.script(behaviours.normal(), behaviours.slow(30))
    code = f"""
        ask({provider!r})
        threading.Thread(target=ask, args=({provider!r},), daemon=True).start()
        time.sleep(1)
        print("done")
    """
    began = time.monotonic()
    done = python(code, wired)
    assert (done.stdout, done.returncode) == ("done\n", 0), done.stderr
    assert "Traceback" not in done.stderr
    assert time.monotonic() - began < 15
    assert eventually(lambda: wired.requests[1].disconnected)


def test_work_in_a_helper_thread_does_not_hold_up_the_end(wired: WireServer) -> None:
    """As a name server that does not answer would."""
    code = """
        import asyncio
        async def stuck():
            await asyncio.get_running_loop().run_in_executor(None, time.sleep, 50)
        asyncio.run_coroutine_threadsafe(stuck(), loop.running())
        time.sleep(0.3)
        print("done")
    """
    began = time.monotonic()
    done = python(code, wired)
    assert (done.stdout, done.returncode) == ("done\n", 0), done.stderr
    assert time.monotonic() - began < 15


def test_a_helper_thread_hands_back_results_and_errors() -> None:
    async def both() -> tuple[int, str]:
        running = asyncio.get_running_loop()
        with pytest.raises(ZeroDivisionError) as caught:
            await running.run_in_executor(None, lambda: 1 // 0)
        return await running.run_in_executor(None, lambda: 42), str(caught.value)

    answer = asyncio.run_coroutine_threadsafe(both(), loop.running()).result(5)
    assert answer == (42, "integer division or modulo by zero")
