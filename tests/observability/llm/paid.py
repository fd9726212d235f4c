"""Who asks models of the local provider, each priced as it charges, and what is booked of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone
from pydantic import BaseModel, Field

from observability.llm import attempt, routes
from observability.llm.context import CallContext, Notice
from observability.models import (
    BudgetWindow,
    LLMCall,
    ModelProfile,
    Node,
    Scope,
)
from observability.pricing import price_of
from runs.models import Run
from tests.observability.accounts import assert_books_agree
from tests.wire import Prices, WireServer

MESSAGES = [("system", "Judge it."), ("human", "The unit shall report its state within 250 ms.")]
GOOD = '{"score": 0.5}'
LIST = Prices()


class Verdict(BaseModel):
    score: float = Field(ge=0, le=1)


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "BACKOFF_SECONDS", 0.01)


@pytest.fixture
def told() -> list[Notice]:
    return []


Asking = Callable[..., CallContext]


@pytest.fixture
def asking(run: Run, wired: WireServer, told: list[Notice]) -> Iterator[Asking]:
    """Who asks models of these providers, in this order, each priced as the server prices it."""
    wired.answers = GOOD

    def asking(
        *providers: str, cancelled: Callable[[], bool] = lambda: False, **values: Any
    ) -> Any:
        steps = [step(provider, **values) for provider in providers or ("openai",)]
        return CallContext(
            project_id=run.project_id, node=Node.VALIDATE, routes=steps, run_id=run.pk,
            iteration=1, cancelled=cancelled, tell=told.append,
        )  # fmt: skip

    def step(provider: str, **values: Any) -> routes.Step:
        defaults: dict[str, Any] = {
            "context_window": 100_000, "max_output_tokens": 500, "timeout_seconds": 5,
            "input_price": LIST.input, "output_price": LIST.output,
            "cache_read_price": LIST.cache_read, "cache_write_price": LIST.cache_write,
            "cache_write_1h_price": LIST.cache_write_1h,
        }  # fmt: skip
        if provider == "openai_compatible":
            defaults["base_url"] = wired.openai_url
        made, _ = ModelProfile.objects.update_or_create(
            provider=provider, model=f"{provider}-1", base_url=defaults.pop("base_url", ""),
            defaults={"name": provider.capitalize(), **defaults, **values},
        )  # fmt: skip
        price = price_of(made, timezone.now()).as_json()
        return {"model": made.key, "profile": made.pk, "temperature": "0.00", "price": price}

    yield asking
    assert_books_agree()


def calls() -> list[LLMCall]:
    return list(LLMCall.objects.order_by("id"))


def states() -> list[tuple[str, str]]:
    return [(call.state, call.cost_source) for call in calls()]


def booked() -> int:
    """All that the project has spent, in nano-USD."""
    return BudgetWindow.objects.get(budget__scope=Scope.TOTAL).spent_nusd
