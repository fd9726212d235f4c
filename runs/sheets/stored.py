"""The rows of a stored export, found again by what is kept of it: as its owner may see them now."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, QueryDict

from reqplatform.errors import NotAllowed
from reqplatform.teams.models import Project, User
from runs.models import StoredExport
from runs.reporting.table import Column
from runs.sheets.asked import Asked
from runs.sheets.listings import OF_MODELS, find
from runs.sheets.spec import RowSheet

ADMIN = "admin:"  # before a model's label: a list of the admin, narrowed down by its query
ADMIN_TIME_ZONE = "UTC"  # the admin lists rows of several projects


@dataclass(frozen=True, slots=True)
class Source:
    row_sheet: RowSheet[Any]
    rows: "QuerySet[Any]"
    columns: tuple[Column, ...]
    time_zone: str
    loads: tuple[Prefetch[Any], ...] = ()

    def found(self) -> "QuerySet[Any]":
        """All rows of the model, with what the columns read: to be found by the keys of `rows`."""
        every: QuerySet[Any] = self.row_sheet.model._default_manager.order_by()
        return self.row_sheet.prepared(every).prefetch_related(*self.loads)


def source_of(export: StoredExport) -> Source:
    """Raises what the list itself raises when its owner may not see it any more."""
    if export.what.startswith(ADMIN):
        return _of_admin(export)
    listing = find(export.what)
    asked = Asked.of(export.asked)
    rows = listing.rows(export.owner, export.project, asked).order_by(*listing.order)
    return Source(
        listing.row_sheet,
        rows,
        _columns(export, listing.row_sheet),
        export.project.time_zone,
        listing.with_rows(export.owner, asked) if listing.with_rows else (),
    )


def _columns(export: StoredExport, row_sheet: RowSheet[Any]) -> tuple[Column, ...]:
    return tuple(column for column in row_sheet.columns() if column.name in export.columns)


def _of_admin(export: StoredExport) -> Source:
    model = apps.get_model(export.what.removeprefix(ADMIN))
    row_sheet = OF_MODELS[model]
    rows = listed_in_admin(export.owner, model, export.asked.get("query", ""))
    own = of_project(rows, export.project)
    return Source(row_sheet, own, _columns(export, row_sheet), ADMIN_TIME_ZONE)


def of_project(rows: "QuerySet[Any]", project: Project) -> "QuerySet[Any]":
    return rows.filter(**{rows.model.project_path: project.pk})


def listed_in_admin(user: User, model: type[Any], query: str) -> "QuerySet[Any]":
    """What the admin lists to the person for this query. Raises NotAllowed."""
    request = HttpRequest()
    request.method = "GET"
    request.GET = QueryDict(query)
    request.user = user
    model_admin: Any = admin.site.get_model_admin(model)
    if not model_admin.has_view_permission(request):
        raise NotAllowed("You are not staff any more, so you cannot read lists of the admin.")
    try:
        rows: QuerySet[Any] = model_admin.get_export_queryset(request)
    except PermissionDenied as refusal:
        raise NotAllowed("You may not read this list any more.") from refusal
    return rows
