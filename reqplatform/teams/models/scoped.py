"""Row security in one place: every read that a person sees starts at `for_user(user)`."""

from typing import Any, ClassVar, Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models

from reqplatform.teams.models.user import User

M = TypeVar("M", bound=models.Model, covariant=True)


class ScopedQuerySet(models.QuerySet[M]):
    def for_user(self, user: User | AnonymousUser) -> Self:
        """Rows of the projects that `user` is a member of; all of them for a superuser."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        path = self.model.project_path  # type: ignore[attr-defined]
        memberships = user.memberships.values("project")
        return self.filter(**{f"{path}__in": memberships})


class ProjectScoped(models.Model):
    """A row that belongs to a project, directly or by the lookup path `project_path`."""

    project_path: ClassVar[str] = "project"
    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
