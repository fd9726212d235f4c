"""One question to one model: its words, its key in the journal, and how its answer is read."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from observability import langsmith, tokens
from observability.llm import providers
from observability.llm.context import CallContext
from observability.llm.errors import BadAnswer, NoPrice
from observability.models import AnswerFormat, CallPurpose, LLMCall, ModelProfile
from observability.pricing import Price

Answer = TypeVar("Answer", bound=BaseModel)
Messages = Sequence[tuple[str, str]]  # (role: "system" | "human" | "ai", content)

_FENCED = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")  # escaped, which PostgreSQL takes no more
_QUOTED_BACK = 20_000  # characters of a bad answer that its repair quotes at most
_CHARACTERS_PER_TOKEN = 3
_BESIDE_THE_ANSWER = {"price", "base_url", "context_window", "max_output_tokens"}


@dataclass(frozen=True)
class Question(Generic[Answer]):
    """What is asked of `profile`; `check` raises BadAnswer for what a schema cannot say.

    `repairs` is the key of a question that is asked again, with that of the answer it had.
    """

    context: CallContext
    step: dict[str, Any]
    profile: ModelProfile
    messages: Messages
    schema: type[Answer]
    check: Callable[[Answer], None]
    purpose: CallPurpose = CallPurpose.ASK
    repairs: str = ""

    @cached_property
    def key(self) -> str:
        """Of a repair, by what it repairs: how the problem is worded, and how much of the answer
        is quoted, may change with a release or a profile."""
        if self.repairs:
            return _sha256(self.repairs)
        return request_key(self.context, self.step, self.messages, self.schema)

    @property
    def temperature(self) -> Decimal:
        return Decimal(self.step["temperature"])

    @property
    def price(self) -> Price | None:
        """The pinned price; None where the model is part of the product and costs nothing.

        Raises NoPrice for any other model without one.
        """
        if self.step.get("price"):
            return Price.from_json(self.step["price"])
        if providers.is_registered(self.profile.provider):
            return None
        raise NoPrice(
            f"The run has no price for {self.profile.name}, so it is not asked. Start a new run: "
            "it takes the model's price of today."
        )

    @property
    def schema_of_answer(self) -> dict[str, Any] | None:
        """The JSON schema that is sent beside the messages, for servers that take one."""
        if self.profile.answer_format != AnswerFormat.JSON_SCHEMA:
            return None
        return self.schema.model_json_schema()

    @property
    def schema_text(self) -> str:
        schema = self.schema_of_answer
        return json.dumps(schema) if schema else ""

    @property
    def words(self) -> str:
        """All that is sent."""
        return "".join(content for _, content in self.messages) + self.schema_text

    @property
    def bound_nusd(self) -> int:
        """The most that a call can cost: every byte a token of the dearest kind, output at its
        cap."""
        if self.price is None:
            return 0
        return self.price.bound_nusd(
            tokens.input_bound(self.messages, self.schema_text), self.profile.max_output_tokens
        )

    def read(self, text: str) -> Answer:
        """The answer as an object. Raises BadAnswer if it does not fit."""
        try:
            answer = self.schema.model_validate_json(_NUL.sub(r"\1", _json_in(text)))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the whole answer"
            raise BadAnswer(
                f"{self.profile.name} gave an answer that does not fit: {where}: {first['msg']}. "
                "Resume the run to ask again, or give the node another route."
            ) from error
        self.check(answer)
        return answer

    def repair(self, bad: str, problem: BadAnswer) -> "Question[Answer]":
        """The question again, with the answer that did not fit and why.

        Of a long answer to a model with a small context window, only the beginning is quoted, so
        that the repair fits where the question did.
        """
        said = (
            f"That answer cannot be used: {problem}\nAnswer the same request again with one JSON "
            "object that fits the schema, and with nothing else."
        )
        quoted = bad[: self._room_left(said)] if bad else "(nothing)"
        again = (*self.messages, ("ai", quoted or "(left out)"), ("human", said))
        return replace(
            self,
            messages=again,
            purpose=CallPurpose.REPAIR,
            repairs=f"repair {self.key} {_sha256(bad)}",
        )

    def _room_left(self, said: str) -> int:
        """Characters that fit into the context window beside the question, `said` and an answer."""
        window = self.profile.context_window - self.profile.max_output_tokens
        return max(
            0, min(_QUOTED_BACK, _CHARACTERS_PER_TOKEN * window - len(self.words) - len(said))
        )

    def row(self, purpose: CallPurpose | None = None) -> LLMCall:
        """The call in the journal, not saved yet."""
        context, profile = self.context, self.profile
        return LLMCall(
            project_id=context.project_id,
            run_id=context.run_id,
            extraction_id=context.extraction_id,
            subsystem_id=context.subsystem_id,
            person_id=context.person_id,
            node=context.node,
            iteration=context.iteration,
            ordinal=context.ordinal,
            skill=context.skill,
            group=context.group,
            purpose=purpose or self.purpose,
            profile=profile,
            provider=profile.provider,
            model=profile.model,
            request_key=self.key,
            price=self.step.get("price"),
            traced=langsmith.is_on(),
        )


def request_key(
    context: CallContext, step: dict[str, Any], messages: Messages, schema: type[BaseModel]
) -> str:
    """SHA-256 over everything that decides an answer and everything that says whose it is."""
    content = [
        str(context.run_id or ""),
        context.extraction_id or 0,
        context.node.value,
        context.iteration,
        context.ordinal,
        {name: value for name, value in step.items() if name not in _BESIDE_THE_ANSWER},
        list(messages),
        schema.model_json_schema(),
    ]
    return _sha256(json.dumps(content, sort_keys=True))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _json_in(text: str) -> str:
    """The JSON object of an answer: some models wrap it in a code fence or in words."""
    text = text.strip()
    if text.startswith("{"):
        return text
    fenced = _FENCED.search(text)
    if fenced:
        return fenced[1]
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text
