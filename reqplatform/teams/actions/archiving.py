"""Putting a project away, and taking it out again. Projects are never deleted."""

from django.utils import timezone

from reqplatform.errors import Conflict
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require, require_role


def archive_project(user: User | None, project: Project) -> Project:
    """Make a project read only. Owners only; raises Conflict if it is archived already."""
    require(user, project, Role.OWNER)
    now = timezone.now()
    if not Project.objects.filter(pk=project.pk, archived_at=None).update(archived_at=now):
        raise Conflict(f"{project.name} is archived already.")
    project.archived_at = now
    return project


def restore_project(user: User | None, project: Project) -> Project:
    """Let a project be worked on again. Owners only; raises Conflict if it is not archived."""
    require_role(user, project, Role.OWNER)
    restored = Project.objects.filter(pk=project.pk, archived_at__isnull=False)
    if not restored.update(archived_at=None):
        raise Conflict(f"{project.name} is not archived.")
    project.archived_at = None
    return project
