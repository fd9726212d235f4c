"""What the names on a command line mean: projects, subsystems and runs."""

from uuid import UUID

from django.core.management.base import CommandError
from django.db.models import CharField
from django.db.models.functions import Cast

from observability.management import projects as projects_by_name
from reqplatform.teams.models import Project
from runs.actions.subsystems import check_new_subsystem
from runs.models import Run, Subsystem


def find_project(slug: str | None) -> Project:
    """The named project, or the only one. Raises CommandError."""
    projects = Project.objects.filter(archived_at=None)
    if slug:
        return projects_by_name.find_project(slug, projects)
    found = list(projects[:2])
    if len(found) != 1:
        raise CommandError(f"Say which project with --project. {projects_by_name.listed(projects)}")
    only: Project = found[0]
    return only


def find_subsystem(project: Project, name: str, code: str | None) -> Subsystem | None:
    """The subsystem of this name or code; None if it is new and `code` lets it be added.

    Raises CommandError if it is unknown, and InvalidInput if it cannot be added so.
    """
    rows = Subsystem.objects.filter(project=project)
    found: Subsystem | None = (
        rows.filter(name__iexact=name).first() or rows.filter(code=name.upper()).first()
    )
    if found is not None:
        if code and code.upper() != found.code:
            raise CommandError(f"{found.name} has the code {found.code}, not {code}.")
        return found
    if code:
        check_new_subsystem(project, code=code, name=name)
        return None
    known = ", ".join(f"{row.name} ({row.code})" for row in rows[:20]) or "none yet"
    raise CommandError(
        f"{project.name} has no subsystem {name!r}. It has: {known}. "
        "To add it, give its code too, such as --code NAV."
    )


def all_subsystems(project: Project) -> list[Subsystem]:
    """Raises CommandError if there is none."""
    found = list(Subsystem.objects.filter(project=project))
    if not found:
        raise CommandError(
            f"{project.name} has no subsystem yet. Add one with --subsystem NAME --code CODE, or "
            "on the project's page."
        )
    return found


def find_run(reference: str) -> Run:
    """The run of this id, or of the end of an id as lists show it. Raises CommandError."""
    text = reference.strip().lower()
    rows = Run.objects.annotate(text=Cast("id", CharField()))
    try:
        found = list(rows.filter(pk=UUID(text)))
    except ValueError:
        found = list(rows.filter(text__endswith=text)[:2]) if 6 <= len(text) <= 12 else []
    if len(found) != 1:
        raise CommandError(f"There is no run {reference!r}. Its page and its files show its id.")
    run: Run = found[0]
    return run
