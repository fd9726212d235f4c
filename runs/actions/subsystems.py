"""Adding and changing the parts of the system that requirements are allocated to."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require
from runs.models import Subsystem


def save_subsystem(user: User | None, subsystem: Subsystem) -> Subsystem:
    """Add or change a subsystem. Editors and above.

    Its code cannot change once identifiers begin with it. Raises InvalidInput.
    """
    require(user, subsystem.project, Role.EDITOR)
    _clean(subsystem)
    before = Subsystem.objects.filter(pk=subsystem.pk).first()
    if before and before.project_id != subsystem.project_id:
        raise InvalidInput("A subsystem stays in its project. Add a new one there.")
    if before and before.code != subsystem.code and before.requirements.exists():
        raise InvalidInput(
            f"The code {before.code} begins identifiers that exist, so it cannot change. "
            "Add a new subsystem instead.",
            field="code",
        )
    try:
        with transaction.atomic():
            subsystem.save()
    except IntegrityError as error:
        raise InvalidInput("The project has a subsystem of this code or name already.") from error
    return subsystem


def add_subsystem(
    user: User | None,
    project: Project,
    *,
    code: str,
    name: str,
    description: str = "",
    interfaces: str = "",
    keywords: Iterable[str] = (),
) -> Subsystem:
    """A new subsystem of the project. Editors and above; raises InvalidInput."""
    return save_subsystem(
        user,
        Subsystem(
            project=project,
            code=code.upper(),
            name=name,
            description=description.strip(),
            interfaces=interfaces.strip(),
            keywords=[word.strip() for word in keywords if word.strip()],
        ),
    )


def check_new_subsystem(project: Project, *, code: str, name: str) -> None:
    """Raise InvalidInput if the project cannot get a subsystem of this code and name."""
    _clean(Subsystem(project=project, code=code.upper(), name=name))


def _clean(subsystem: Subsystem) -> None:
    # A pattern's $ lets a line break pass, and a name of blanks is not empty.
    subsystem.code, subsystem.name = subsystem.code.strip(), subsystem.name.strip()
    try:
        subsystem.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput(" ".join(messages), field=field) from error
