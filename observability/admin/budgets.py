"""Budgets: what a project may spend, set by its owners in dollars."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from observability.actions.limits import change_limits
from observability.admin.columns import STYLES, LimitsForm, bar, money_column
from observability.models import Budget, BudgetWindow, Scope
from observability.money import limit_usd
from observability.reports.windows import Mark, current_of
from observability.shown import AT_STOP, AT_WARNING, EMPTY, MEANING
from reqplatform.teams.admin_base import ScopedRelatedFilter, TeamAdmin, changelist_link

HELP = (
    ("At the warning:", AT_WARNING),
    ("At the stop:", AT_STOP),
    ("Left empty:", EMPTY),
    (
        "From when:",
        "At once, for every run and group, for today, for this month and for the total. Days and "
        "months that have passed keep the limits they had, and so do runs that are over and "
        "accounts that were given limits of their own.",
    ),
)


@admin.register(Budget)
class BudgetAdmin(TeamAdmin):
    """One row for each project and scope, there from the project's first day."""

    form = LimitsForm
    list_display = ("limits", "project", "warns", "stops", "used_now", "windows")
    list_display_links = ("limits",)
    list_filter = (("project", ScopedRelatedFilter), "scope")
    search_fields = ("project__name",)
    ordering = ("project", "id")
    list_select_related = ("project",)
    list_before_template = "admin/observability/about_budgets.html"
    readonly_fields = ("project", "limits", "meaning", "used_now", "windows")
    fieldsets = (
        (None, {"fields": ("project", "limits", "meaning", "used_now", "windows")}),
        (
            "Limits, in US dollars",
            {
                "fields": ("warn_usd", "stop_usd"),
                "description": format_html(
                    '<ul class="money-help">{}</ul>',
                    format_html_join("", "<li><strong>{}</strong> {}</li>", HELP),
                ),
            },
        ),
    )
    warns = money_column("warn_nusd", "Warns at", "no warning", limit_usd)
    stops = money_column("max_nusd", "Stops at", "no limit", limit_usd)
    # for those who only read
    warn_usd = money_column("warn_nusd", "Warn at", "no warning", limit_usd)
    stop_usd = money_column("max_nusd", "Stop at", "no limit", limit_usd)

    class Media:
        css = STYLES

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, each row with where its open window stands, asked for all at once."""
        listed = super().get_changelist_instance(request)
        rows = list(listed.result_list)
        open_windows = current_of({row.project_id: row.project for row in rows}.values())
        for row in rows:
            row.standing = open_windows.get((row.project_id, row.scope))
        listed.result_list = rows
        return listed

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        about = {"scopes": [(scope.label, MEANING[scope]) for scope in Scope]}
        words = {"at_warning": AT_WARNING, "at_stop": AT_STOP, "empty": EMPTY}
        return super().changelist_view(request, {**(extra_context or {}), **about, **words})

    def save_model(self, request: HttpRequest, obj: Budget, form: Any, change: bool) -> None:
        person: Any = request.user
        change_limits(person, obj, warn_nusd=obj.warn_nusd, max_nusd=obj.max_nusd)

    @admin.display(description="It limits", ordering="scope")
    def limits(self, budget: Budget) -> str:
        return budget.get_scope_display()

    @admin.display(description="That is")
    def meaning(self, budget: Budget) -> str:
        return MEANING[Scope(budget.scope)]

    @admin.display(description="Used now")
    def used_now(self, budget: Any) -> str | SafeString:
        if budget.scope in {Scope.RUN, Scope.GROUP}:
            return "see its accounts"
        if not hasattr(budget, "standing"):
            budget.standing = current_of([budget.project]).get((budget.project_id, budget.scope))
        if not budget.standing:
            return "nothing yet"
        mark = budget.standing.mark
        words = "" if mark == Mark.FREE else mark.words
        return format_html("{} {}", bar(budget.standing), words)

    @admin.display(description="Accounts")
    def windows(self, budget: Budget) -> SafeString:
        return changelist_link("Show", BudgetWindow, budget__id=budget.pk)
