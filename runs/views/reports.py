"""A project's reports: what was spent, how good results are, how subsystems compare.

Every figure is of `observability.reports`, as in the API, in files and on the command line, and
leads to the calls or runs that it was made from.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from observability.models.rollup import RELEASED
from observability.reports.asked import PERIODS, Period, today
from observability.reports.comparison import Compared, comparison
from observability.reports.cost import CostReport, Part, by_project, cost
from observability.reports.quality import QualityReport, quality
from observability.reports.sums import Sum
from observability.rollups.measures import DIMENSIONS
from observability.shown import costs_are_shown, short_source
from reqplatform.teams.models import Project
from reqplatform.teams.templatetags.navigation import Tab
from reqplatform.teams.views.access import MemberRequest, project_of, signed_in
from runs.reporting.ahead import budgets_of
from runs.reporting.bundles import TYPES
from runs.reporting.making import offered
from runs.reporting.names import Names
from runs.reporting.spending import due_note
from runs.views.report_charts import cost_chart, cost_stack, trend_chart
from runs.views.report_filters import Question, ask_cost, ask_quality
from runs.views.report_links import Links

REPORTS = (
    ("cost", "Cost", "runs:cost_report"),
    ("quality", "Quality", "runs:quality_report"),
    ("subsystems", "Subsystems", "runs:subsystem_report"),
    ("runs", "Runs", "runs:compare_runs"),
    ("models", "Models", "runs:model_report"),
    ("energy", "Energy", "runs:energy_report"),
    ("mails", "By mail", "runs:report_mails"),
)
_COSTS_HIDDEN = "Costs are hidden on this installation."


def report_tabs(project: Project, current: str) -> list[Tab]:
    """The reports of a project; none about costs where these are hidden."""
    return [
        Tab(label, reverse(name, args=[project.slug]), key == current)
        for key, label, name in REPORTS
        if key != "cost" or costs_are_shown()
    ]


def shown_report(
    request: HttpRequest,
    project: Project,
    current: str,
    context: dict[str, Any],
    question: Question[Any] | None = None,
) -> HttpResponse:
    """The page of one report. A question that made no sense is answered with status 400."""
    frame = {
        "project": project,
        "section": "reports",
        "report_tabs": report_tabs(project, current),
        "current": current,
        "question": question,
        "shows_costs": costs_are_shown(),
        "files": _files(project, current, request.GET.urlencode()),
    }
    status = 400 if question is not None and question.form.errors else 200
    return render(request, f"runs/reports/{current}.html", frame | context, status=status)


def _files(project: Project, current: str, query: str) -> list[tuple[str, str]]:
    """Formats of the report with their addresses."""
    if current not in offered():
        return []
    urls = (
        (style, reverse("runs:report_file", args=[project.slug, current, style])) for style in TYPES
    )
    return [(style, f"{url}?{query}") for style, url in urls]


def require_costs() -> None:
    if not costs_are_shown():
        raise Http404(_COSTS_HIDDEN)


@require_safe
@signed_in
def index(request: MemberRequest, slug: str) -> HttpResponse:
    project = project_of(request, slug)
    first = "runs:cost_report" if costs_are_shown() else "runs:quality_report"
    return redirect(first, project.slug)


# Cost


@dataclass(frozen=True, slots=True)
class PartRow:
    label: str
    part: Part
    url: str
    only: str  # the address of this report for the part alone


@require_safe
@signed_in
def cost_report(request: MemberRequest, slug: str) -> HttpResponse:
    project = project_of(request, slug)
    require_costs()
    now = timezone.now()
    question = ask_cost(request.GET, project, now)
    report, names = cost(question.asked), Names.of(project)
    links, by = Links(project, names), request.GET.get("stack", "")
    stack = cost_stack(report, by)
    context = {
        "report": report,
        "due": due_note(report.due),
        "stack": stack,
        "by": "model" if by == "model" else "agent",
        "chart": cost_chart(stack, report),
        "groups": _groups(report, names, links),
        "begun_url": links.begun(question.asked),
        "calls_url": links.calls(question.asked),
        "recent": [
            (row, names.subsystem(row.subsystem), names.person(row.person)) for row in report.recent
        ],
        "budgets": budgets_of(project, now),
    }
    return shown_report(request, project, "cost", context, question)


def _groups(report: CostReport, names: Names, links: Links) -> list[tuple[str, str, list[PartRow]]]:
    """The parts of a cost report: a word for the address, a title, and the rows."""

    def rows(parts: Iterable[Part], label: Callable[[Any], str]) -> list[PartRow]:
        return [
            PartRow(label(part.key), part, links.calls(part.behind), links.cost(part.behind))
            for part in parts
        ]

    return [
        ("node", "Agent", rows(report.by_node, lambda key: str(key.label))),
        ("model", "Model", rows(report.by_model, str)),
        ("subsystem", "Subsystem", rows(report.by_subsystem, names.subsystem)),
        ("person", "Person", rows(report.by_person, names.person)),
        ("source", "Source of the cost", rows(report.by_source, source_label)),
    ]


def source_label(key: str) -> str:
    return "released, at no cost" if key == RELEASED else short_source(key)


# Quality


@require_safe
@signed_in
def quality_report(request: MemberRequest, slug: str) -> HttpResponse:
    project = project_of(request, slug)
    question = ask_quality(request.GET, project, timezone.now())
    report, names = quality(question.asked), Names.of(project)
    links = Links(project, names)
    threshold = float(project.quality_threshold)
    context = {
        "report": report,
        "due": due_note(report.due),
        "days": [(point, links.judged(point.behind)) for point in report.days],
        "versions": _versions(report, links),
        "chart": trend_chart(report.days, threshold=threshold),
        "findings": [(row, links.judged(row.behind)) for row in report.findings],
        "judged_url": links.judged(question.asked),
        "recent": [
            (row, names.subsystem(row.subsystem), names.person(row.person)) for row in report.recent
        ],
        "threshold": threshold,
    }
    return shown_report(request, project, "quality", context, question)


def _versions(report: QualityReport, links: Links) -> list[tuple[str, Any, dict[str, Any]]]:
    """By skill: its versions with their addresses, and a chart if there are several."""
    skills: dict[str, list[Any]] = {}
    for point in report.versions:
        skills.setdefault(point.key.partition("@")[0], []).append(point)
    return [
        (
            slug,
            [(point, links.judged(point.behind)) for point in points],
            trend_chart(points) if len(points) > 1 else {},
        )
        for slug, points in skills.items()
    ]


# Subsystems


@dataclass(frozen=True, slots=True)
class Heat:
    """A cell of the heat table. `step`: 0, the worst, to 9; None without a score."""

    score: Any
    step: int | None
    url: str


@dataclass(frozen=True, slots=True)
class ComparedRow:
    label: str
    row: Compared
    cells: tuple[Heat, ...]
    url: str


@require_safe
@signed_in
def subsystem_report(request: MemberRequest, slug: str) -> HttpResponse:
    project = project_of(request, slug)
    question = ask_quality(request.GET, project, timezone.now())
    report, names = comparison(question.asked), Names.of(project)
    links = Links(project, names)
    with_domain = any(row.score("domain") for row in report.rows)
    dimensions = [name for name in DIMENSIONS if name != "domain" or with_domain]
    rows = [_compared(row, names, links, dimensions) for row in report.rows]
    context = {
        "report": report,
        "due": due_note(report.due),
        "dimensions": dimensions,
        "rows": sorted(rows, key=lambda one: one.label),
    }
    return shown_report(request, project, "subsystems", context, question)


def _compared(row: Compared, names: Names, links: Links, dimensions: list[str]) -> ComparedRow:
    url = links.judged(row.behind)
    scores = [row.score(name) for name in dimensions]
    cells = tuple(Heat(score, _step(score.mean if score else None), url) for score in scores)
    return ComparedRow(names.subsystem(row.subsystem), row, cells, url)


def _step(mean: float | None) -> int | None:
    """From 0.5 on in steps of 0.05: what is below is all equally bad."""
    return None if mean is None else max(0, min(9, int((mean - 0.5) * 20)))


# All projects


@dataclass(frozen=True, slots=True)
class ProjectRow:
    project: Project
    sum: Sum
    before: Sum


@require_safe
@signed_in
def projects(request: MemberRequest) -> HttpResponse:
    """What all projects of a person spent in the last days, each in its own time zone."""
    require_costs()
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, PERIODS) else 30
    rows = _project_rows(list(Project.objects.for_user(request.user)), days)
    context = {
        "rows": rows,
        "periods": [(n, n == days) for n in PERIODS],
        "total": Sum.total(row.sum for row in rows),
        "before": Sum.total(row.before for row in rows),
    }
    return render(request, "runs/reports/projects.html", context)


def _project_rows(found: list[Project], days: int) -> list[ProjectRow]:
    """The dearest first."""
    now = timezone.now()
    by_day: dict[date, list[Project]] = defaultdict(list)
    for project in found:
        by_day[today(project, now)].append(project)
    rows = []
    for day, those in by_day.items():
        period = Period.of_days(days, day)
        spent, before = by_project(those, period), by_project(those, period.before)
        rows += [
            ProjectRow(one, spent.get(one.pk, Sum()), before.get(one.pk, Sum())) for one in those
        ]
    return sorted(rows, key=lambda row: (-row.sum.cost_nusd, row.project.name))
