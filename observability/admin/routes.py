"""Routes: which models a project's node asks, in which order, and at which price."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from observability.actions.routes import move_route, place_route, remove_route
from observability.admin.columns import STYLES
from observability.admin.profiles import price_now, short_price_now
from observability.models import Node, Route
from observability.shown import why_off
from reqplatform.teams.admin_base import ScopedRelatedFilter, TeamAdmin


class RouteForm(forms.ModelForm[Route]):
    """A position that is taken is no error: what stands there moves back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "node" in self.fields:
            node: Any = self.fields["node"]
            node.choices = [one for one in node.choices if one[0] != Node.DOCUMENT]

    def _get_validation_exclusions(self) -> set[str]:
        found: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return found | {"position"}


@admin.register(Route)
class RouteAdmin(TeamAdmin):
    """Without a route, a node asks the embedded analyst."""

    form = RouteForm
    list_display = ("project", "node", "position", "profile", "off", "costs", "temperature")
    list_display_links = ("project", "node")
    list_filter = ("node", ("project", ScopedRelatedFilter), ("profile", ScopedRelatedFilter))
    search_fields = ("project__name", "profile__name")
    list_select_related = ("project", "profile")
    list_before_template = "admin/observability/about_routes.html"
    fixed_fields = ("project",)
    readonly_fields = ("price",)
    fieldsets = (
        (
            None,
            {
                "fields": ("project", "node", "position", "profile", "price", "temperature"),
                "description": "A node asks the model at position 1 first, and the next one when "
                "that cannot be reached or gives no answer that fits. A position that is taken "
                "moves what stands there back. Runs pin their routes and prices when they start: a "
                "change holds for later runs.",
            },
        ),
    )
    actions = ("ask_earlier", "ask_later")
    deletable = True

    class Media:
        css = STYLES

    def save_model(self, request: HttpRequest, obj: Route, form: Any, change: bool) -> None:
        person: Any = request.user
        place_route(person, obj)

    def delete_model(self, request: HttpRequest, obj: Route) -> None:
        person: Any = request.user
        remove_route(person, obj)

    @admin.display(description="Is it asked?")
    def off(self, route: Route) -> str | SafeString:
        if route.profile.enabled:
            return "yes"
        return format_html('<span class="money-bad">{}</span>', why_off(route.profile))

    @admin.display(description="Price of a million tokens")
    def costs(self, route: Route) -> str:
        return short_price_now(route.profile)

    @admin.display(description="Price")
    def price(self, route: Route) -> str:
        return price_now(route.profile) if route.profile_id else "–"

    @admin.action(description="Ask it earlier: one position up")
    def ask_earlier(self, request: HttpRequest, rows: QuerySet[Route]) -> None:
        self._move(request, rows.order_by("project", "node", "position"), -1)

    @admin.action(description="Ask it later: one position down")
    def ask_later(self, request: HttpRequest, rows: QuerySet[Route]) -> None:
        self._move(request, rows.order_by("project", "node", "-position"), 1)

    def _move(self, request: HttpRequest, rows: QuerySet[Route], steps: int) -> None:
        person: Any = request.user

        def move(route: Route) -> None:
            route.refresh_from_db(fields=["position"])  # the one before may have moved it
            move_route(person, route, steps)

        self.apply(request, list(rows), move, "moved")
