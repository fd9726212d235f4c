"""Links to the list of a page as a spreadsheet."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import RequestContext
from django.urls import reverse

from runs.models import ExportState, StoredExport
from runs.sheets.listings import find
from runs.sheets.writing import CSV, ODS, XLSX
from runs.templatetags.display import Badge

register = template.Library()

_STATES = {
    ExportState.QUEUED: ("idle", "clock"),
    ExportState.WRITING: ("info", "running"),
    ExportState.READY: ("ok", "check"),
    ExportState.FAILED: ("bad", "alert"),
    ExportState.CANCELLED: ("idle", "dash"),
    ExportState.EXPIRED: ("idle", "dash"),
}


@register.simple_tag
def export_badge(export: StoredExport) -> Badge:
    tone, icon = _STATES[ExportState(export.state)]
    return Badge(export.get_state_display(), tone, icon)


@register.inclusion_tag("runs/export_links.html", takes_context=True)
def as_seen(context: RequestContext, name: str, **more: Any) -> dict[str, Any]:
    """Links to the page's list in each format, with the page's own filters and `more`."""
    by = find(name).by
    known = by - {"days", "month"} if "first" in more else by  # the page has made days of them
    said = {key: value for key, value in context["request"].GET.items() if key in known and value}
    query = urlencode(said | {key: str(value) for key, value in more.items()})
    slug = context["project"].slug
    links = [(style, reverse("runs:sheet", args=[slug, name, style])) for style in (XLSX, CSV, ODS)]
    return {
        "links": [(style, f"{url}?{query}" if query else url) for style, url in links],
        "exports": reverse("runs:exports", args=[slug]),
    }
