"""Calls on the account of a run, and two providers whose answers a test writes down beforehand."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from uuid import UUID

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from observability import budgets, ledger
from observability.budgets import Payer
from observability.ledger import Held
from observability.llm import providers
from observability.models import LLMCall, ModelProfile, Node
from runs.models import Run
from tests import factories
from tests.conftest import World

Reply = str | Callable[[], str] | BaseException


class FirstModel(BaseChatModel):
    """Gives `replies` in order: a text, what a function returns, or an exception that it raises."""

    replies: ClassVar[list[Reply]] = []
    asked: ClassVar[list[list[BaseMessage]]] = []
    asked_as: ClassVar[list[UUID]] = []  # LangChain's id of each request
    usage: ClassVar[Any] = None

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        assert run_manager is not None
        type(self).asked.append(messages)
        type(self).asked_as.append(run_manager.run_id)
        reply = type(self).replies.pop(0)
        if isinstance(reply, BaseException):
            raise reply
        text = reply if isinstance(reply, str) else reply()
        message = AIMessage(content=text, usage_metadata=type(self).usage)
        return ChatResult(generations=[ChatGeneration(message=message)])


class SecondModel(FirstModel):
    """The same, with replies of its own."""


@pytest.fixture
def models(db: None) -> Iterator[tuple[type[FirstModel], type[SecondModel]]]:
    """Providers "first" and "second", each with a profile of the same name."""
    before = dict(providers._paths)
    for name, model in (("first", FirstModel), ("second", SecondModel)):
        model.replies, model.asked, model.asked_as, model.usage = [], [], [], None
        providers.register(name, f"{__name__}:{model.__name__}")
        ModelProfile.objects.create(
            name=name.capitalize(),
            provider=name,
            model="m-1",
            context_window=1000,
            max_output_tokens=100,
        )
    yield FirstModel, SecondModel
    providers._paths.clear()
    providers._paths.update(before)


@pytest.fixture
def profile(db: None) -> ModelProfile:
    return ModelProfile.objects.create(
        name="Any", provider="any", model="m-1", context_window=1000, max_output_tokens=100
    )


@pytest.fixture
def run(world: World) -> Run:
    return factories.run(world.project)


Caller = Callable[..., LLMCall]


@pytest.fixture
def call(run: Run, profile: ModelProfile) -> Caller:
    """A call of the run's decomposition that is not journalled yet."""

    def call(**values: Any) -> LLMCall:
        defaults: dict[str, Any] = {
            "project": run.project,
            "run": run,
            "node": Node.DECOMPOSE,
            "iteration": 1,
            "profile": profile,
            "provider": profile.provider,
            "model": profile.model,
            "request_key": "k",
            "held_nusd": 5_000,
        }
        return LLMCall(**{**defaults, **values})

    return call


Holder = Callable[..., Held]


@pytest.fixture
def hold(call: Caller, run: Run) -> Holder:
    """A granted hold of such a call, charged to the windows of its run."""

    def hold(**values: Any) -> Held:
        row = call(**values)
        answer = ledger.hold(row, budgets.windows_of(Payer(row.project_id, row.run_id, row.group)))
        assert isinstance(answer, Held), answer
        return answer

    return hold
