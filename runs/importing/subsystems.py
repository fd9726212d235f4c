"""Subsystems from a file: found by their code, each saved as on its page."""

from collections.abc import Mapping
from typing import Any

from observability.sheets.importing import ActionResource, Change
from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Project
from runs.actions.subsystems import in_capitals, save_subsystem
from runs.models import Subsystem

TEXTS = ("name", "description", "interfaces")


class SubsystemResource(ActionResource):
    """In a project; in the admin, which shows several, the file's column says in which."""

    columns = ("project", "code", *TEXTS, "keywords")
    required = ("code",)

    def __init__(self, project: Project | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.project = project

    @classmethod
    def get_display_name(cls) -> str:
        return "Subsystems"

    def act(self, row: Mapping[str, str], user: Any) -> Change:
        project = self._project(row.get("project", ""), user)
        code = in_capitals(row["code"])
        rows = Subsystem.objects.for_user(user).filter(project=project, code=code)
        found: Subsystem | None = rows.first()
        before = texts_of(found) if found else None
        subsystem = found or Subsystem(project=project, code=code, keywords=[])
        for name in TEXTS:
            if name in row:
                setattr(subsystem, name, row[name])
        if "keywords" in row:
            words = row["keywords"].replace("\n", ";").split(";")
            subsystem.keywords = [word.strip() for word in words if word.strip()]
        save_subsystem(user, subsystem)
        return Change(str(subsystem), before, texts_of(subsystem))

    def _project(self, slug: str, user: Any) -> Project:
        if self.project is not None:
            if slug and slug != self.project.slug:
                raise InvalidInput(
                    f"The row is of the project {slug}, but this is {self.project.slug}. Leave the "
                    "column out, or import the file there.",
                    field="project",
                )
            return self.project
        found: Project | None = Project.objects.for_user(user).filter(slug=slug).first()
        if found is None:
            raise InvalidInput(
                f"You are a member of no project {slug or 'without a name'}. Give its slug, as in "
                "the address of its page.",
                field="project",
            )
        return found


def texts_of(subsystem: Subsystem) -> dict[str, str]:
    return {
        "project": subsystem.project.slug,
        "code": subsystem.code,
        **{name: getattr(subsystem, name) for name in TEXTS},
        "keywords": "; ".join(map(str, subsystem.keywords)),
    }
