"""Campaigns. They change through actions only, and their state is that of their runs."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.safestring import SafeString
from unfold.decorators import action

from reqplatform.teams.admin_base import RecordAdmin, ScopedRelatedFilter, changelist_link
from runs.models import Campaign, Run


@admin.register(Campaign)
class CampaignAdmin(RecordAdmin):
    list_display = ("title", "revision", "group", "project", "started_by", "created_at")
    list_filter = (("project", ScopedRelatedFilter),)
    search_fields = ("=id", "name", "group", "revision__specification__title")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    list_select_related = ("project", "revision__specification", "started_by")
    readonly_fields = ("rows",)
    actions_detail = ("open_page",)
    fields = (
        "name",
        "project",
        "revision",
        "group",
        "reader",
        "started_by",
        "created_at",
        "rows",
    )

    @admin.display(description="Campaign", ordering="id")
    def title(self, campaign: Campaign) -> str:
        return str(campaign)

    @admin.display(description="Its rows")
    def rows(self, campaign: Campaign) -> SafeString:
        link: Any = changelist_link("Runs", Run, campaign__id=campaign.pk)
        return link  # type: ignore[no-any-return]

    @action(description="Open its page")  # type: ignore[untyped-decorator]
    def open_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        campaign = get_object_or_404(self.get_queryset(request), pk=object_id)
        return redirect("runs:campaign", campaign.pk)
