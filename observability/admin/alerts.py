"""Alerts: what a lead must know of, until somebody has seen to it."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from observability.alerts import acknowledge
from observability.models import Alert
from observability.sheets.admin import SheetExport
from reqplatform.teams.admin_base import RecordAdmin, ScopedRelatedFilter


class Seen(admin.SimpleListFilter):
    title = "seen to"
    parameter_name = "seen"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:
        yield "no", "Open"
        yield "yes", "Acknowledged"

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in {"no", "yes"}:
            return rows.filter(acknowledged_at__isnull=self.value() == "no")
        return rows


@admin.register(Alert)
class AlertAdmin(SheetExport, RecordAdmin):
    list_display = ("created_at", "cause", "message", "project", "run", "acknowledged_at")
    list_display_links = ("created_at", "cause")
    list_filter = (Seen, "cause", ("project", ScopedRelatedFilter))
    search_fields = ("message", "project__name", "=run__id")
    date_hierarchy = "created_at"
    list_select_related = ("project", "run")
    actions = ("see_to",)
    fields = ("cause", "message", "project", "run", "subject", "created_at", "acknowledged_at")

    @admin.action(description="Acknowledge: somebody has seen to it")
    def see_to(self, request: HttpRequest, rows: QuerySet[Alert]) -> None:
        person: Any = request.user
        self.apply(request, rows, lambda alert: acknowledge(person, alert), "acknowledged")
