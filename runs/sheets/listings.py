"""The lists that pages show and exports write: the same rows for the same filters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Exists, Max, Model, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from observability.models import LLMCall, QualityRecord
from observability.reports.asked import calls_behind, runs_behind
from reqplatform.errors import InvalidInput, NotFound
from reqplatform.teams.models import Project, User
from runs.models import (
    Allocation,
    QualityIssue,
    RequirementVersion,
    Run,
    TraceLink,
    VersionState,
)
from runs.reporting.asking import Words, cost_filter, period, quality_filter
from runs.sheets import money, results
from runs.sheets.asked import Asked
from runs.sheets.spec import RowSheet

AT_ONCE = 5_000  # rows that are written while a person waits; more are written by a task
RESULTS = (VersionState.PROPOSED, VersionState.ACCEPTED)  # what completed runs say

_OF_BOTH = frozenset(("days", "month", "first", "last", "subsystem", "person"))
_OF_COSTS = _OF_BOTH | {"node", "model", "source"}
_OF_QUALITY = _OF_BOTH | {"specification", "skill", "rule"}

SHOWN = ("traced", "gaps", "elsewhere")  # the lists of the page Trace

M = TypeVar("M", bound=Model)
Rows = Callable[[User, Project, Asked], "QuerySet[Any]"]
Loads = Callable[[User, Asked], tuple[Prefetch[Any], ...]]


@dataclass(frozen=True, slots=True)
class Listing:
    """`by`: what it can be narrowed down by. `needs_run`: it is a list of one run only."""

    row_sheet: RowSheet[Any]
    rows: Rows
    by: frozenset[str]
    order: tuple[str, ...]
    needs_run: bool = False
    with_rows: Loads | None = None  # what else is loaded, where it depends on the filter


def is_large(rows: "QuerySet[Any]") -> bool:
    """Whether there are more than AT_ONCE; counts no further than that."""
    return rows.order_by()[: AT_ONCE + 1].count() > AT_ONCE


def find(name: str) -> Listing:
    if name not in LISTINGS:
        raise NotFound(
            f"There is no list {name}. Lists that can be exported: {', '.join(LISTINGS)}."
        )
    return LISTINGS[name]


def resolved(user: User, project: Project, name: str, asked: Asked) -> Asked:
    """What was asked, checked, with the iteration that the pages show if none was named.

    Raises NotFound and InvalidInput.
    """
    listing = find(name)
    if foreign := set(asked.words()) - listing.by:
        raise InvalidInput(
            f"{listing.row_sheet.title} cannot be narrowed down by {', '.join(sorted(foreign))}, "
            f"but by {', '.join(sorted(listing.by)) or 'nothing'}.",
            field=min(foreign),
        )
    if _has_period(name, asked):
        days = period(project, _words(asked), timezone.now())  # the last 30 are others tomorrow
        fixed = {"first": days.first, "last": days.last, "days": None, "month": None}
        asked = asked.model_copy(update=fixed)
    if asked.run is None:
        if listing.needs_run or asked.iteration is not None:
            raise InvalidInput("Say of which run, by its id.", field="run")
        return asked
    run = Run.objects.for_user(user).filter(project=project, pk=asked.run).first()
    if run is None:
        raise NotFound("The project has no such run.")
    if asked.iteration is None and "iteration" in listing.by:
        asked = asked.model_copy(update={"iteration": _last(run)})
    return asked


def _has_period(name: str, asked: Asked) -> bool:
    """Calls are those of a cost report as soon as one word of it is said."""
    if name == money.CALLS.name:
        return bool(_OF_COSTS & set(asked.words()))
    return name == results.JUDGED.name


def _words(asked: Asked) -> Words:
    return Words(**{name: getattr(asked, name) for name in _OF_COSTS | _OF_QUALITY})


def _last(run: Run) -> int:
    """The last iteration that wrote requirements; 0 if none did."""
    return int(run.requirement_versions.aggregate(last=Max("iteration"))["last"] or 0)


def matching(rows: "QuerySet[RequirementVersion]", asked: Asked) -> "QuerySet[RequirementVersion]":
    """Of requirements: of a type, with a text or an identifier."""
    if asked.type:
        rows = rows.filter(type=asked.type)
    if asked.text:
        said = Q(text__icontains=asked.text) | Q(requirement__identifier__icontains=asked.text)
        rows = rows.filter(said)
    return rows


def in_trace(
    rows: "QuerySet[Allocation]", links: "QuerySet[TraceLink]", show: str | None
) -> "QuerySet[Allocation]":
    """Of allocations: those with children, those without, or those of other subsystems."""
    if show == "elsewhere":
        return rows.filter(allocated=False)
    traced = Exists(links.filter(parent=OuterRef("source")))
    return rows.filter(~traced if show == "gaps" else traced, allocated=True)


def _requirements(user: User, project: Project, asked: Asked) -> "QuerySet[Any]":
    rows = RequirementVersion.objects.for_user(user).filter(requirement__project=project)
    if asked.run:
        rows = rows.filter(run=asked.run, iteration=asked.iteration or 0)
    else:
        rows = rows.filter(status__in=RESULTS)
    return matching(rows, asked)


def _trace(user: User, project: Project, asked: Asked) -> "QuerySet[Any]":
    links = TraceLink.objects.for_user(user).filter(
        child__run=asked.run, child__iteration=asked.iteration or 0
    )
    rows = Allocation.objects.for_user(user).filter(run__project=project, run=asked.run)
    return in_trace(rows, links, asked.show).prefetch_related(*_children(user, asked))


def _children(user: User, asked: Asked) -> tuple[Prefetch[Any], ...]:
    """Of the sources in this iteration of the run."""
    links = TraceLink.objects.for_user(user).filter(
        child__run=asked.run, child__iteration=asked.iteration or 0
    )
    children = links.select_related("child__requirement").order_by("child__ordinal")
    return (Prefetch("source__trace_links", queryset=children, to_attr="children"),)


def _issues(user: User, project: Project, asked: Asked) -> "QuerySet[Any]":
    rows = QualityIssue.objects.for_user(user).filter(
        run__project=project, run=asked.run, iteration=asked.iteration or 0
    )
    chosen = {"severity": asked.severity, "source": asked.source, "rule": asked.rule}
    return rows.filter(**{name: value for name, value in chosen.items() if value})


def _quality(user: User, project: Project, asked: Asked) -> "QuerySet[Any]":
    rows: QuerySet[Any] = QualityRecord.objects.for_user(user).filter(project=project)
    return rows.filter(run=asked.run) if asked.run else rows


def _runs(user: User, project: Project, asked: Asked) -> "QuerySet[Any]":
    rows: QuerySet[Any] = Run.objects.for_user(user).filter(project=project)
    if asked.status:
        rows = rows.filter(status=asked.status)
    if asked.subsystem is None:
        return rows
    if asked.subsystem.isdecimal():
        return rows.filter(subsystem=int(asked.subsystem[:18]))
    return rows.filter(subsystem__code=asked.subsystem.upper())


def _calls(user: User, project: Project, asked: Asked) -> "QuerySet[Any]":
    """Of a run: its own calls. What reading the specification cost belongs to the revision.

    As soon as one word of a cost report is said they are those behind its figures, in its period.
    """
    rows: QuerySet[Any] = LLMCall.objects.for_user(user).filter(project=project)
    if _has_period(money.CALLS.name, asked):
        asked_of = cost_filter(project, _words(asked), timezone.now())
        rows = calls_behind(asked_of).for_user(user)  # type: ignore[attr-defined]
    return rows.filter(run=asked.run) if asked.run else rows


def _judged(user: User, project: Project, asked: Asked) -> "QuerySet[Any]":
    """Those behind the figures of a quality report, each by its latest result."""
    asked_of = quality_filter(project, _words(asked), timezone.now())
    rows: QuerySet[Any] = runs_behind(asked_of).for_user(user)  # type: ignore[attr-defined]
    return rows


def _of_run(*names: str) -> frozenset[str]:
    return frozenset({"run", *names})


LISTINGS: dict[str, Listing] = {
    listing.row_sheet.name: listing
    for listing in (
        Listing(results.RUNS, _runs, frozenset({"status", "subsystem"}), ("-pk",)),
        Listing(money.CALLS, _calls, _of_run(*_OF_COSTS), ("-created_at", "-pk")),
        Listing(results.QUALITY, _quality, _of_run(), ("pk",)),
        Listing(results.JUDGED, _judged, _OF_QUALITY, ("-judged_at", "-run_id")),
        Listing(
            results.VERSIONS,
            _requirements,
            _of_run("iteration", "type", "text"),
            ("run_id", "iteration", "ordinal"),
        ),
        Listing(
            results.TRACE,
            _trace,
            _of_run("iteration", "show"),
            ("source__ordinal", "pk"),
            True,
            _children,
        ),
        Listing(
            results.ISSUES,
            _issues,
            _of_run("iteration", "severity", "source", "rule"),
            ("pk",),
            True,
        ),
    )
}

OF_MODELS: dict[type[Model], RowSheet[Any]] = {
    row_sheet.model: row_sheet
    for row_sheet in (
        *(listing.row_sheet for listing in LISTINGS.values()),
        money.NODE_COSTS, money.WINDOWS, money.PROFILES, money.ALERTS,
        results.IDENTITIES, results.SOURCES, results.LINKS, results.SUBSYSTEMS,
    )
    if row_sheet is not results.TRACE  # its children are those of one run
}  # fmt: skip
