"""What a run found: requirements, trace, quality, issues and files."""

from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    When,
)
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from observability.models import QualityRecord
from reqplatform.errors import Conflict
from reqplatform.pagination import counted
from reqplatform.teams.models import User
from reqplatform.teams.views.access import MemberRequest, access_to, signed_in
from runs import exports
from runs.forms import IssueFilter, RequirementFilter
from runs.graph.proofs import shown_proofs
from runs.models import Allocation, QualityIssue, RequirementVersion, Run, TraceLink
from runs.quality.finding import Severity
from runs.sheets.asked import Asked
from runs.sheets.listings import SHOWN, in_trace, matching
from runs.views.attachment import attachment
from runs.views.dismissed import dismissals_of, lowered_rules
from runs.views.paging import page_of
from runs.views.runs import run_of
from runs.views.standing import offers_resume
from runs.views.tabs import result_iteration, run_tabs

WORST_FIRST = Case(
    *(When(severity=severity.value, then=rank) for rank, severity in enumerate(Severity)),
    output_field=IntegerField(),
)


def _context(request: MemberRequest, run: Run, tab: str, iteration: int) -> dict[str, Any]:
    return {
        "project": run.project,
        "section": "runs",
        "access": access_to(request, run.project),
        "run": run,
        "resumable": offers_resume(run),
        "iteration": iteration,
        "tabs": run_tabs(request.user, run, tab, iteration),
    }


@require_safe
@signed_in
def requirements(request: MemberRequest, pk: UUID) -> HttpResponse:
    run = run_of(request.user, pk)
    iteration = result_iteration(request.user, run)
    filters = RequirementFilter(request.GET)
    rows = _versions(request.user, run, iteration)
    kind, text = filters.chosen("type"), filters.chosen("text")
    rows = matching(rows, Asked(type=kind or None, text=text or None))
    context = _context(request, run, "requirements", iteration)
    page = page_of(request, rows, ("ordinal", "id"))
    context |= {"filters": filters, "page": page, "count": counted(rows)}
    return render(request, "runs/requirements.html", context)


def _versions(user: User, run: Run, iteration: int) -> QuerySet[RequirementVersion]:
    links = TraceLink.objects.for_user(user).select_related("parent")
    issues = QualityIssue.objects.for_user(user).filter(run=run)
    rows: QuerySet[RequirementVersion] = (
        RequirementVersion.objects.for_user(user)
        .filter(run=run, iteration=iteration)
        .select_related("requirement", "edited_by")
        .prefetch_related(
            Prefetch("trace_links", queryset=links, to_attr="links"),
            Prefetch("quality_issues", queryset=issues, to_attr="issues"),
        )
    )
    return rows


@require_safe
@signed_in
def trace(request: MemberRequest, pk: UUID) -> HttpResponse:
    """From each source requirement to its children, in three lists chosen by `?show=`."""
    run = run_of(request.user, pk)
    iteration = result_iteration(request.user, run)
    links = TraceLink.objects.for_user(request.user).filter(
        child__run=run, child__iteration=iteration
    )
    rows = Allocation.objects.for_user(request.user).filter(run=run)
    rows = rows.annotate(is_traced=Exists(links.filter(parent=OuterRef("source"))))
    show = request.GET.get("show", "")
    show = show if show in SHOWN else SHOWN[0]
    listed = in_trace(rows, links, show).select_related("source")
    children = Prefetch(
        "source__trace_links",
        queryset=links.select_related("child__requirement").order_by("child__ordinal"),
        to_attr="children",
    )
    page = page_of(request, listed.prefetch_related(children), ("source__ordinal", "id"))
    shown = page.rows if show == "traced" else []
    proved = shown_proofs(run, iteration, shown)
    context = _context(request, run, "trace", iteration) | {"proofs": proved}
    counts = rows.aggregate(
        traced=Count("pk", filter=Q(allocated=True, is_traced=True)),
        gaps=Count("pk", filter=Q(allocated=True, is_traced=False)),
        elsewhere=Count("pk", filter=Q(allocated=False)),
    )
    return render(
        request, "runs/trace.html", {**context, "show": show, "counts": counts, "page": page}
    )


@require_safe
@signed_in
def quality(request: MemberRequest, pk: UUID) -> HttpResponse:
    run = run_of(request.user, pk)
    context = _context(request, run, "quality", result_iteration(request.user, run))
    rows = QualityRecord.objects.for_user(request.user).filter(run=run)
    records = list(rows.order_by("iteration_count"))
    latest = records[-1] if records else None
    context |= {"records": records, "latest": latest, "lowered": lowered_rules(request.user, run)}
    return render(request, "runs/quality.html", context)


@require_safe
@signed_in
def issues(request: MemberRequest, pk: UUID) -> HttpResponse:
    run = run_of(request.user, pk)
    iteration = result_iteration(request.user, run)
    rows = QualityIssue.objects.for_user(request.user).filter(run=run, iteration=iteration)
    rules = sorted(rows.order_by().values_list("rule", flat=True).distinct())
    filters = IssueFilter(request.GET, rules=rules)
    chosen = {name: filters.chosen(name) for name in filters.fields if filters.chosen(name)}
    listed = rows.filter(**chosen).select_related("child__requirement", "parent")
    page = page_of(request, listed.annotate(rank=WORST_FIRST), ("rank", "id"))
    context = _context(request, run, "issues", iteration)
    context["dismissed"] = dismissals_of(request.user, run.project, page)
    return render(
        request,
        "runs/issues.html",
        {
            **context,
            "filters": filters,
            "filtered": bool(chosen),
            "page": page,
            "count": counted(listed),
        },
    )


@require_safe
@signed_in
def files(request: MemberRequest, pk: UUID) -> HttpResponse:
    run = run_of(request.user, pk)
    context = _context(request, run, "files", result_iteration(request.user, run))
    try:
        exports.require_complete(run)
    except Conflict as refusal:
        return render(request, "runs/files.html", {**context, "none_yet": refusal.message})
    archive = exports.archive_name(run)
    return render(
        request, "runs/files.html", {**context, "files": exports.files(run), "archive": archive}
    )


@require_safe
@signed_in
def file(request: MemberRequest, pk: UUID, name: str) -> HttpResponseBase:
    """One file of a completed run, made from its rows when it is asked for."""
    run = run_of(request.user, pk)
    exports.require_complete(run)
    archive = exports.archive_name(run)
    if name == archive:
        return attachment(exports.archive(run), archive, "application/zip")
    known = {info.name: info for info in exports.files(run)}
    if name not in known:
        raise Http404("The run has no file of that name.")
    named = f"{exports.folder_name(run)}-{name}"
    return attachment(exports.render(run, name), named, known[name].media_type)
