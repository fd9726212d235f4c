"""The only door to a model: route, replay or hold, ask, settle, parse.

    route (primary, then each fallback in order)
      -> request key -> replay if the journal has the answer
      -> hold -> call -> settle          (attempt.py, again where a failure passes by itself)
      -> parse -> repair once in the same model -> next model

A call is journalled before it is made and settled after it. Asking the same thing again for the
same (run, node, iteration, ordinal) replays the stored answer, free of charge.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic

from observability import ledger
from observability.llm import attempt, outages, routes
from observability.llm.context import CallContext, Happening, Notice
from observability.llm.errors import BadAnswer, ModelError, NoSuchProvider, Outage
from observability.llm.question import Answer, Messages, Question
from observability.models import (
    CallPurpose,
    CallState,
    CostSource,
    LLMCall,
    ModelProfile,
    Provider,
)

# A replay's answer stands with the call it repeats; of calls that LangSmith or a bill settled, only
# the cost is known.
_WITHOUT_ANSWER = [CostSource.REPLAYED, CostSource.LANGSMITH, CostSource.INVOICE]


@dataclass(frozen=True, slots=True)
class Completion(Generic[Answer]):
    """A validated answer, and whose it is ("openai/gpt-5-mini")."""

    answer: Answer
    model: str


def complete(
    context: CallContext,
    messages: Messages,
    schema: type[Answer],
    check: Callable[[Answer], None] = lambda answer: None,
) -> Completion[Answer]:
    """Ask the pinned models in order until one gives an answer that fits `schema` and `check`.

    `check` raises BadAnswer for what a schema cannot say. An answer that does not fit is given back
    once for repair; then, and when a model cannot be reached, the next one is asked. One that could
    not be reached a moment ago comes last.

    Raises OutOfBudget before a call that does not fit a budget, CallCancelled if the run was
    stopped, Fatal where only a person can help, and the last model's BadAnswer, Outage or
    NoSuchProvider if none gave a valid answer.
    """

    def question_of(step: routes.Step, profile: ModelProfile) -> Question[Answer]:
        return Question(context, step, profile, messages, schema, check)

    # Whoever answered before: nobody is paid for it twice. The first is looked up when it is asked.
    for step in context.routes if len(context.routes) > 1 else ():
        profile = routes.find(step)
        before = _replay(question_of(step, profile)) if profile is not None else None
        if isinstance(before, Good):
            return Completion(before.answer, step["model"])
    problem: ModelError | None = None
    turns = deque((step, True) for step in context.routes)
    while turns:
        step, may_rest = turns.popleft()
        try:
            question = question_of(step, routes.profile_of(step))
            if may_rest and turns and outages.rests(question.profile):
                turns.append((step, False))  # asked all the same if nobody else answers
                raise outages.resting(question.profile)
            if problem is not None:
                question = replace(question, purpose=CallPurpose.FALLBACK)
                name = question.profile.name
                context.tell(Notice(Happening.FALLBACK, f"{problem} {name} is asked instead."))
            return Completion(_answer(question), step["model"])
        except (BadAnswer, NoSuchProvider, Outage) as error:
            problem = error
    raise problem or BadAnswer(f"The node {context.node.label} has no route to any model.")


@dataclass(frozen=True, slots=True)
class Good(Generic[Answer]):
    """What the journal has answered."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Bad:
    """An answer that did not fit, and has not been given back for repair yet."""

    text: str
    problem: BadAnswer


def _answer(question: Question[Answer]) -> Answer:
    """The answer of one model, from the journal if it has one, else asked for and repaired once."""
    before = _replay(question)
    if isinstance(before, Good):
        return before.answer
    if before is None:
        text = attempt.ask(question)
        try:
            return question.read(text)
        except BadAnswer as problem:
            if _is_embedded(question):
                raise  # it would say the same again
            before = Bad(text, problem)
    repair = question.repair(before.text, before.problem)
    return repair.read(attempt.ask(repair))


def _replay(question: Question[Answer]) -> Good[Answer] | Bad | None:
    """What the journal has answered to this very question, with a row that says so if it fits.

    An answer that did not fit is paid for as well: its repair counts as the answer, and if it was
    never given back, it comes back as Bad. Repaired in vain, the question is asked anew (None).
    """
    settled = LLMCall.objects.filter(
        request_key=question.key, state=CallState.SETTLED, pruned_at=None
    )
    bad: Bad | None = None
    for call in settled.exclude(cost_source__in=_WITHOUT_ANSWER).order_by("-id"):
        try:
            answer = question.read(call.answer)
        except BadAnswer as problem:
            found = Bad(call.answer, problem)
            if question.purpose == CallPurpose.REPAIR:
                return found
            if _is_embedded(question):
                continue
            repaired = _replay(question.repair(found.text, problem))
            if isinstance(repaired, Good):
                return repaired
            bad = bad or (found if repaired is None else None)
            continue
        ledger.journal_replay(question.row(CallPurpose.REPLAY))
        return Good(answer)
    return bad


def _is_embedded(question: Question[Answer]) -> bool:
    return question.profile.provider == Provider.EMBEDDED
