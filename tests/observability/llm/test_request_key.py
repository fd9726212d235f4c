"""What decides an answer, and whose it is, makes the request key; nothing else does."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, Field

from observability.llm.context import CallContext
from observability.llm.errors import BadAnswer
from observability.llm.question import Question, request_key
from observability.models import ModelProfile, Node

RUN = UUID("01a20000-0000-7000-8000-000000000001")
STEP = {"model": "first/m-1", "temperature": "0.00"}
MESSAGES = [("system", "Decompose."), ("human", "The unit shall report.")]
WHOSE: dict[str, Any] = {
    "project_id": 1,
    "node": Node.DECOMPOSE,
    "routes": [STEP],
    "run_id": RUN,
    "iteration": 1,
    "ordinal": 0,
}


class Answer(BaseModel):
    score: float = Field(ge=0, le=1)


class Stricter(BaseModel):
    score: float = Field(ge=0, le=0.5)


class Wider(BaseModel):
    score: float = Field(ge=0, le=1)
    reason: str


def key(
    step: dict[str, str] = STEP,
    messages: list[tuple[str, str]] = MESSAGES,
    schema: type[BaseModel] = Answer,
    **whose: Any,
) -> str:
    return request_key(CallContext(**{**WHOSE, **whose}), step, messages, schema)


OTHER: dict[str, dict[str, Any]] = {
    "run": {"run_id": UUID("01a20000-0000-7000-8000-000000000002")},
    "extraction instead of a run": {"run_id": None, "extraction_id": 1},
    "another extraction": {"run_id": None, "extraction_id": 2},
    "node": {"node": Node.VALIDATE},
    "iteration": {"iteration": 2},
    "batch": {"ordinal": 1},
    "model": {"step": {**STEP, "model": "first/m-2"}},
    "temperature": {"step": {**STEP, "temperature": "0.70"}},
    "a further setting of the route": {"step": {**STEP, "effort": "high"}},
    "words": {"messages": [MESSAGES[0], ("human", "The unit shall report!")]},
    "role": {"messages": [("human", MESSAGES[0][1]), MESSAGES[1]]},
    "order": {"messages": MESSAGES[::-1]},
    "one message more": {"messages": [*MESSAGES, ("ai", "")]},
    "words moved over a boundary": {"messages": [("system", "Decompose.The"), ("human", "unit")]},
    "words on this side of it": {"messages": [("system", "Decompose."), ("human", "Theunit")]},
    "a limit of the schema": {"schema": Stricter},
    "a field of the schema": {"schema": Wider},
}


def test_every_difference_makes_another_key() -> None:
    keys = {"the same": key(), **{name: key(**change) for name, change in OTHER.items()}}
    assert {name for name, made in keys.items() if list(keys.values()).count(made) > 1} == set()


@pytest.mark.parametrize(
    "irrelevant",
    [
        {"person_id": 9},
        {"cancelled": lambda: True},
        {"step": dict(reversed(STEP.items()))},
        {"routes": [STEP, {**STEP, "model": "second/m-1"}]},  # who would have been asked next
        {"step": {**STEP, "price": {}, "base_url": "http://moved", "max_output_tokens": 9}},
    ],
    ids=["person", "cancelled", "order of settings", "further routes", "where and how dear"],
)
def test_who_waits_for_an_answer_does_not_change_it(irrelevant: dict[str, Any]) -> None:
    assert key(**irrelevant) == key()


def test_a_key_fits_its_column() -> None:
    assert len(key()) == 64


def test_a_repair_is_known_by_what_it_repairs() -> None:
    """Not by the wording of the problem, or by how much of the answer its model has room for."""

    def repair(bad: str, problem: str, **profile: Any) -> str:
        model = ModelProfile(
            provider="first",
            model="m-1",
            **{"context_window": 90_000, "max_output_tokens": 500} | profile,
        )
        question = Question(
            CallContext(**WHOSE), STEP, model, MESSAGES, Answer, lambda answer: None
        )
        return question.repair(bad, BadAnswer(problem)).key

    first = repair("not JSON", "Input should be an object")
    assert first == repair("not JSON", "Expected an object", name="Renamed", context_window=1_000)
    assert first != repair("not JSON either", "Input should be an object")
    assert first != key()
