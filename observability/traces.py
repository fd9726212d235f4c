"""What LangSmith says of calls: its figures, and where to look at them.

Everything here asks LangSmith over the network and gives up within seconds, with a sentence instead
of an error. None of it belongs in a database transaction or in the making of a page.

The SDK (langsmith 0.15) has these questions three times: `Client.list_runs` and `read_run`, which
end in January 2027; `Client.runs`, which is for coroutines and asks for the server's version each
time; and `Langsmith.runs`, its synchronous form, which is used here.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID

from observability.langsmith import CONNECT_SECONDS, READ_SECONDS, tracing, why
from observability.models import LLMCall
from observability.money import to_nusd
from observability.tokens import Usage
from reqplatform import env
from reqplatform.tracing import Tracing

if TYPE_CHECKING:
    from langsmith import Langsmith
    from langsmith.schemas import TracerSessionResult
    from langsmith.types.run import Run as Trace
    from langsmith.types.run_select_field import RunSelectField

_AT_ONCE = 100  # calls in one question
_EARLIER = timedelta(hours=1)  # by which LangSmith's clock may be behind ours
_FIGURES: "list[RunSelectField]" = [
    "ID",
    "STATUS",
    "PROMPT_TOKENS",
    "COMPLETION_TOKENS",
    "PROMPT_TOKEN_DETAILS",
    "COMPLETION_TOKEN_DETAILS",
    "TOTAL_COST",
]


@dataclass(frozen=True, slots=True)
class Figures:
    """What LangSmith counted of one call. No cost: it knows no price of the model."""

    usage: Usage
    cost_nusd: int | None


@dataclass(frozen=True, slots=True)
class Reconciled:
    """LangSmith's figures by call id; None for a call it does not know, or not to its end.

    failed: calls whose trace ended in an error. They have no figures and never will: the trace of
        an error says nothing of what the provider charges.
    problem: why LangSmith could not be asked, as a sentence; what it had said before stands.
    """

    figures: Mapping[UUID, Figures | None]
    failed: frozenset[UUID] = frozenset()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An address in LangSmith, or a sentence why there is none."""

    url: str = ""
    problem: str = ""


class _NoAnswer(Exception):  # noqa: N818 - read as a sentence where it is raised
    """LangSmith could not be asked. The message is a sentence for a reader."""


def reconcile(calls: Sequence[LLMCall]) -> Reconciled:
    """What LangSmith counted of these calls."""
    figures: dict[UUID, Figures | None] = {call.pk: None for call in calls}
    failed: set[UUID] = set()
    problem = ""
    try:
        project = _project() if calls else None
        if project is not None:
            for start in range(0, len(calls), _AT_ONCE):
                for trace in _traces(project, calls[start : start + _AT_ONCE], _FIGURES):
                    figures[UUID(trace.id)] = _figures(trace)
                    if trace.status == "ERROR":
                        failed.add(UUID(trace.id))
    except _NoAnswer as reason:
        problem = str(reason)
    return Reconciled(figures, frozenset(failed), problem)


def link_to_call(call: LLMCall) -> Link:
    """The call's trace. Three questions at most: for a click on a link, not for showing it."""
    try:
        project = _project()
        found = list(_traces(project, [call], ["ID", "TRACE_ID"])) if project else []
        if project is None or not found:
            return Link(problem="LangSmith does not know this call, or not yet.")
        with _asking() as reader:
            told = reader.runs.get_url(
                str(call.pk), project_id=str(project.id), trace_id=found[0].trace_id or ""
            )
    except _NoAnswer as reason:
        return Link(problem=str(reason))
    return Link(told.url or f"{project.url}/r/{call.pk}")


def link_to_run(run_id: UUID) -> Link:
    """The traces of a run: a search in LangSmith. One question, the first time; for a click."""
    belongs = f'and(eq(metadata_key, "thread_id"), eq(metadata_value, "{run_id}"))'
    search = json.dumps({"filter": f"and(eq(is_root, true), {belongs})"})
    try:
        project = _project()
    except _NoAnswer as reason:
        return Link(problem=str(reason))
    if project is None:
        return Link(problem="LangSmith was not told of any call, or not yet.")
    return Link(f"{project.url}?searchModel={quote(search)}")


def _project() -> "TracerSessionResult | None":
    """LangSmith's record of our project, or None as long as it was told of no call."""
    from langsmith.utils import LangSmithNotFoundError

    with _translated():
        try:
            return _found_project(tracing())
        except LangSmithNotFoundError:
            return None


@lru_cache(maxsize=4)  # a project keeps its id; that there is none yet is not remembered
def _found_project(found: Tracing) -> "TracerSessionResult":
    from langsmith import Client
    from langsmith.schemas import LangSmithInfo
    from urllib3 import Retry

    client = Client(
        api_url=found.endpoint,
        api_key=os.environ.get(found.api_key_from, ""),
        timeout_ms=(CONNECT_SECONDS * 1000, READ_SECONDS * 1000),
        retry_config=Retry(total=0, read=False, raise_on_status=False),
        info=LangSmithInfo(),
        auto_batch_tracing=False,
    )
    try:
        project: TracerSessionResult = client.read_project(project_name=found.project)
        return project
    finally:
        client.close(timeout=0)


def _traces(
    project: "TracerSessionResult", calls: Sequence[LLMCall], fields: "list[RunSelectField]"
) -> "Iterator[Trace]":
    """Those of these calls that LangSmith knows. It looks no further back than it is told to."""
    with _asking() as reader:
        yield from reader.runs.query(
            project_ids=[str(project.id)],
            ids=[str(call.pk) for call in calls],
            min_start_time=min(call.created_at for call in calls) - _EARLIER,
            page_size=_AT_ONCE,
            selects=fields,
        )


@contextmanager
def _asking() -> "Iterator[Langsmith]":
    from langsmith import Langsmith, Timeout

    with _translated():
        found = tracing()
        workspace = env.text("LANGSMITH_WORKSPACE_ID") or env.text("LANGCHAIN_WORKSPACE_ID")
        with Langsmith(
            api_key=os.environ.get(found.api_key_from) or "none",  # it insists on one
            tenant_id=workspace or None,
            base_url=re.sub(r"/api(/v1)?$", "", found.endpoint),
            timeout=Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            max_retries=0,
        ) as reader:
            yield reader


@contextmanager
def _translated() -> Iterator[None]:
    """Raise _NoAnswer for whatever keeps LangSmith from answering."""
    if not tracing().enabled:
        raise _NoAnswer(f"There are no traces: {tracing().reason}.")
    from langsmith import LangsmithError
    from langsmith.utils import LangSmithError
    from requests import RequestException

    # AttributeError is what becomes of a web page where the SDK expects JSON, such as a proxy's.
    told = LangsmithError, LangSmithError, RequestException, ValueError, AttributeError
    try:
        yield
    except told as error:
        raise _NoAnswer(why(error, tracing())) from error


def _figures(trace: "Trace") -> Figures | None:
    """Unknown is never $0: tokens that cost nothing are tokens that LangSmith has no price for."""
    if trace.status != "SUCCESS" or not (trace.prompt_tokens or trace.completion_tokens):
        return None
    cost = to_nusd(Decimal(str(trace.total_cost))) if trace.total_cost else None
    return Figures(_usage(trace), cost)


def _usage(trace: "Trace") -> Usage:
    """LangSmith's tokens in our buckets. Its details are named as LangChain names them."""
    asked = (trace.prompt_token_details and trace.prompt_token_details.raw) or {}
    answered = (trace.completion_token_details and trace.completion_token_details.raw) or {}
    hour = asked.get("ephemeral_1h_input_tokens", 0)
    parts = hour + asked.get("ephemeral_5m_input_tokens", 0)
    # LangChain's total of what was written to a cache is 0 beside its two parts.
    written = max(asked.get("cache_creation", 0), asked.get("cache_write", 0), parts)
    read, reasoning = asked.get("cache_read", 0), answered.get("reasoning", 0)
    return Usage(
        input_fresh=max((trace.prompt_tokens or 0) - read - written, 0),
        cache_read=read,
        cache_write=written - hour,
        cache_write_1h=hour,
        output=max((trace.completion_tokens or 0) - reasoning, 0),
        reasoning=reasoning,
    )
