"""Links that depend on which rooms stand."""

from dataclasses import dataclass

from django import template
from django.conf import settings
from django.urls import NoReverseMatch, reverse

from reqplatform.teams.models import Project

register = template.Library()


@dataclass(frozen=True, slots=True)
class Tab:
    """A link to a sibling page; `count` is shown beside the label if given."""

    label: str
    url: str
    current: bool
    count: str | None = None


SECTIONS = (
    ("runs", "Runs", "runs:project"),
    ("specifications", "Specifications", "runs:specifications"),
    ("subsystems", "Subsystems", "runs:subsystems"),
    ("skills", "Skills", "skills:list"),
    ("reports", "Reports", "runs:reports"),
    ("budgets", "Budgets", "runs:budgets"),
    ("alerts", "Alerts", "runs:alerts"),
    ("members", "Members", "teams:members"),
)


@register.simple_tag
def project_tabs(project: Project, section: str) -> list[Tab]:
    """The sections of a project, those whose pages exist; no budgets where costs are hidden."""
    tabs = []
    for key, label, name in SECTIONS:
        if key == "budgets" and not settings.COST_TRACKING_ENABLED:
            continue
        try:
            url = reverse(name, args=[project.slug])
        except NoReverseMatch:
            continue
        tabs.append(Tab(label=label, url=url, current=key == section))
    return tabs


@register.simple_tag
def signup_open() -> bool:
    """Whether people may make accounts themselves."""
    return bool(settings.ACCOUNT_SIGNUP_OPEN)
