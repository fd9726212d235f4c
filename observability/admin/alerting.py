"""Who is told of what: alert rules, channels, and what became of each delivery."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextInputWidget

from observability.actions.alerting import mute, save_channel, save_rule, send_test
from observability.alerts.channels import addresses
from observability.alerts.watching import CHECKS
from observability.models import AlertCause, AlertChannel, AlertRule, ChannelKind, Delivery
from reqplatform.teams.admin_base import RecordAdmin, ScopedRelatedFilter, TeamAdmin


class ChannelForm(forms.ModelForm[AlertChannel]):
    """Target and secret are written and never shown: left empty, what is there stays."""

    target = forms.CharField(
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="E-mail addresses with commas between them, a webhook's https address, or an "
        "Apprise URL (slack://…). Empty keeps the one there is.",
    )
    secret = forms.CharField(
        required=False,
        max_length=120,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="Of a webhook: empty keeps the one there is, or makes a new one, which is shown "
        "once.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["target"] = self.initial["secret"] = ""
        self._there = (self.instance.target, self.instance.secret)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        target, secret = self._there
        values["target"] = values.get("target") or target
        values["secret"] = values.get("secret") or secret
        if not values["target"]:
            self.add_error("target", "Say where to send to.")
        return values


@admin.register(AlertChannel)
class AlertChannelAdmin(TeamAdmin):
    form = ChannelForm
    list_display = ("name", "project", "kind", "goes_to", "enabled", "quiet_from", "quiet_until")
    list_filter = ("kind", "enabled", ("project", ScopedRelatedFilter))
    search_fields = ("name", "project__name")
    list_select_related = ("project",)
    fixed_fields = ("project", "kind")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "project",
                    "name",
                    "kind",
                    "target",
                    "secret",
                    "enabled",
                    ("quiet_from", "quiet_until"),
                ),
                "description": "In quiet hours, of the project's time zone, only alerts of rules "
                "that are critical are sent; the others wait for their end.",
            },
        ),
    )
    actions = ("try_out",)

    @admin.display(description="Goes to")
    def goes_to(self, channel: AlertChannel) -> str:
        """Whom a reader may know of: an address, or the host of a URL."""
        if channel.kind == ChannelKind.EMAIL:
            found = addresses(channel.target)
            return f"{found[0]} and {len(found) - 1} more" if len(found) > 1 else found[0]
        parts = urlsplit(channel.target)
        return parts.hostname or "" if channel.kind == ChannelKind.WEBHOOK else parts.scheme

    def save_model(self, request: HttpRequest, obj: AlertChannel, form: Any, change: bool) -> None:
        person: Any = request.user
        made = save_channel(person, obj)
        if made:
            self.message_user(
                request,
                f"The signing secret of {obj.name} is {made} Keep it now: it is not shown again.",
                messages.WARNING,
            )

    @admin.action(description="Send a test message")
    def try_out(self, request: HttpRequest, rows: QuerySet[AlertChannel]) -> None:
        person: Any = request.user
        chosen = list(rows.select_related("project"))
        self.apply(request, chosen, lambda channel: send_test(person, channel), "sent a test")


class RuleForm(forms.ModelForm[AlertRule]):
    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        project = values.get("project") or getattr(self.instance, "project", None)
        channels = values.get("channels") or ()
        if any(channel.project_id != project.pk for channel in channels if project):
            self.add_error("channels", "Choose channels of this project.")
        return values


@admin.register(AlertRule)
class AlertRuleAdmin(TeamAdmin):
    """A cause without a rule is watched at its default threshold and told to nobody."""

    form = RuleForm
    list_display = ("project", "cause", "limit", "told", "enabled", "critical", "muted_until")
    list_display_links = ("project", "cause")
    list_filter = ("cause", "enabled", ("project", ScopedRelatedFilter))
    search_fields = ("project__name",)
    list_select_related = ("project",)
    fixed_fields = ("project", "cause")
    readonly_fields = ("means",)
    fields = (
        "project", "cause", "enabled", "threshold", "means", "channels", "critical", "muted_until",
    )  # fmt: skip
    deletable = True
    actions = ("hear_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlertRule]:
        return super().get_queryset(request).prefetch_related("channels")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = AlertChannel.objects.for_user(request.user).select_related("project")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description="What the threshold means")
    def means(self, rule: AlertRule) -> str:
        if not rule.pk:
            return " · ".join(
                f"{cause.label}: {one.means} ({one.default})" for cause, one in CHECKS.items()
            )
        watched = CHECKS.get(AlertCause(rule.cause))
        if watched is None:
            return "It is told when it happens, and has none."
        return f"{watched.means}; {watched.default} if it is empty"

    @admin.display(description="Threshold")
    def limit(self, rule: AlertRule) -> str:
        watched = CHECKS.get(AlertCause(rule.cause))
        if watched is None:
            return "–"
        threshold = watched.default if rule.threshold is None else rule.threshold
        return f"{threshold} {watched.means}"

    @admin.display(description="Told to")
    def told(self, rule: AlertRule) -> str:
        return ", ".join(channel.name for channel in rule.channels.all()) or "nobody"

    def save_model(self, request: HttpRequest, obj: AlertRule, form: Any, change: bool) -> None:
        person: Any = request.user
        save_rule(person, obj, form.cleaned_data["channels"])

    @admin.action(description="End the muting")
    def hear_again(self, request: HttpRequest, rows: QuerySet[AlertRule]) -> None:
        person: Any = request.user
        chosen = list(rows.select_related("project"))
        self.apply(request, chosen, lambda rule: mute(person, rule, None), "not muted any more")


@admin.register(Delivery)
class DeliveryAdmin(RecordAdmin):
    list_display = ("created_at", "alert", "channel", "state", "attempts", "sent_at", "error")
    list_filter = ("state", ("channel", ScopedRelatedFilter))
    search_fields = ("alert__message", "channel__name")
    date_hierarchy = "created_at"
    list_select_related = ("alert__project", "channel")
    fields = (
        "alert", "channel", "state", "attempts", "due_at", "raised_at", "sent_at", "error",
        "critical",
    )  # fmt: skip
