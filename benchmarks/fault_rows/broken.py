"""Faults inside a worker, so that the product carries no hooks for them.

An app that is installed beside the product's in the workers of a benchmark. A plan is a file named
after a run: `{"point": ..., "skip": n, "times": n}`. The worker that executes the run kills itself
with -9 when it passes the point for the n+1st time, so many times in all; at the point
"commit unseen" every first commit of a hold or a settlement succeeds, and its caller is told that
the connection broke.
"""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import AppConfig

IN_CALL_SECONDS = 0.2  # after the request was sent; the provider takes longer to answer

# In the order of a call. What stands in brackets has not been committed.
POINTS = (
    "before the hold",
    "[hold]",
    "hold",
    "before the call",
    "in the call",
    "answered",
    "[settled]",
    "settled",
    "[node]",
    "node",
)
UNSEEN = "commit unseen"
IN_NODE = "in the node"

_doing = threading.local()  # .run: of the question that this thread asks; .step: [hold], [settled]
_lock = threading.Lock()
_passed: dict[str, int] = {}


class Broken(AppConfig):
    name = "fault_rows"
    label = "fault_rows"

    def ready(self) -> None:
        if os.environ.get("FAULTS_PLANS"):
            _break_calls()
            _break_ledger()
            _break_commits()
            _break_nodes()


def _plan(run_id: object) -> tuple[Path, dict[str, Any]] | None:
    file = Path(os.environ["FAULTS_PLANS"]) / f"{run_id}.json"
    try:
        return file, json.loads(file.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def _pass(run_id: object, point: str) -> None:
    """Die here, if the plan of the run says so."""
    found = _plan(run_id)
    if found is None or found[1]["point"] != point:
        return
    with _lock:
        _passed[str(run_id)] = _passed.get(str(run_id), 0) + 1
        file, plan = found
        if _passed[str(run_id)] <= plan["skip"]:
            return
        if plan["times"] <= 1:
            file.rename(file.with_suffix(f".killed-{time.time():.3f}"))
        else:
            file.write_text(json.dumps({**plan, "times": plan["times"] - 1}))
        os.kill(os.getpid(), signal.SIGKILL)


def _around(module: object, name: str, make: Callable[[Callable[..., Any]], Any]) -> None:
    before = getattr(module, name)
    setattr(module, name, wraps(before)(make(before)))


def _break_calls() -> None:
    from observability.llm import attempt

    def once(before: Callable[..., Any]) -> Callable[..., Any]:
        def asked(question: Any, purpose: Any) -> Any:
            _doing.run = question.context.guarded_by or question.context.run_id
            try:
                return before(question, purpose)
            finally:
                _doing.run = None

        return asked

    def invoke(before: Callable[..., Any]) -> Callable[..., Any]:
        def invoked(*given: Any) -> Any:
            run = _run()
            _pass(run, "before the call")
            timer = threading.Timer(IN_CALL_SECONDS, lambda: _pass(run, "in the call"))
            timer.daemon = True
            timer.start()
            reply = before(*given)
            timer.cancel()
            _pass(run, "answered")
            return reply

        return invoked

    _around(attempt, "_once", once)
    _around(attempt, "_invoke", invoke)


def _break_ledger() -> None:
    from observability import ledger

    def hold(before: Callable[..., Any]) -> Callable[..., Any]:
        def held(*given: Any) -> Any:
            _pass(_run(), "before the hold")
            result = before(*given)
            _pass(_run(), "hold")
            return result

        return held

    def settle(before: Callable[..., Any]) -> Callable[..., Any]:
        def settled(*given: Any, **more: Any) -> Any:
            result = before(*given, **more)
            _pass(_run(), "settled")
            return result

        return settled

    _around(ledger, "hold", hold)
    _around(ledger, "settle", settle)
    _around(ledger, "_hold", lambda before: _in_step("[hold]", before))
    _around(ledger, "_book", lambda before: _in_step("[settled]", before))


def _run() -> UUID | None:
    return getattr(_doing, "run", None)


def _in_step(step: str, before: Callable[..., Any]) -> Callable[..., Any]:
    def stepped(*given: Any, **more: Any) -> Any:
        _doing.step, _doing.committed = step, False
        try:
            return before(*given, **more)
        finally:
            _doing.step = ""

    return stepped


def _break_commits() -> None:
    from django.db import InterfaceError
    from django.db.backends.base.base import BaseDatabaseWrapper

    real = BaseDatabaseWrapper.commit

    def commit(self: BaseDatabaseWrapper) -> None:
        step, run = getattr(_doing, "step", ""), _run()
        if not step or run is None:
            real(self)
            return
        _pass(run, step)
        real(self)
        if _is_unseen(run):
            self.close()
            raise InterfaceError("connection is lost")

    BaseDatabaseWrapper.commit = commit  # type: ignore[method-assign]


def _is_unseen(run: UUID) -> bool:
    """Whether this commit is kept from its caller: every other one of each step of a thread."""
    found = _plan(run)
    if found is None or found[1]["point"] != UNSEEN:
        return False
    if _doing.committed:  # a try after the one that was unseen
        return False
    _doing.committed = True
    turns: dict[str, bool] = _doing.__dict__.setdefault("turns", {})
    turns[_doing.step] = not turns.get(_doing.step, False)
    if turns[_doing.step]:
        with found[0].with_suffix(".unseen").open("a") as told:
            told.write(f"{_doing.step}\n")
    return turns[_doing.step]


def _break_nodes() -> None:
    from observability import node_costs
    from runs.graph.execution import Execution
    from runs.graph.nodes.decompose import Decompose

    def aggregate(before: Callable[..., Any]) -> Callable[..., Any]:
        def aggregated(account: Any, *given: Any, **more: Any) -> Any:
            result = before(account, *given, **more)
            _pass(account.run_id, "[node]")
            return result

        return aggregated

    def perform(before: Callable[..., Any]) -> Callable[..., Any]:
        def performed(self: Execution, *given: Any) -> Any:
            result = before(self, *given)
            _pass(self.run_id, "node")
            return result

        return performed

    def ask(before: Callable[..., Any]) -> Callable[..., Any]:
        def asked(self: Decompose, execution: Execution, iteration: int) -> Any:
            _pass(execution.run_id, IN_NODE)
            return before(self, execution, iteration)

        return asked

    _around(node_costs, "aggregate", aggregate)
    _around(Execution, "perform", perform)
    _around(Decompose, "ask", ask)
