"""Projects as command lines name them."""

from django.core.management.base import CommandError
from django.db.models import QuerySet

from reqplatform.teams.models import Project

SHOWN = 20


def find_project(slug: str, among: "QuerySet[Project]") -> Project:
    """The project of this slug. Raises CommandError, which lists what there is."""
    project: Project | None = among.filter(slug=slug).first()
    if project is None:
        raise CommandError(f"There is no project {slug!r}. {listed(among)}")
    return project


def listed(projects: "QuerySet[Project]") -> str:
    """The slugs to choose from, in a sentence."""
    slugs = list(projects.order_by("slug").values_list("slug", flat=True)[:SHOWN])
    if not slugs:
        return "There is none yet: run 'make demo', or add one in the admin."
    return f"There are: {', '.join(slugs)}."
