"""Budget windows: the account of one run, group, day, month or project, and what is behind it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from unfold.decorators import display

from observability.actions.limits import change_limits
from observability.admin.columns import COLOURS, STYLES, LimitsForm, bar, moment, money_column
from observability.budgets import Payer, keys_of, unfinished_runs
from observability.models import Budget, BudgetWindow, CallHold, LLMCall, Scope
from observability.money import column_left, limit_usd
from observability.reports.forecast import forecast, rates
from observability.reports.windows import refusing, refusing_of, standing_of, sums_of
from observability.sheets.admin import SheetExport
from reqplatform.teams.admin_base import (
    RecordAdmin,
    ScopedRelatedFilter,
    TeamAdmin,
    changelist_link,
)
from reqplatform.teams.models import Project


class Now(admin.SimpleListFilter):
    title = "what is going on"
    parameter_name = "now"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:
        yield "today", "Today"
        yield "month", "This month"
        yield "runs", "Runs that are not over"
        yield "total", "Projects in total"

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if chosen == "total":
            return rows.filter(budget__scope=Scope.TOTAL)
        if chosen == "runs":
            projects = Project.objects.for_user(request.user).values_list("pk", flat=True)
            keys = unfinished_runs(list(projects))
            return rows.filter(budget__scope=Scope.RUN, key__in=keys)
        if chosen in {"today", "month"}:
            return rows.filter(_calendar(request, Scope.DAY if chosen == "today" else Scope.MONTH))
        return rows


def _calendar(request: HttpRequest, scope: Scope) -> Q:
    """Today's or this month's windows: a day begins when the project's time zone says so."""
    now = timezone.now()
    projects = Project.objects.for_user(request.user)
    zones = projects.order_by("time_zone").values_list("time_zone", flat=True).distinct()
    wanted = Q(pk__in=[])
    for zone in zones:
        key = keys_of(Payer(0), zone, now)[scope]
        wanted |= Q(budget__scope=scope, project__time_zone=zone, key=key)
    return wanted


class Reached(admin.SimpleListFilter):
    title = "limits reached"
    parameter_name = "reached"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:
        yield "warning", "Past its warning"
        yield "stop", "Stopped"

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "warning":
            return rows.filter(spent_nusd__gte=F("warn_nusd"))
        if self.value() == "stop":
            # A run stops before the limit, at the call that might pass it.
            return rows.filter(
                Q(spent_nusd__gte=F("max_nusd")) | Q(pk__in=refusing_of(request.user))
            )
        return rows


class OneBudget(admin.SimpleListFilter):
    """The accounts of the budget that a link came from; offered only then."""

    title = "budget"
    parameter_name = "budget__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = self.value() or ""
        rows = Budget.objects.for_user(request.user).select_related("project")
        found = rows.filter(pk=int(chosen)).first() if chosen.isdecimal() else None
        return [(chosen, str(found))] if found else []

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        return rows.filter(budget=int(chosen)) if chosen.isdecimal() else rows


@admin.register(BudgetWindow)
class BudgetWindowAdmin(SheetExport, TeamAdmin):
    """Opened by the first call that is charged to it. Owners may give it limits of its own."""

    form = LimitsForm
    list_display = (
        "label",
        "state",
        "used",
        "spent",
        "held",
        "unconfirmed",
        "left",
        "ahead",
        "warned",
        "calls",
        "project",
    )
    list_display_links = ("label",)
    list_filter = (
        Now,
        Reached,
        "budget__scope",
        ("project", ScopedRelatedFilter),
        OneBudget,
    )
    search_fields = ("key", "project__name")
    list_select_related = ("budget", "project")
    list_fullwidth = True
    readonly_fields = (
        "account",
        "project",
        "state_words",
        "used",
        "spent",
        "held",
        "unconfirmed",
        "left",
        "warned_at",
        "opened_at",
        "reaches_warning",
        "reaches_stop",
        "sums",
        "calls",
    )
    fieldsets = (
        (None, {"fields": ("account", "project", "state_words", "used")}),
        (
            "Limits of this one alone, in US dollars",
            {
                "fields": ("warn_usd", "stop_usd"),
                "description": "To let one run go on, raise its stop here and resume it. The "
                "project's budget stays as it is, and a change of it leaves these limits. Give "
                "the account the budget's limits and it follows the budget again.",
            },
        ),
        (
            "Money",
            {
                "fields": (("spent", "unconfirmed"), ("held", "left"), ("warned_at", "opened_at")),
                "description": "Spent is what calls cost; a call whose outcome is unknown counts "
                "at the most that it can have cost, and is listed under unconfirmed as well. Held "
                "is the most that the calls which are just being made can cost.",
            },
        ),
        (
            "Forecast, at the rate of the last 14 days",
            {"fields": ("reaches_warning", "reaches_stop")},
        ),
        ("The calls behind it", {"fields": ("sums", "calls")}),
    )
    spent = money_column("spent_nusd", "Spent")
    held = money_column("held_nusd", "Held")
    unconfirmed = money_column("unconfirmed_nusd", "Unconfirmed")
    left = money_column("left_nusd", "Left", "no limit", column_left)
    # for those who only read
    warn_usd = money_column("warn_nusd", "Warn at", "no warning", limit_usd)
    stop_usd = money_column("max_nusd", "Stop at", "no limit", limit_usd)

    class Media:
        css = STYLES

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, each row with its standing and forecast, asked for all at once."""
        listed = super().get_changelist_instance(request)
        listed.result_list = list(listed.result_list)
        _look_ahead(listed.result_list, timezone.now())
        return listed

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            _look_ahead([row], timezone.now())
        return row

    def save_model(self, request: HttpRequest, obj: BudgetWindow, form: Any, change: bool) -> None:
        person: Any = request.user
        change_limits(person, obj, warn_nusd=obj.warn_nusd, max_nusd=obj.max_nusd)

    @admin.display(description="Account", ordering="id")
    def label(self, window: BudgetWindow) -> str:
        return window.label

    @admin.display(description="Account")
    def account(self, window: BudgetWindow) -> str | SafeString:
        if window.scope != Scope.RUN:
            return window.label
        link = '<a class="text-link" href="{}">{}</a>'
        return format_html(link, reverse("runs:run", args=[window.key]), window.label)

    @display(description="State", label=COLOURS)  # type: ignore[untyped-decorator]
    def state(self, window: Any) -> tuple[str, str]:
        mark = window.standing.mark
        return mark, mark.words

    @admin.display(description="State")
    def state_words(self, window: Any) -> str:
        return str(window.standing.mark.words)

    @admin.display(description="Warned", ordering="warned_at")
    def warned(self, window: BudgetWindow) -> str:
        return moment(window.warned_at) if window.warned_at else "–"

    @admin.display(description="Reaches its stop")
    def ahead(self, window: Any) -> str:
        return str(window.forecast.stop or "–")

    @admin.display(description="Used, of its stop", ordering="max_nusd")
    def used(self, window: Any) -> SafeString:
        return bar(window.standing)

    @admin.display(description="Reaches its warning")
    def reaches_warning(self, window: Any) -> str:
        return str(window.forecast.warning_text)

    @admin.display(description="Reaches its stop")
    def reaches_stop(self, window: Any) -> str:
        return str(window.forecast.stop_text)

    @admin.display(description="Calls")
    def calls(self, window: BudgetWindow) -> SafeString:
        address = reverse("admin:observability_llmcall_changelist")
        link = '<a class="text-link" href="{}?holds__window={}">Show</a>'
        return format_html(link, address, window.pk)

    @admin.display(description="By state and source")
    def sums(self, window: BudgetWindow) -> SafeString:
        row: Any = window
        if not hasattr(row, "sums"):  # a form asks for its read-only fields several times
            row.sums = sums_of(window.pk)
        page = render_to_string("admin/observability/window_sums.html", {"sums": row.sums})
        return mark_safe(page)  # noqa: S308 - rendered by a template, which escapes


def _look_ahead(rows: list[Any], now: datetime) -> None:
    """Give each window its `standing` and `forecast`; three queries for all of them."""
    recent = rates({row.project_id: row.project for row in rows}.values(), now)
    refused = refusing(row.pk for row in rows)
    for row in rows:
        row.standing = standing_of(row, refused)
        rate = recent.get(row.project_id)
        row.forecast = forecast(row.standing, rate, row.project.time_zone, now)


@admin.register(CallHold)
class CallHoldAdmin(RecordAdmin):
    """Which calls are charged to which account."""

    list_display = ("window", "call")
    list_filter = (("call__project", ScopedRelatedFilter),)
    search_fields = ("=call__id", "window__key")
    ordering = ("-id",)
    list_select_related = ("window__budget", "call__project")
    fields = ("window", "call", "call_link")
    readonly_fields = ("call_link",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallHold]:
        rows: QuerySet[CallHold] = super().get_queryset(request)
        return rows.defer("call__prompt", "call__answer", "call__raw_usage")

    @admin.display(description="All calls of the account")
    def call_link(self, hold: CallHold) -> SafeString:
        return changelist_link("Show", LLMCall, holds__window=hold.window_id)
