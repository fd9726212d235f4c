"""The one event loop that models are asked on: a thread per process, so that a call can be stopped.

The asynchronous client of an SDK belongs to the loop that first used it; with a single loop per
process, every model that `observability.llm.providers` keeps belongs to this one. The thread is
made by the first call, a forked process makes its own, and it dies with the process without
holding up its end, whatever is still in flight.
"""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, TypeVar

from observability.llm.errors import CallCancelled

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import RunnableConfig

Result = TypeVar("Result")

POLL = 0.25  # seconds between two looks at `cancelled`
CLOSING = 1.0  # seconds that a stopped call gets to close its connection


class CancelledInFlight(CallCancelled):
    """The call was stopped after it was sent: nobody knows whether it costs something."""


class Unwatched(Exception):  # noqa: N818
    """The call was stopped because nobody can say whether it is still wanted: see its cause."""


class DeadlinePassed(TimeoutError):  # noqa: N818 - read as a sentence where it is raised
    """No answer within the profile's timeout and a little more, so the call was stopped."""


class _DaemonThreads(ThreadPoolExecutor):
    """What the loop hands to threads (name look-ups, LangChain's parsing) must not hold up the end
    of the process either; a ThreadPoolExecutor's own threads are joined there.
    """

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> "Future[Result]":
        future: Future[Result] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - handed on to whoever waits for it
                future.set_exception(error)

        threading.Thread(target=work, name="model-call-helper", daemon=True).start()
        return future


_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_inherited: list[asyncio.AbstractEventLoop | None] = []


def _forget() -> None:
    """A forked process has its parent's loop without the thread that runs it.

    It is kept, because closing it would reach into the selector that the parent still waits on.
    """
    global _lock, _loop
    _lock = threading.Lock()
    _inherited.append(_loop)
    _loop = None


os.register_at_fork(after_in_child=_forget)


def ask(
    model: "BaseChatModel",
    messages: Sequence[tuple[str, str]],
    config: "RunnableConfig",
    cancelled: Callable[[], bool],
    timeout: float,
) -> "AIMessage":
    """The model's answer. `timeout` in seconds is the profile's, which the SDK keeps to as well.

    `cancelled` is asked in the calling thread every quarter of a second. When it says so, the call
    is stopped at once and CancelledInFlight is raised, unless the answer had just arrived. Raises
    DeadlinePassed for an answer that trickles in for too long, Unwatched from an error in
    `cancelled`, and whatever the SDK raises: see `observability.llm.failures`.
    """
    call = _Call(model.ainvoke(list(messages), config=config))
    deadline = time.monotonic() + longest(timeout)
    try:
        while not call.ended(min(POLL, max(0.0, deadline - time.monotonic()))):
            if _is_over(cancelled) and call.stop():
                raise CancelledInFlight("The run was cancelled while a model was answering.")
            if time.monotonic() >= deadline and call.stop():
                raise DeadlinePassed(f"The answer was not complete after {timeout:g} seconds.")
    except BaseException:
        call.stop()
        raise
    return call.result()


def longest(timeout: float) -> float:
    """Seconds that a call is waited for: its timeout, and time for the SDK to give up by itself
    first, with an error that says more."""
    return timeout + 2 + timeout / 20


def _is_over(cancelled: Callable[[], bool]) -> bool:
    try:
        return cancelled()
    except Exception as error:
        raise Unwatched(f"The call was stopped: {type(error).__name__}: {error}") from error


class _Call:
    """A request on the loop, from the side of the thread that waits for it."""

    def __init__(self, request: "Coroutine[Any, Any, AIMessage]") -> None:
        self._closed = threading.Event()
        self._future = asyncio.run_coroutine_threadsafe(self._run(request), running())

    async def _run(self, request: "Coroutine[Any, Any, AIMessage]") -> "AIMessage":
        try:
            return await request
        finally:
            self._closed.set()

    def ended(self, seconds: float) -> bool:
        """Whether the call has ended, after this time at the latest."""
        return bool(wait([self._future], timeout=seconds).done)

    def stop(self) -> bool:
        """End the call. False if it had ended by itself, so that its answer is there."""
        if self._future.cancelled():
            return True
        if not self._future.cancel():
            return False
        self._closed.wait(CLOSING)
        return True

    def result(self) -> "AIMessage":
        return self._future.result()


def running() -> asyncio.AbstractEventLoop:
    """The loop of this process, started if it was not yet."""
    global _loop
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            _loop.set_default_executor(_DaemonThreads())
            threading.Thread(target=_run, args=(_loop,), name="model-calls", daemon=True).start()
        return _loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
