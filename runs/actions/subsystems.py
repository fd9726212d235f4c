"""Adding and changing the parts of the system that requirements are allocated to."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Lower

from reqplatform.errors import InvalidInput
from reqplatform.security.plain_text import lines, one_line
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require
from runs.models import Subsystem
from runs.models.subsystem import CODE_RULE


def save_subsystem(user: User | None, subsystem: Subsystem) -> Subsystem:
    """Add or change a subsystem. Editors and above.

    Its code cannot change once identifiers begin with it. Raises InvalidInput.
    """
    require(user, subsystem.project, Role.EDITOR)
    check_subsystem(subsystem)
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
        _require_unique(subsystem)  # somebody was quicker, and can be named now
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
            code=in_capitals(code),
            name=name,
            description=description,
            interfaces=interfaces,
            keywords=list(keywords),
        ),
    )


def check_new_subsystem(project: Project, *, code: str, name: str) -> None:
    """Raise InvalidInput if the project cannot get a subsystem of this code and name."""
    check_subsystem(Subsystem(project=project, code=in_capitals(code), name=name))


def in_capitals(code: str) -> str:
    """A code as it was typed, in capitals. Only of ASCII, because the capitals of \u00df are SS."""
    return code.upper() if code.isascii() else code


def check_subsystem(subsystem: Subsystem) -> None:
    """Take out of its texts what cannot be seen, and raise InvalidInput if it cannot be saved."""
    subsystem.code, subsystem.name = subsystem.code.strip(), one_line(subsystem.name)
    subsystem.description = lines(subsystem.description)
    subsystem.interfaces = lines(subsystem.interfaces)
    subsystem.keywords = [word for word in map(one_line, subsystem.keywords) if word]
    try:
        subsystem.full_clean(validate_constraints=False)
    except ValidationError as error:
        field, faults = next(iter(error.error_dict.items()))
        raise InvalidInput(_in_words(field, faults[0]), field=field) from error
    _require_unique(subsystem)


def _in_words(field: str, fault: ValidationError) -> str:
    if fault.code == "blank":
        return f"The subsystem needs a {field}{f': {CODE_RULE}' if field == 'code' else ''}."
    if fault.code == "max_length" and fault.params:
        most, given = fault.params["limit_value"], fault.params["show_value"]
        return f"The subsystem's {field} may have {most} characters at most; it has {given}."
    return " ".join(fault.messages)


def _require_unique(subsystem: Subsystem) -> None:
    """The project's rules in words; the database keeps them against two who save at once."""
    others = Subsystem.objects.filter(project=subsystem.project).exclude(pk=subsystem.pk)
    if same := others.filter(code=subsystem.code).first():
        raise InvalidInput(
            f"The project has a subsystem of the code {same.code} already: {same.name}.",
            field="code",
        )
    lower = others.annotate(lower=Lower("name"))  # compares as the constraint does
    if same := lower.filter(lower=Lower(Value(subsystem.name))).first():
        raise InvalidInput(
            f"The project has a subsystem of the name {same.name} already: {same.code}.",
            field="name",
        )
