"""Model profiles: which models there are, what they cost, and why one is switched off."""

import os
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from observability.actions.add_model import check_cap
from observability.actions.profiles import disable, enable
from observability.admin.columns import STYLES, price_text, short_price
from observability.llm.errors import NoPrice
from observability.models import LLMCall, ModelProfile, Provider, Route
from observability.pricing import price_of
from observability.sheets.import_admin import SheetImport
from observability.sheets.prices import PriceResource
from reqplatform.errors import InvalidInput
from reqplatform.teams.admin_base import SettingAdmin, changelist_link


def price_now(profile: ModelProfile) -> str:
    """What a call of the model costs today, in words; or that nobody knows."""
    try:
        return price_text(price_of(profile, timezone.now()))
    except NoPrice:
        return "Unknown: the model is not asked until its price is entered."


def short_price_now(profile: ModelProfile) -> str:
    """The same for a list: "$0.25 in, $2.00 out"."""
    try:
        return short_price(price_of(profile, timezone.now()))
    except NoPrice:
        return "Unknown: not asked"


def _list_price(profile: ModelProfile) -> str:
    """What the price list knows, whatever was entered."""
    bare = ModelProfile(
        name=profile.name,
        provider=profile.provider,
        model=profile.model,
        base_url=profile.base_url,
    )
    try:
        return price_text(price_of(bare, timezone.now()))
    except NoPrice as unknown:
        return str(unknown)


class ProfileForm(forms.ModelForm[ModelProfile]):
    """A cap above what the model can answer is refused here as where models are added."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors or not {"model", "max_output_tokens"} & set(self.changed_data):
            return
        try:
            check_cap(self.instance)
        except InvalidInput as refusal:
            self.add_error("max_output_tokens", refusal.message)


@admin.register(ModelProfile)
class ModelProfileAdmin(SheetImport, SettingAdmin):
    """Models that calls can be routed to. One that was called can be disabled, not deleted."""

    form = ProfileForm
    import_resource = PriceResource
    list_display = ("name", "provider", "model", "costs", "is_on", "why_off")
    list_filter = ("provider", "enabled")
    search_fields = ("name", "model")
    readonly_fields = ("why_off", "key", "price", "list_price", "calls_link", "routes_link")
    actions = ("switch_on", "switch_off")
    deletable = True
    fieldsets = (
        (None, {"fields": ("name", "enabled", "why_off")}),
        (
            "Whom to ask",
            {
                "fields": ("provider", "model", "base_url", "api_key_env", "key"),
                "description": "A key is read from the environment of the server, never from here.",
            },
        ),
        (
            "Limits",
            {
                "fields": (
                    ("context_window", "max_output_tokens"),
                    ("output_cap", "timeout_seconds"),
                ),
                "description": "The cap on output is sent with every call and bounds what it can "
                "cost. Sent under a name that the server does not know, it is no cap: a call that "
                "costs more than its cap allows disables the model.",
            },
        ),
        ("How it is asked", {"fields": ("answer_format", ("streaming", "sends_temperature"))}),
        (
            "Price, in US dollars per million tokens",
            {
                "fields": (
                    "price",
                    "list_price",
                    ("input_price", "output_price"),
                    "cache_read_price",
                    "cache_write_price",
                    "cache_write_1h_price",
                ),
                "description": "Leave these empty to use the price list. What you enter wins over "
                "it. Enter 0 for input and output only for a model that costs nothing, such as one "
                "on your own machine: its calls then count as $0.",
            },
        ),
        ("Energy", {"fields": ("energy_wh_per_1k_output",)}),
        ("Use", {"fields": ("calls_link", "routes_link")}),
    )

    class Media:
        css = STYLES

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "base_url":  # most are on one's own machine or network
            kwargs["assume_scheme"] = "http"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: ModelProfile, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "enabled" in form.changed_data:
            person: Any = request.user
            (enable if obj.enabled else disable)(person, obj)

    @admin.display(description="Enabled", boolean=True, ordering="enabled")
    def is_on(self, profile: ModelProfile) -> bool:
        return profile.enabled

    @admin.display(description="Why it is off")
    def why_off(self, profile: ModelProfile) -> str | SafeString:
        if profile.enabled:
            return "–"
        reason = profile.disabled_reason or "Switched off."
        return format_html('<span class="money-bad">{}</span>', reason)

    @admin.display(description="Its key")
    def key(self, profile: ModelProfile) -> str:
        if not profile.key_name:
            return "None is needed."
        there = os.environ.get(profile.key_name, "").strip()
        if there:
            return f"{profile.key_name} is set on this server."
        return f"{profile.key_name} is not set on this server: calls fail until it is."

    @admin.display(description="Price of a million tokens")
    def costs(self, profile: ModelProfile) -> str:
        return short_price_now(profile)

    @admin.display(description="Used now")
    def price(self, profile: ModelProfile) -> str:
        return price_now(profile) if profile.model else "–"

    @admin.display(description="In the price list")
    def list_price(self, profile: ModelProfile) -> str:
        if not profile.model:
            return "Shown once the model is saved."
        if profile.provider == Provider.EMBEDDED:
            return "Not in it; it needs no price."
        return _list_price(profile)

    @admin.display(description="Calls")
    def calls_link(self, profile: ModelProfile) -> str:
        if profile.pk is None:
            return "–"
        return changelist_link("Calls of this model", LLMCall, profile__id=profile.pk)

    @admin.display(description="Routes")
    def routes_link(self, profile: ModelProfile) -> str:
        if profile.pk is None:
            return "–"
        return changelist_link("Routes to this model", Route, profile__id=profile.pk)

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, rows: QuerySet[ModelProfile]) -> None:
        person: Any = request.user
        self.apply(request, rows, lambda row: enable(person, row), "switched on")

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, rows: QuerySet[ModelProfile]) -> None:
        person: Any = request.user
        self.apply(request, rows, lambda row: disable(person, row), "switched off")
