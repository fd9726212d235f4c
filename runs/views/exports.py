"""Lists as spreadsheets: at once, or stored where their owner finds them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet, Sum
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from observability.shown import costs_are_shown
from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Project
from reqplatform.teams.views.access import MemberRequest, access_to, project_of, signed_in
from runs.actions.exports import Wanted, store, wanted, write_now
from runs.actions.exports_cancelling import cancel_export
from runs.models import StoredExport
from runs.models.stored_export import UNFINISHED
from runs.sheets.asked import Asked
from runs.sheets.kept import own_export, own_exports, parts_of, require_ready
from runs.sheets.listings import AT_ONCE, find, is_large
from runs.sheets.money import CALLS
from runs.sheets.writing import MEDIA_TYPES, STREAMED
from runs.views.attachment import attachment, streamed
from runs.views.paging import page_of

PER_PAGE = 25


def _wanted(request: MemberRequest, project: Project, name: str, style: str) -> Wanted:
    """What the address asks for. One that makes no sense is answered with 404: no page links to
    it."""
    if name == CALLS.name and not costs_are_shown():
        raise Http404("Costs are hidden on this installation.")
    by = find(name).by
    words = {key: value for key, value in request.GET.items() if key in by}
    try:
        asked = Asked.of(words)
        return wanted(request.user, project, name, asked, style, costs=costs_are_shown())
    except InvalidInput as refusal:
        raise Http404(refusal.message) from refusal


@require_safe
@signed_in
def sheet(request: MemberRequest, slug: str, name: str, style: str) -> HttpResponse:
    """The list as the page shows it, as a file; of too many rows the page that offers to store
    it."""
    project = project_of(request, slug)
    what = _wanted(request, project, name, style)
    if is_large(what.rows):
        page = reverse("runs:export_new", args=[slug, name])
        query = request.GET.copy()
        query["format"] = style
        return redirect(f"{page}?{query.urlencode()}")
    filename = f"{project.slug}-{name}-{timezone.localdate():%Y-%m-%d}.{style}"
    return attachment(write_now(project, what), filename, MEDIA_TYPES[style])


@signed_in
def new(request: MemberRequest, slug: str, name: str) -> HttpResponse:
    """Have a list stored: the page says how many rows they are, a POST asks for them."""
    project = project_of(request, slug)
    style = request.POST.get("format") or request.GET.get("format") or STREAMED[0]
    what = _wanted(request, project, name, style)
    if request.method == "POST":
        try:
            store(request.user, project, what)
        except Conflict as refusal:
            messages.error(request, refusal.message)
            return redirect(request.get_full_path())
        return redirect("runs:exports", slug)
    context = {
        "project": project,
        "section": "runs",
        "title": what.listing.row_sheet.title,
        "rows": what.rows.order_by().count(),
        "narrowed": [(key.replace("_", " "), said) for key, said in what.asked.words().items()],
        "columns": [column.title for column in what.columns],
        "style": style,
        "styles": STREAMED,
        "at_once": AT_ONCE,
    }
    return render(request, "runs/export_new.html", context)


@require_safe
@signed_in
def index(request: MemberRequest, slug: str) -> HttpResponse:
    """The person's own stored exports of the project."""
    project = project_of(request, slug)
    rows = own_exports(request.user, project)
    page = page_of(request, rows, ("-id",), PER_PAGE)
    context = {
        "project": project,
        "section": "runs",
        "access": access_to(request, project),
        "page": page,
        **_news(rows),
    }
    return render(request, "runs/exports.html", context)


def _news(rows: "QuerySet[StoredExport]") -> dict[str, Any]:
    """How much has happened so far, and whether more will."""
    changes = rows.order_by().aggregate(sum=Sum("changes"))["sum"] or 0
    return {"changes": changes, "working": rows.filter(state__in=UNFINISHED).exists()}


@require_safe
@signed_in
def events(request: MemberRequest, slug: str) -> JsonResponse:
    """What the page polls: one event if anything has changed after the change of that number."""
    rows = own_exports(request.user, project_of(request, slug))
    news = _news(rows)
    after = request.GET.get("after", "")
    seen = int(after[:12]) if after.isdecimal() else 0
    message = "" if news["working"] else "All exports have ended."
    fresh = [{"seq": news["changes"], "message": message}] if news["changes"] > seen else []
    return JsonResponse({"events": fresh, "working": news["working"], "lost": False})


@require_safe
@signed_in
def download(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """The file, for its owner alone, who must still be a member. Others get 404."""
    export = own_export(request.user, pk)
    require_ready(export)
    return streamed(parts_of(export), export.size, export.filename, MEDIA_TYPES[export.format])


@require_POST
@signed_in
def cancel(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """Stop an export of one's own that is not written yet."""
    export = own_export(request.user, pk)
    try:
        cancel_export(request.user, export)
    except Conflict as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"{export} is cancelled.")
    return redirect("runs:exports", export.project.slug)
