"""Requests as messages, and their answers through the gateway."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from django.conf import settings
from django.db import connection
from pydantic import BaseModel

from observability.llm import gateway, routes
from observability.llm.context import CallContext
from observability.llm.gateway import Completion
from observability.models import Node
from runs.analyst import envelope
from runs.requests import Frozen
from skills.models import SkillVersion

Request = TypeVar("Request", bound=Frozen)
Answer = TypeVar("Answer", bound=BaseModel)
Check = Callable[[Request, Answer], None]

interrupted = threading.Event()
"""Set when a person at the keyboard, or a signal, ends the process: calls are hung up at once."""


def _fits(request: Frozen, answer: BaseModel) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Asked(Generic[Request, Answer]):
    request: Request
    answer: Answer
    model: str  # whose answer it is: "embedded/analyst-1"


def ask_all(
    context: CallContext,
    skill: SkillVersion,
    requests: Iterable[Request],
    schema: type[Answer],
    check: Check[Request, Answer] = _fits,
) -> Iterator[Asked[Request, Answer]]:
    """The answers to a node's requests, in their order; the position is the call's ordinal.

    `check` raises BadAnswer for an answer that does not fit its request. Models behind a network
    are asked MODEL_CALLS_AT_ONCE at a time. When one fails, what is under way is waited for, so
    that its answer is on record and is not paid for again, and nothing else is begun.
    """

    def ask(ordinal: int, request: Request, context: CallContext) -> Asked[Request, Answer]:
        task = Node(context.node).value
        messages = envelope.render(task, skill.body, skill.parameters, request, schema)
        done: Completion[Answer] = gateway.complete(
            replace(context, ordinal=ordinal),
            messages,
            schema,
            lambda answer: check(request, answer),
        )
        return Asked(request, done.answer, done.model)

    if routes.costs_nothing(context.routes) or settings.MODEL_CALLS_AT_ONCE == 1:
        return (ask(ordinal, request, context) for ordinal, request in enumerate(requests))
    return _at_once(ask, context, requests)


def _at_once(
    ask: Callable[[int, Request, CallContext], Asked[Request, Answer]],
    context: CallContext,
    requests: Iterable[Request],
) -> Iterator[Asked[Request, Answer]]:
    stop, drain = threading.Event(), threading.Event()
    failures: list[BaseException] = []  # the first is the reason, the others follow from it
    watched = replace(
        context,
        cancelled=lambda: stop.is_set() or interrupted.is_set() or context.cancelled(),
        draining=drain.is_set,
    )

    def work(ordinal: int, request: Request) -> Asked[Request, Answer]:
        try:
            return ask(ordinal, request, watched)
        except BaseException as error:
            failures.append(error)
            drain.set()
            raise
        finally:
            connection.close()  # of this thread

    def next_answer() -> Asked[Request, Answer]:
        future = waiting.popleft()
        wait([future])
        if future.exception() is not None:
            raise failures[0]
        return future.result()

    pool = ThreadPoolExecutor(settings.MODEL_CALLS_AT_ONCE, thread_name_prefix="asking")
    waiting: deque[Future[Asked[Request, Answer]]] = deque()
    try:
        for ordinal, request in enumerate(requests):
            if len(waiting) == settings.MODEL_CALLS_AT_ONCE:
                yield next_answer()
            waiting.append(pool.submit(work, ordinal, request))
        while waiting:
            yield next_answer()
    except (KeyboardInterrupt, SystemExit):
        stop.set()  # nobody waits for an answer at the keyboard
        raise
    finally:
        drain.set()  # also when the node fails that takes the answers
        pool.shutdown(wait=True, cancel_futures=True)
