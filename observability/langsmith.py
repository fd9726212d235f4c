"""Telling LangSmith of calls, and saying whether it is told.

A call's id is the id of its run in LangSmith, so both sides' figures match exactly. LangSmith can
be dead or slow without anything here waiting for it: the SDK's threads end with the process, and
`flush` has a limit. The SDK is loaded by the first call that is traced, so web processes do not
load it. What LangSmith answers is read in `observability.traces`.
"""

import logging
import os
import re
import threading
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.conf import settings

from observability.models import LLMCall
from observability.telemetry import names
from reqplatform.tracing import Tracing

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langsmith import Client

CONNECT_SECONDS, READ_SECONDS = 2, 5
HEURISTIC = "Heuristic (±30%)"  # stands beside every total with an estimated part

_BATCH_BYTES = 20_000_000  # what LangSmith takes in one request
_SECRET = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD)$")
_SHORTEST_SECRET = 8  # characters; what is shorter may be a word

log = logging.getLogger(__name__)
_lock = threading.Lock()
_clients: "dict[Tracing, Client]" = {}  # one at most


class Mode(StrEnum):
    """Whether there is a second account of what calls used."""

    LANGSMITH = "LangSmith tracing"
    HEURISTIC = "heuristic"


def tracing() -> Tracing:
    """What the environment said when the process began."""
    found: Tracing = settings.TRACING
    return found


def is_on() -> bool:
    return tracing().enabled


def mode() -> Mode:
    return Mode.LANGSMITH if is_on() else Mode.HEURISTIC


def mode_line() -> str:
    """The mode and its reason, for start-up, a run's header and reports."""
    found = tracing()
    where = f"; project {found.project} at {found.endpoint}" if found.enabled else ""
    return f"{mode()}: {found.reason}{where}"


def better_figures() -> str:
    """The note beside HEURISTIC: why a total has it, and what to do about it."""
    why = "Some answers came without usage, so their tokens were estimated from the text."
    exact = "a model whose server reports usage gives exact ones"
    if is_on():
        return f"{why} LangSmith's figures are shown beside ours; {exact}."
    return f"{why} For better figures set LANGSMITH_TRACING=true and LANGSMITH_API_KEY; {exact}."


def tracing_config(call: LLMCall) -> "RunnableConfig":
    """What a chat model is to be invoked with for this call: its id, and a tracer if tracing is on.

    The model must be invoked bare: in front of a pipe or a parser, the id lands on the chain.
    """
    client = _client()
    if client is None:
        return {"run_id": call.pk}
    from langchain_core.tracers.langchain import LangChainTracer

    return {
        "run_id": call.pk,
        "run_name": call.get_node_display(),
        "callbacks": [LangChainTracer(project_name=tracing().project, client=client)],
        "metadata": _metadata(call),
    }


def _metadata(call: LLMCall) -> dict[str, Any]:
    """`thread_id` is LangSmith's name for what belongs together: here, a run or an extraction."""
    told = {
        "thread_id": str(call.run_id or f"extraction-{call.extraction_id}"),
        "project": call.project_id,
        "run": str(call.run_id or ""),
        "extraction": call.extraction_id,
        "node": str(call.node),
        "iteration": call.iteration,
        "ordinal": call.ordinal,
        "skill": call.skill,
        **names.of_call(call),
    }
    return {name: value for name, value in told.items() if value not in ("", None)}


def prepare() -> None:
    """Let what LangGraph tells LangSmith by itself go the same way. Call it before the graph."""
    _client()


def flush(timeout: float = 3.0) -> bool:
    """Wait until LangSmith was told of all calls, for `timeout` seconds at most.

    False if something is still to be told. It will be, if LangSmith answers before the process
    ends; if not, it is lost to LangSmith, and the ledger has it all the same.
    """
    client = _clients.get(tracing())
    if client is None or client.tracing_queue is None:
        return True
    client.flush(timeout=timeout)
    return not client.tracing_queue.unfinished_tasks


def _client() -> "Client | None":
    """The client of this process, or None where tracing is off or cannot be set up."""
    found = tracing()
    if not found.enabled:
        return None
    import langsmith
    from langsmith.utils import LangSmithError

    with _lock:
        if found not in _clients:
            try:
                client = _new_client(found)
            except (LangSmithError, ValueError) as error:  # a variable of the SDK's own is wrong
                log.warning("Calls are not traced in LangSmith: %s", error)
                return None
            _clients.clear()
            _clients[found] = client
            langsmith.configure(client=client)
        return _clients[found]


def _new_client(found: Tracing) -> "Client":
    """A client that does not ask what the server is able to do, and gives a dead one up soon.

    `omit_traced_runtime_info` leaves the environment's other variables out of traces, and
    `anonymizer` takes its secrets out of what errors and answers quote.
    """
    from langsmith import Client
    from langsmith.schemas import LangSmithInfo
    from urllib3 import Retry

    logging.getLogger("langsmith.client").setLevel(logging.ERROR)  # it writes parts of the key
    return Client(
        api_url=found.endpoint,
        api_key=os.environ.get(found.api_key_from, ""),
        timeout_ms=(CONNECT_SECONDS * 1000, READ_SECONDS * 1000),
        retry_config=Retry(
            total=2,
            connect=0,
            read=False,
            status_forcelist=[429, 500, 502, 503, 504],
            backoff_factor=0.5,
            allowed_methods=None,
            raise_on_status=False,
            respect_retry_after_header=False,
        ),
        info=LangSmithInfo(),
        max_batch_size_bytes=_BATCH_BYTES,
        omit_traced_runtime_info=True,
        anonymizer=_anonymizer(),
        tracing_error_callback=_Complaint(found),
    )


def _anonymizer() -> Any:
    from langsmith.anonymizer import create_anonymizer

    named = {value for name, value in os.environ.items() if _SECRET.search(name.upper())}
    secrets = {value for value in named | {settings.SECRET_KEY} if len(value) >= _SHORTEST_SECRET}
    longest_first = sorted(secrets, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(secret) for secret in longest_first))
    return create_anonymizer([{"pattern": pattern, "replace": "[secret]"}], max_depth=24)


class _Complaint:
    """One line in the log when LangSmith cannot be told, not one for every batch."""

    def __init__(self, found: Tracing) -> None:
        self._found = found
        self._made = False

    def __call__(self, error: Exception) -> None:
        if not self._made:
            self._made = True
            reason = why(error, self._found)
            log.warning("LangSmith is not told of calls. %s Runs go on without it.", reason)


def why(error: Exception, found: Tracing) -> str:
    """A sentence on what went wrong, by the error's class: the SDK's own holds parts of the key."""
    import langsmith
    import requests
    from langsmith import utils

    no_entry = (
        utils.LangSmithAuthError,
        langsmith.AuthenticationError,
        langsmith.PermissionDeniedError,
    )
    if isinstance(error, no_entry):
        return f"LangSmith refused the key in {found.api_key_from or 'LANGSMITH_API_KEY'}."
    if isinstance(error, langsmith.NotFoundError):
        return "This LangSmith server cannot be asked for runs: it must be version 0.16 or later."
    no_answer = utils.LangSmithConnectionError, requests.Timeout, langsmith.APIConnectionError
    if isinstance(error, no_answer):
        return f"LangSmith cannot be reached at {found.endpoint}."
    return f"LangSmith at {found.endpoint} answered with an error ({type(error).__name__})."


def _forget() -> None:
    """A forked process has its parent's client without the threads that serve it."""
    global _lock
    _lock = threading.Lock()
    _clients.clear()


os.register_at_fork(after_in_child=_forget)
