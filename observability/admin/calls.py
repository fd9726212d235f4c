"""The journal of all calls, and what a person knows of those whose outcome nobody else can tell."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from observability import traces
from observability.actions.unconfirmed import above_hold, billed, not_billed
from observability.admin.columns import STYLES, moment, money_column, price_text
from observability.models import BudgetWindow, CallState, LLMCall, Provider
from observability.money import MOST_NUSD, column_usd, format_usd, to_nusd, to_usd
from observability.pricing import Price
from observability.sheets.admin import SheetExport
from observability.shown import bounded, energy_text, short_source, source_text
from reqplatform.teams.admin_base import RecordAdmin, ScopedRelatedFilter, TeamAdmin

STATES = {
    CallState.HELD: "info",
    CallState.SETTLED: "success",
    CallState.RELEASED: "",
    CallState.UNCONFIRMED: "warning",
}
MOST_AT_ONCE = 100  # amounts that one form asks for


class OneWindow(admin.SimpleListFilter):
    """The calls of the budget account that a link came from; offered only then."""

    title = "budget account"
    parameter_name = "holds__window"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        window = self._window(request)
        return [(str(window.pk), f"{window.label} of {window.project}")] if window else []

    def queryset(self, request: HttpRequest, rows: QuerySet[LLMCall]) -> QuerySet[LLMCall]:
        chosen = self.value() or ""
        return rows.filter(holds__window=int(chosen)) if chosen.isdecimal() else rows

    def _window(self, request: HttpRequest) -> BudgetWindow | None:
        chosen = self.value() or ""
        rows = BudgetWindow.objects.for_user(request.user).select_related("budget", "project")
        return rows.filter(pk=int(chosen)).first() if chosen.isdecimal() else None


class BillForm(forms.Form):
    """What the bill says of each call, in dollars."""

    def __init__(self, calls: list[LLMCall], typed: Any = None) -> None:
        super().__init__(typed)
        for call in calls:
            self.fields[f"amount_{call.pk}"] = forms.DecimalField(
                label=f"{call.get_node_display()}, {call.provider}/{call.model}",
                min_value=0,
                max_value=to_usd(MOST_NUSD),
                decimal_places=9,
                widget=UnfoldAdminDecimalFieldWidget,
                help_text=f"Asked {moment(call.created_at, seconds=True)} UTC. Charged now: up to "
                f"{format_usd(call.held_nusd)}. {call.error}",
            )

    def amount_of(self, call: LLMCall) -> int:
        return to_nusd(self.cleaned_data[f"amount_{call.pk}"])


@admin.register(LLMCall)
class LLMCallAdmin(SheetExport, RecordAdmin):
    """The journal of all calls, and so the ledger."""

    list_display = (
        "asked_at",
        "node",
        "model",
        "why",
        "status",
        "cost",
        "short_source",
        "langsmith_difference",
        "tokens",
        "energy",
        "run",
        "project",
    )
    list_filter = (
        "state",
        "cost_source",
        "purpose",
        "overrun",
        "node",
        ("project", ScopedRelatedFilter),
        ("profile", ScopedRelatedFilter),
        OneWindow,
        "created_at",
    )
    search_fields = ("=id", "=run__id", "request_key", "model", "error")
    list_select_related = ("project", "run", "extraction__revision__specification", "profile")
    list_fullwidth = True
    actions = ("say_not_billed", "enter_bill")
    actions_detail = ("open_trace",)
    readonly_fields = (
        "cost",
        "held",
        "source",
        "above",
        "tokens",
        "price_used",
        "repriced",
        "windows",
        "energy",
        "langsmith_tokens",
        "langsmith_cost",
        "langsmith_difference",
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("state", "purpose"),
                    ("node", "iteration"),
                    ("provider", "model"),
                    ("ordinal", "skill"),
                    "error",
                )
            },
        ),
        (
            "Money",
            {
                "fields": (
                    ("cost", "held"),
                    "source",
                    "above",
                    "price_used",
                    "repriced",
                    "windows",
                )
            },
        ),
        (
            "Tokens",
            {
                "fields": (
                    ("input_fresh", "cache_read"),
                    ("cache_write", "cache_write_1h"),
                    ("output", "reasoning"),
                    "tokens",
                    "raw_usage",
                )
            },
        ),
        (
            "Beside LangSmith's figures",
            {
                "fields": (
                    ("langsmith_tokens", "langsmith_cost"),
                    "langsmith_difference",
                    ("traced", "reconciled_at"),
                )
            },
        ),
        ("Energy, estimated", {"fields": ("energy",)}),
        (
            "Belongs to",
            {"fields": ("project", "run", "extraction", "group", "subsystem", "person", "profile")},
        ),
        ("Words", {"fields": ("request_key", "prompt", "answer"), "classes": ("collapse",)}),
        ("When", {"fields": ("created_at", "expires_at", "finished_at")}),
    )
    held = money_column("held_nusd", "Held for it")
    langsmith_cost = money_column("langsmith_cost_nusd", "LangSmith's cost", "not known")

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[LLMCall]:
        rows: QuerySet[LLMCall] = super().get_queryset(request)
        return rows.defer("prompt", "answer", "raw_usage")  # long, and no list shows them

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Owners of a project; which calls are theirs, the action decides."""
        return TeamAdmin.has_change_permission(self, request)

    @display(description="State", ordering="state", label=STATES)  # type: ignore[untyped-decorator]
    def status(self, call: LLMCall) -> tuple[str, str]:
        return call.state, call.get_state_display()

    @admin.display(description="Cost", ordering="cost_nusd")
    def cost(self, call: LLMCall) -> str:
        if call.state == CallState.RELEASED:
            return "released"
        if call.cost_nusd is None:  # unknown is never $0
            return bounded(call.held_nusd, shown=column_usd)
        return bounded(call.cost_nusd, call.state == CallState.UNCONFIRMED, column_usd)

    @admin.display(description="Asked", ordering="created_at")
    def asked_at(self, call: LLMCall) -> str:
        return moment(call.created_at, seconds=True)

    @admin.display(description="As", ordering="purpose")
    def why(self, call: LLMCall) -> str:
        return call.purpose

    @admin.display(description="Source", ordering="cost_source")
    def short_source(self, call: LLMCall) -> str:
        return short_source(call.cost_source) or "–"

    @admin.display(description="Above what was held")
    def above(self, call: LLMCall) -> str:
        if not call.overrun:
            return "no"
        return "YES: the provider ignored the cap on its output, or the price is wrong."

    @admin.display(description="Where its cost comes from")
    def source(self, call: LLMCall) -> str:
        return source_text(call.cost_source) if call.cost_source else "Not known yet"

    @admin.display(description="Tokens")
    def tokens(self, call: LLMCall) -> str:
        return f"{call.tokens:,}"

    @admin.display(description="Price used")
    def price_used(self, call: LLMCall) -> str:
        if not call.price:
            if call.provider == Provider.EMBEDDED:
                return "None: the model is part of the product and costs nothing."
            return "None is recorded."
        price = Price.from_json(call.price)
        return f"{price_text(price)} Prices of {date_format(price.dated)}."

    @admin.display(description="At later prices")
    def repriced(self, call: LLMCall) -> str:
        if call.repriced_nusd is None or call.repriced_at is None:
            return "–"
        return f"{format_usd(call.repriced_nusd)} at those of {date_format(call.repriced_at)}"

    @admin.display(description="Charged to")
    def windows(self, call: LLMCall) -> SafeString | str:
        holds = call.holds.order_by("pk").select_related("window__budget")
        links = (
            (reverse("admin:observability_budgetwindow_change", args=[hold.window_id]), hold.window)
            for hold in holds
        )
        found = format_html_join(" · ", '<a class="text-link" href="{}">{}</a>', links)
        return found or "no budget: it can cost nothing"

    @admin.display(description="Energy")
    def energy(self, call: LLMCall) -> str:
        asked = call.cost_source not in {"", "replayed", "embedded"}
        unknown = asked and call.energy_low_wh is None
        return energy_text(call.energy_low_wh, call.energy_high_wh, int(unknown))

    @admin.display(description="LangSmith's tokens, in and out")
    def langsmith_tokens(self, call: LLMCall) -> str:
        if call.langsmith_tokens_in is None or call.langsmith_tokens_out is None:
            return "not known"
        ours = f"ours: {_into(call):,} and {call.output + call.reasoning:,}"
        return f"{call.langsmith_tokens_in:,} and {call.langsmith_tokens_out:,} ({ours})"

    @admin.display(description="LangSmith differs by")
    def langsmith_difference(self, call: LLMCall) -> str:
        theirs, ours = call.langsmith_cost_nusd, call.cost_nusd
        if theirs is None or ours is None or call.state != CallState.SETTLED:
            return "–"
        if theirs == ours:
            return "nothing"
        sign = "+" if theirs > ours else "−"
        share = f" ({sign}{abs(theirs - ours) / ours:.1%})" if ours else ""
        return f"{sign}{format_usd(abs(theirs - ours))}{share}"

    @action(description="Open its trace in LangSmith")  # type: ignore[untyped-decorator]
    def open_trace(self, request: HttpRequest, object_id: str) -> HttpResponse:
        call = get_object_or_404(self.get_queryset(request), pk=object_id)
        found = traces.link_to_call(call)
        if found.url:
            return redirect(found.url)
        self.message_user(request, found.problem, messages.WARNING)
        return redirect("admin:observability_llmcall_change", call.pk)

    @admin.action(description="Unconfirmed: the provider did not bill it …", permissions=["settle"])
    def say_not_billed(self, request: HttpRequest, rows: QuerySet[LLMCall]) -> HttpResponse | None:
        calls = self._unconfirmed(request, rows)
        if not calls:
            return None
        if "confirmed" not in request.POST:
            return self._confirm(request, calls, "say_not_billed", "Were these really not billed?")
        person: Any = request.user
        self.apply(request, calls, lambda call: not_billed(person, call), "given back")
        return None

    @admin.action(description="Unconfirmed: enter what the bill says …", permissions=["settle"])
    def enter_bill(self, request: HttpRequest, rows: QuerySet[LLMCall]) -> HttpResponse | None:
        calls = self._unconfirmed(request, rows)
        if not calls:
            return None
        form = BillForm(calls, request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            return self._confirm(request, calls, "enter_bill", "What does the bill say?", form)
        asked = {f"{call.pk} {form.amount_of(call)}": call for call in calls}
        sure = set(request.POST.getlist("sure"))
        person: Any = request.user
        above = {
            key: above_hold(person, call, form.amount_of(call))
            for key, call in asked.items()
            if form.amount_of(call) > call.held_nusd and key not in sure
        }
        if above:
            title = "Is it really that much?"
            return self._confirm(request, calls, "enter_bill", title, form, above)

        def book(call: LLMCall) -> None:
            amount = form.amount_of(call)
            billed(person, call, amount, sure=f"{call.pk} {amount}" in sure)

        self.apply(request, calls, book, "settled")
        return None

    def _unconfirmed(self, request: HttpRequest, rows: QuerySet[LLMCall]) -> list[LLMCall]:
        """The chosen calls that can be settled by hand; says so if others were chosen as well."""
        chosen = list(rows.filter(state=CallState.UNCONFIRMED)[: MOST_AT_ONCE + 1])
        if len(chosen) > MOST_AT_ONCE:
            text = f"Choose {MOST_AT_ONCE} calls at most at a time."
            self.message_user(request, text, messages.ERROR)
            return []
        others = rows.exclude(state=CallState.UNCONFIRMED).count()
        if others:
            text = f"{others} of the chosen calls are not unconfirmed: their cost is known."
            self.message_user(request, text, messages.WARNING)
        return chosen

    def _confirm(
        self,
        request: HttpRequest,
        calls: list[LLMCall],
        name: str,
        title: str,
        form: BillForm | None = None,
        above: dict[str, str] | None = None,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": title,
            "media": self.media,
            "action_name": name,
            "calls": calls,
            "held": format_usd(sum(call.held_nusd for call in calls)),
            "form": form,
            "above": above or {},
        }
        return TemplateResponse(request, "admin/observability/settle_calls.html", context)


def _into(call: LLMCall) -> int:
    return call.input_fresh + call.cache_read + call.cache_write + call.cache_write_1h
