"""Brings the methods in skills/library/ into the database as versions of the library's skills."""

from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from reqplatform.errors import InvalidInput
from skills import front_matter, lint, parameters
from skills.front_matter import SkillFile
from skills.models import Skill, SkillSlug, SkillVersion, VersionStatus

LIBRARY = Path(__file__).parent / "library"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one library file. `version` is its row, new or found."""

    version: SkillVersion
    created: bool
    warnings: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        name = str(self.version)
        if not self.created:
            return f"{name} is up to date."
        if self.version.status == VersionStatus.ACTIVE:
            return f"{name} loaded and activated."
        return (
            f"{name} loaded as a draft, because somebody activated a version of their own. "
            "Compare the two under Skills and activate it if you want it."
        )


def load_library(folder: Path = LIBRARY) -> list[Loaded]:
    """Load all four files, all or none; loading the same files again changes nothing.

    Raises InvalidInput if a file is missing or lint finds an error in it.
    """
    with transaction.atomic():
        return [_load(slug, folder) for slug in SkillSlug]


def _load(slug: SkillSlug, folder: Path) -> Loaded:
    file, warnings = _read(slug, folder / slug.value / "SKILL.md")
    Skill.objects.get_or_create(slug=slug, project=None)
    skill = Skill.objects.select_for_update().get(slug=slug, project=None)
    newest = skill.versions.filter(author=None).order_by("-number").first()
    if newest and (newest.parameters, newest.body) == (file.parameters, file.body):
        return Loaded(newest, created=False, warnings=warnings)
    active = skill.versions.filter(status=VersionStatus.ACTIVE).first()
    version = SkillVersion(
        skill=skill,
        number=skill.next_number(),
        parameters=file.parameters,
        body=file.body,
        changelog=file.changelog,
    )
    if active is None or active.author_id is None:
        if active:
            active.status = VersionStatus.RETIRED
            active.save(update_fields=["status"])
        version.status = VersionStatus.ACTIVE
        version.activated_at = timezone.now()
    version.save()
    return Loaded(version, created=True, warnings=warnings)


def _read(slug: SkillSlug, path: Path) -> tuple[SkillFile, tuple[str, ...]]:
    """The file with every parameter spelled out, so that a later default changes no version."""
    origin = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        raise InvalidInput(f"The library has no {origin}; the installation is incomplete.")
    file = front_matter.parse(path.read_text("utf-8"), origin)
    report = lint.check(slug, file.parameters, file.body, file.changelog)
    if report.errors:
        raise InvalidInput(f"{origin}: {' '.join(report.errors)}")
    values = parameters.parse(slug, file.parameters).model_dump(mode="json")
    return SkillFile(values, file.body, file.changelog), report.warnings
