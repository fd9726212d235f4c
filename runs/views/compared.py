"""Runs beside one another, models on the same specification, and what all of it took in energy."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from observability.models import Node, RunFigures
from observability.reports.comparison import RouteScore, RunColumn, compare_routes, compare_runs
from observability.reports.cost import Part
from observability.reports.energy import energy as energy_report
from observability.rollups.measures import DIMENSIONS
from reqplatform.teams.views.access import MemberRequest, project_of, signed_in
from runs.models import Run
from runs.reporting.names import Names, revisions
from runs.views.report_filters import ask_cost, ask_quality
from runs.views.report_links import Links
from runs.views.reports import shown_report

MOST_COLUMNS = 6
OFFERED = 30


@dataclass(frozen=True, slots=True)
class Column:
    run: Run
    figures: RunColumn


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of all runs; `kind` says how it is written."""

    label: str
    kind: str
    values: tuple[Any, ...]


@require_safe
@signed_in
def runs(request: MemberRequest, slug: str) -> HttpResponse:
    """Up to six runs of a project, chosen from its latest."""
    project = project_of(request, slug)
    asked = _ids(request.GET.getlist("run"))
    known: QuerySet[RunFigures] = RunFigures.objects.for_user(request.user).filter(project=project)
    chosen = compare_runs(known, asked[:MOST_COLUMNS])
    latest = known.order_by("-begun_at").values_list("run_id", flat=True)[:OFFERED]
    ids = {column.run_id for column in chosen} | set(latest)
    rows = Run.objects.for_user(request.user).filter(pk__in=ids)
    by_id = rows.select_related("subsystem", "revision__specification", "project").in_bulk()
    columns = [Column(by_id[one.run_id], one) for one in chosen]
    context = {
        "columns": columns,
        "lines": _lines(columns) if columns else [],
        "nodes": _nodes(columns),
        "offered": sorted(by_id.values(), key=lambda run: run.created_at, reverse=True),
        "chosen": {column.run.pk for column in columns},
        "too_many": len(asked) > MOST_COLUMNS,
        "missing": len(asked[:MOST_COLUMNS]) - len(columns),
        "most": MOST_COLUMNS,
    }
    return shown_report(request, project, "runs", context)


def _ids(words: Iterable[str]) -> list[UUID]:
    """Each once; what is no identifier is no run."""
    found = []
    for word in words:
        try:
            found.append(UUID(word))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def _lines(columns: Sequence[Column]) -> list[Line]:
    def line(label: str, kind: str, read: Callable[[RunFigures], Any]) -> Line:
        return Line(label, kind, tuple(read(one.figures.figures) for one in columns))

    def summed(label: str, kind: str, read: Callable[[RunColumn], Any]) -> Line:
        return Line(label, kind, tuple(read(one.figures) for one in columns))

    scores = [line(name.capitalize(), "score", attrgetter(name)) for name in DIMENSIONS]
    return [
        *(one for one in scores if any(value is not None for value in one.values)),
        line("Threshold", "score", lambda row: row.threshold),
        line("Iterations", "whole", lambda row: row.iterations),
        line("Allocated", "whole", lambda row: row.allocated),
        line("Requirements", "whole", lambda row: row.requirements),
        line("Findings", "whole", lambda row: row.findings),
        line("of them critical", "whole", lambda row: row.critical),
        summed("Calls", "whole", lambda row: row.sum.calls),
        summed("Tokens", "whole", lambda row: row.sum.tokens),
        summed("Waited for answers", "time", lambda row: row.sum.busy_ms),
        summed("Cost", "money", lambda row: row.sum.cost_nusd),
        summed("Energy", "energy", lambda row: row.sum.energy),
        line("Models", "text", lambda row: row.route),
        line("Skills", "text", lambda row: row.skills),
    ]


def _nodes(columns: Sequence[Column]) -> list[tuple[str, tuple[Any, ...]]]:
    """By agent: what each run's calls of it come to, None without any."""
    found = []
    for node in Node:
        sums = tuple(
            next((part.sum for part in one.figures.nodes if part.node == node), None)
            for one in columns
        )
        if any(sums):
            found.append((str(node.label), sums))
    return found


# Models


@require_safe
@signed_in
def models(request: MemberRequest, slug: str) -> HttpResponse:
    """Revisions that more than one set of models worked on."""
    project = project_of(request, slug)
    question = ask_quality(request.GET, project, timezone.now())
    found = compare_routes(question.asked)
    titles = revisions({one.revision for one in found})
    groups: dict[UUID, list[RouteScore]] = {}
    for one in found:
        groups.setdefault(one.revision, []).append(one)
    context = {"groups": [(titles.get(key, ""), rows) for key, rows in groups.items()]}
    return shown_report(request, project, "models", context, question)


# Energy


@require_safe
@signed_in
def energy(request: MemberRequest, slug: str) -> HttpResponse:
    """What models are estimated to have used, by model, agent and subsystem."""
    project = project_of(request, slug)
    question = ask_cost(request.GET, project, timezone.now())
    report, names = energy_report(question.asked), Names.of(project)
    links = Links(project, names)
    groups = [
        ("Model", _labelled(report.by_model, str, links)),
        ("Agent", _labelled(report.by_node, lambda key: str(key.label), links)),
        ("Subsystem", _labelled(report.by_subsystem, names.subsystem, links)),
    ]
    context = {"report": report, "groups": groups}
    return shown_report(request, project, "energy", context, question)


def _labelled(
    parts: Iterable[Part], label: Callable[[Any], str], links: Links
) -> list[tuple[str, Part, str]]:
    return [(label(part.key), part, links.calls(part.behind)) for part in parts]
