"""The only door to a model: route, replay or hold, ask, settle, parse.

A call is journalled before it is made and settled after it. Asking the same thing again for the
same (run, node, iteration, ordinal) replays the stored answer, free of charge.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from observability import ledger
from observability.llm import providers, routes
from observability.llm.context import CallContext
from observability.llm.errors import BadAnswer, CallCancelled, ModelError, NoSuchProvider
from observability.models import CallState, CostSource, LLMCall, ModelProfile

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

Answer = TypeVar("Answer", bound=BaseModel)
Messages = Sequence[tuple[str, str]]  # (role: "system" | "human" | "ai", content)

log = logging.getLogger(__name__)


def complete(
    context: CallContext,
    messages: Messages,
    schema: type[Answer],
    check: Callable[[Answer], None] = lambda answer: None,
) -> Answer:
    """Ask the pinned models in order until one gives an answer that fits `schema` and `check`.

    `check` raises BadAnswer for what a schema cannot say. A settled answer that does not fit is not
    replayed: resuming the run asks again. Raises CallCancelled before a call if the run was
    cancelled, and the last model's BadAnswer or NoSuchProvider if none gave a valid answer.
    """
    problem: ModelError | None = None
    for step in context.routes:
        try:
            profile = routes.profile_of(step["model"])
            key = request_key(context, step, messages, schema)
            parse = partial(_parse, schema=schema, check=check, model=profile.name)
            replayed = _replay(context, profile, key, parse)
            if replayed is not None:
                return replayed
            return parse(_ask(context, profile, messages, key))
        except (BadAnswer, NoSuchProvider) as error:
            log.warning("%s: %s", step["model"], error)
            problem = error
    raise problem or BadAnswer(f"The node {context.node.label} has no route to any model.")


def request_key(
    context: CallContext, step: dict[str, str], messages: Messages, schema: type[BaseModel]
) -> str:
    """SHA-256 over everything that decides an answer and everything that says whose it is."""
    content = [
        str(context.run_id or ""),
        context.extraction_id or 0,
        context.node.value,
        context.iteration,
        context.ordinal,
        step,
        list(messages),
        schema.model_json_schema(),
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _replay(
    context: CallContext, profile: ModelProfile, key: str, parse: Callable[[str], Answer]
) -> Answer | None:
    """The valid answer that a settled call with this key has had, and a row that says so."""
    settled = LLMCall.objects.filter(request_key=key, state=CallState.SETTLED)
    for call in settled.exclude(cost_source=CostSource.REPLAYED).order_by("-id"):
        try:
            answer = parse(call.answer)
        except BadAnswer:
            continue
        replay = ledger.hold(_row(context, profile, key))
        ledger.settle(
            replay.pk, answer="", usage=ledger.Usage(), cost_nusd=0, source=CostSource.REPLAYED
        )
        return answer
    return None


def _ask(context: CallContext, profile: ModelProfile, messages: Messages, key: str) -> str:
    if context.cancelled():
        raise CallCancelled("The run was cancelled, so no further model is asked.")
    model = providers.chat_model(profile.provider)
    call = ledger.hold(_row(context, profile, key, prompt=[list(part) for part in messages]))
    try:
        reply = model.invoke(list(messages), config={"run_id": call.pk})
    except ModelError as error:
        ledger.release(call.pk, str(error))
        raise
    except BaseException as error:
        ledger.leave_unconfirmed(call.pk, f"{type(error).__name__}: {error}")
        raise
    text = str(reply.text)
    ledger.settle(
        call.pk, answer=text, usage=_usage(reply), cost_nusd=0, source=CostSource.EMBEDDED
    )
    return text


def _row(
    context: CallContext, profile: ModelProfile, key: str, prompt: list[list[str]] | None = None
) -> LLMCall:
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
        profile=profile,
        provider=profile.provider,
        model=profile.model,
        request_key=key,
        prompt=prompt or [],
    )


def _usage(reply: "BaseMessage") -> ledger.Usage:
    """The tokens that the answer reports; the embedded analyst uses none."""
    usage = getattr(reply, "usage_metadata", None) or {}
    return ledger.Usage(
        input_fresh=usage.get("input_tokens", 0),
        output=usage.get("output_tokens", 0),
        raw=dict(usage) or None,
    )


def _parse(text: str, schema: type[Answer], check: Callable[[Answer], None], model: str) -> Answer:
    try:
        answer = schema.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole answer"
        raise BadAnswer(
            f"{model} gave an answer that does not fit: {where}: {first['msg']}. Resume the run to "
            "ask again, or give the node another route."
        ) from error
    check(answer)
    return answer
