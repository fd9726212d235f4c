"""The order in which a project's node asks its models."""

from django.db import transaction

from observability.models import Node, Route
from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require

_ASIDE = 10_000  # beyond every position, where rows wait while others take theirs


def place_route(user: User | None, route: Route) -> None:
    """Save a route at its position; what stands there moves back. Owners only.

    The positions of the node count from 1 without gaps afterwards. Raises InvalidInput if the node
    asks the model already, or asks none.
    """
    require(user, route.project, Role.OWNER)
    if route.node == Node.DOCUMENT:
        raise InvalidInput(
            f"{Node.DOCUMENT.label} asks no model: it writes down what the others found. Choose "
            "another agent.",
            field="node",
        )
    with transaction.atomic():
        others = _locked(route)
        for other in others:
            if other.profile_id == route.profile_id:
                raise InvalidInput(
                    f"{route.get_node_display()} asks {route.profile} already, at position "
                    f"{other.position}. Move that one instead.",
                    field="profile",
                )
        at = min(max(1, route.position), len(others) + 1) - 1
        _write([*others[:at], route, *others[at:]], route)


def move_route(user: User | None, route: Route, steps: int) -> None:
    """Ask a model earlier (negative `steps`) or later than its neighbours. Owners only."""
    require(user, route.project, Role.OWNER)
    with transaction.atomic():
        others = _locked(route)
        before = sum(other.position < route.position for other in others)
        at = min(max(0, before + steps), len(others))
        _write([*others[:at], route, *others[at:]], route)


def remove_route(user: User | None, route: Route) -> None:
    """Ask the model no more; those behind it move up. Owners only."""
    require(user, route.project, Role.OWNER)
    with transaction.atomic():
        others = _locked(route)
        Route.objects.filter(pk=route.pk).delete()
        _write(others)


def _locked(route: Route) -> list[Route]:
    """The node's other routes in their order. The project is locked, so that two people who add
    the first route of a node take turns as well."""
    Project.objects.select_for_update(no_key=True).only("pk").get(pk=route.project_id)
    rows = Route.objects.filter(project=route.project_id, node=route.node).exclude(pk=route.pk)
    return list(rows.order_by("position"))


def _write(order: list[Route], changed: Route | None = None) -> None:
    """Number the routes in this order, and save all of one that was changed."""
    for number, row in enumerate(order):
        if row.pk is not None:  # out of the way of each other, positions being unique
            Route.objects.filter(pk=row.pk).update(position=_ASIDE + number)
    for number, row in enumerate(order, start=1):
        row.position = number
        if row is changed:
            row.save()
        else:
            row.save(update_fields=["position"])
