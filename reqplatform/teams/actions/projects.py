"""Projects and their members."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Membership, Project, Role, User


def create_project(
    *, slug: str, name: str, owner: User, values: Mapping[str, Any] | None = None
) -> Project:
    """A new project with its first owner. Raises InvalidInput if a value is out of range."""
    project = Project(slug=slug, name=name, **(values or {}))
    try:
        project.full_clean()
    except ValidationError as error:
        raise InvalidInput("; ".join(error.messages)) from error
    with transaction.atomic():
        project.save()
        Membership.objects.create(project=project, user=owner, role=Role.OWNER)
    return project
