"""A project with a real specification, and models that answer as a test wants them to.

Runs are executed with real transactions: the checkpointer and the heartbeat write from threads.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from observability.llm import providers
from reqplatform.teams.models import Project
from runs.actions.execute import execute
from runs.actions.specifications import add_revision
from runs.actions.start import RunOptions, start_run
from runs.analyst.provider import EmbeddedChatModel
from runs.models import Run, Subsystem
from skills.loading import load_library
from tests.conftest import World

CLEAR = """
1 Requirements

SYS-001 The Navigation subsystem shall report the position every 2 s.

SYS-002 When the position is lost, the Navigation subsystem shall raise an alarm within 5 s.

SYS-003 The Power subsystem shall supply 24 V to the radio.
"""
VAGUE = """
1 Requirements

SYS-001 The Navigation subsystem shall quickly show a user-friendly picture, if possible.

SYS-002 The Navigation subsystem shall be fast and shall react in a timely manner, etc.
"""

Change = Callable[[str, dict[str, Any]], dict[str, Any]]


class ScriptedChatModel(EmbeddedChatModel):
    """The embedded analyst, whose answers a test changes: stands in for any other model."""

    change: ClassVar[Change]
    asked: ClassVar[list[dict[str, Any]]] = []

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        request = json.loads(str(messages[-1].content))
        type(self).asked.append(request)
        answer = json.loads(str(super()._generate(messages, *args, **kwargs).generations[0].text))
        text = json.dumps(type(self).change(request["task"], answer))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])


@pytest.fixture
def scripted() -> Iterator[type[ScriptedChatModel]]:
    """Every model call of the test goes through ScriptedChatModel; `change` is the test's."""
    ScriptedChatModel.change = staticmethod(lambda task, answer: answer)
    ScriptedChatModel.asked = []
    before = dict(providers._paths)
    providers.register("embedded", f"{__name__}:ScriptedChatModel")
    yield ScriptedChatModel
    providers._paths.update(before)


@pytest.fixture
def project(transactional_db: None, world: World) -> Project:
    load_library()
    Subsystem.objects.create(project=world.project, code="NAV", name="Navigation")
    Subsystem.objects.create(project=world.project, code="PWR", name="Power")
    return world.project


Starter = Callable[..., Run]


@pytest.fixture
def begin(project: Project) -> Starter:
    """Start a run of a text for a subsystem, by default Navigation; nobody executes it yet."""

    def begin(text: str = CLEAR, code: str = "NAV", **options: Any) -> Run:
        revision = add_revision(None, project, filename="spec.txt", content=text.encode())
        subsystem = Subsystem.objects.get(project=project, code=code)
        return start_run(None, revision, subsystem, RunOptions(**options), enqueue=False)

    return begin


@pytest.fixture
def executed(begin: Starter) -> Starter:
    """Start a run and execute it in this thread until it ends or waits."""

    def executed(text: str = CLEAR, code: str = "NAV", **options: Any) -> Run:
        run = begin(text, code, **options)
        assert execute(run.pk)
        run.refresh_from_db()
        return run

    return executed
