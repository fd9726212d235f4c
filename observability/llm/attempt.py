"""One call of one model: hold, ask, settle; and again where a failure passes by itself."""

import logging
import random
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models.functions import Now

from observability import alerts, budgets, energy, ledger, telemetry, tokens
from observability.langsmith import tracing_config
from observability.llm import failures, loop, outages, providers, routes
from observability.llm.context import Happening, Notice
from observability.llm.errors import (
    BadAnswer,
    CallCancelled,
    Fatal,
    ModelError,
    Outage,
    OutOfBudget,
)
from observability.llm.failures import Failure, Kind
from observability.llm.question import Question
from observability.models import (
    AlertCause,
    CallPurpose,
    CallState,
    CostSource,
    LLMCall,
    ModelProfile,
)
from observability.money import format_usd

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

MOST_ATTEMPTS = 3
BACKOFF_SECONDS = 1.0  # doubled with each attempt, and jittered
LONGEST_PAUSE_SECONDS = 60.0
WAIT_SECONDS = 0.2  # between two looks at whether a budget has room again
ESTIMATES_ARE_OFF_BY = 0.3
GRACE = timedelta(seconds=60)  # beyond the longest wait, before a call's process is taken for dead

log = logging.getLogger(__name__)


def ask(question: Question[Any]) -> str:
    """The model's answer as text, its cost booked.

    Raises OutOfBudget before a call that does not fit, CallCancelled when the run is stopped,
    Outage after the last of three attempts that failed for a passing reason, Fatal where only a
    person can help, and BadAnswer for an answer that is no answer.
    """
    purpose = question.purpose
    failure: Failure | None = None
    for attempt in range(1, MOST_ATTEMPTS + 1):
        if failure is not None:
            _pause(question, failure, attempt)
            purpose = CallPurpose.RETRY
        text, failure = _once(question, purpose)
        if failure is None:
            return text
        if failure.kind == Kind.FATAL:
            raise Fatal(failure.message)
        if failure.kind == Kind.CONTENT:
            raise BadAnswer(failure.message)
    assert failure is not None
    said = f"{failure.message} It was tried {MOST_ATTEMPTS} times."
    raise Outage(said) if failure.throttled else outages.outage(question.profile, said)


def _once(question: Question[Any], purpose: CallPurpose) -> tuple[str, Failure | None]:
    """One attempt: the answer's text, or why there is none. What it costs is on record."""
    _go_on(question, "so no further model is asked")
    profile = question.profile
    if purpose in {CallPurpose.RETRY, CallPurpose.REPAIR}:
        routes.profile_of(question.step)  # it may have been disabled by the call before
    ledger.supersede(question.key)
    model = providers.chat_model(
        profile, temperature=float(question.temperature), schema=question.schema_of_answer
    )
    call, held = _hold(question, purpose)
    began, began_ns = time.monotonic(), time.time_ns()
    try:
        reply = _invoke(question, model, call)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the call is on record
        _tell(question, call, began_ns, error=error)
        return "", _failed(question, held, error)
    cut = failures.incomplete(reply, profile)
    if cut is not None and cut.kind == Kind.TRANSIENT:
        _leave_unconfirmed(question, held, cut.message)
        _tell(question, call, began_ns, reply=reply)
        return "", cut
    text = ledger.storable(str(reply.text))
    cost = _settle(question, held, reply, text, time.monotonic() - began)
    _tell(question, call, began_ns, reply=reply, cost_nusd=cost)
    return text, cut


def _tell(question: Question[Any], call: LLMCall, began_ns: int, **outcome: Any) -> None:
    telemetry.tell(call, began_ns, temperature=question.temperature, **outcome)


def _go_on(question: Question[Any], then: str) -> None:
    """Raise CallCancelled if the run was stopped, or if another request of its node has failed, so
    that this one's answer would be paid for and not used now."""
    if question.context.cancelled():
        raise CallCancelled(f"The run was cancelled, {then}.")
    if question.context.draining():
        raise CallCancelled(f"Another request of the node has failed, {then}.")


def _invoke(question: Question[Any], model: Any, call: LLMCall) -> "AIMessage":
    """Ask the bare model, with the call's id as its run id in LangChain and LangSmith."""
    config = tracing_config(call)
    messages = list(question.messages)
    if providers.is_registered(question.profile.provider):  # no network: nothing to wait for
        reply: AIMessage = model.invoke(messages, config=config)
        return reply
    return loop.ask(
        model,
        messages,
        config,
        cancelled=question.context.cancelled,
        timeout=question.profile.timeout_seconds,
    )


def _hold(question: Question[Any], purpose: CallPurpose) -> tuple[LLMCall, ledger.Held]:
    """The call on record with its hold. Waits while others' holds may still make room."""
    context, profile = question.context, question.profile
    waited = False
    while True:
        call = question.row(purpose)
        call.prompt = [list(part) for part in question.messages]
        call.held_nusd = question.bound_nusd
        longest = timedelta(seconds=loop.longest(profile.timeout_seconds))
        call.expires_at = Now() + (longest + GRACE)  # by the clock that all machines share
        windows = budgets.windows_of(context.payer) if call.held_nusd else []
        answer = ledger.hold(call, windows)
        if isinstance(answer, ledger.Held):
            return call, answer
        if not answer.may_wait:
            raise _out_of_budget(question, answer)
        _go_on(question, "while it waited for its budget")
        if not waited:
            waited = True
            context.tell(Notice(Happening.WAITING, f"Waits for calls of others: {answer}"))
        ledger.expire()  # what a dead process held must not be waited for
        time.sleep(WAIT_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - jitter


def _out_of_budget(question: Question[Any], denied: ledger.Denied) -> OutOfBudget:
    message = (
        f"{denied} Raise the limit under Budgets and resume the run; what it has "
        "asked so far is not paid for again."
    )
    context = question.context
    alerts.raise_alert(
        context.project_id,
        AlertCause.BUDGET_STOP,
        alerts.window_subject(denied.window_id),
        message,
        run_id=context.guarded_by or context.run_id,
    )
    return OutOfBudget(message, denied)


def _settle(
    question: Question[Any], held: ledger.Held, reply: "AIMessage", text: str, seconds: float
) -> int:
    """Book what the answer cost by the usage that it reports, or by an estimate of it; the cost."""
    profile, price = question.profile, question.price
    usage = tokens.usage_of(reply, profile.provider)
    source = CostSource.METERED
    if price is None:
        source = CostSource.EMBEDDED
        usage = usage or tokens.Usage()
    elif usage is None:
        source = CostSource.ESTIMATED
        usage = _within_cap(tokens.estimate(question.words, text), profile.max_output_tokens)
    used = _energy(profile, usage, seconds)
    cost = price.cost_nusd(usage) if price else 0
    ledger.settle(
        held,
        answer=text,
        usage=usage,
        cost_nusd=cost,
        source=source,
        energy_low_wh=used.low_wh if used else None,
        energy_high_wh=used.high_wh if used else None,
    )
    if cost > held.amount_nusd:
        _tell_overrun(question, cost, held)
    _tell_warnings(question, held)
    return cost


def _energy(profile: ModelProfile, usage: tokens.Usage, seconds: float) -> energy.Energy | None:
    """None as well where the estimate itself fails: the bill must be booked all the same."""
    try:
        return energy.energy_of(profile, usage.output + usage.reasoning, seconds)
    except Exception:
        log.exception("No estimate of the energy of %s", profile.name)
        return None


def _within_cap(usage: tokens.Usage, cap: int) -> tokens.Usage:
    """An estimate that can be the whole cap, off by what estimates are, is taken for the cap.

    Otherwise it would be an overrun, and the model disabled for nothing.
    """
    if cap < usage.output <= cap * (1 + ESTIMATES_ARE_OFF_BY):
        return replace(usage, output=cap)
    return usage


def _tell_overrun(question: Question[Any], cost: int, held: ledger.Held) -> None:
    message = (
        f"A call of {question.profile.name} cost {format_usd(cost)}, more than its cap allows "
        f"({format_usd(held.amount_nusd)}). The model is disabled until a person has looked at it."
    )
    question.context.tell(Notice(Happening.OVERRUN, message, {"call": str(held.call_id)}))


def _tell_warnings(question: Question[Any], held: ledger.Held) -> None:
    """Tell of every window whose warning was just crossed: once each, whoever crosses it."""
    context = question.context
    run_id = context.guarded_by or context.run_id
    for window, message in alerts.raise_for_crossed(held.windows, run_id):
        context.tell(Notice(Happening.BUDGET_WARNING, message, {"window": window}))


def _leave_unconfirmed(question: Question[Any], held: ledger.Held, why: str) -> None:
    ledger.leave_unconfirmed(held, why)
    _tell_warnings(question, held)


def _failed(question: Question[Any], held: ledger.Held, error: BaseException) -> Failure:
    """Book a call that gave no answer. Raises what was no failure of the model: a cancellation,
    Ctrl-C."""
    profile: ModelProfile = question.profile
    if isinstance(error, ModelError) and not isinstance(error, CallCancelled):
        ledger.release(held, str(error))  # a provider of our own, which refused
        raise error
    asked_here = providers.is_registered(profile.provider)  # what it raises is a fault of ours
    if asked_here or isinstance(error, CallCancelled) or not isinstance(error, Exception):
        _leave_unconfirmed(question, held, f"{type(error).__name__}: {error}")
        raise error
    if isinstance(error, loop.Unwatched):
        _leave_unconfirmed(question, held, str(error))
        raise error.__cause__ or error
    failure = failures.classify(error, profile)
    log.warning("%s", failure.message, exc_info=None if failure.known else error)
    if failure.free:  # given up or not, it cost nothing
        ledger.release(held, failure.message, frm=(CallState.HELD, CallState.UNCONFIRMED))
    else:
        _leave_unconfirmed(question, held, failure.message)
    return failure


def _pause(question: Question[Any], failure: Failure, attempt: int) -> None:
    """Wait before another attempt: as long as the provider asks for, else longer each time. Raises
    Outage if it asks for longer than a minute: another model is asked then."""
    if (failure.retry_after or 0.0) > LONGEST_PAUSE_SECONDS:
        raise outages.outage(
            question.profile,
            f"{failure.message} It asks for a pause of {failure.retry_after:.0f} s.",
        )
    backoff = BACKOFF_SECONDS * 2 ** (attempt - 2) * random.uniform(0.5, 1.5)  # noqa: S311
    seconds = min(max(failure.retry_after or 0.0, backoff), LONGEST_PAUSE_SECONDS)
    question.context.tell(
        Notice(Happening.RETRY, f"{failure.message} Tries again in {seconds:.0f} s.")
    )
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        _go_on(question, "between two attempts")
        time.sleep(min(WAIT_SECONDS, max(0.0, until - time.monotonic())))
