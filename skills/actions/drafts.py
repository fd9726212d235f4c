"""Starting, editing and discarding drafts. Nothing here touches a version that may be in use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from reqplatform.errors import Conflict
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require
from skills import lint, parameters
from skills.actions.access import lock, require_lead
from skills.models import Skill, SkillSlug, SkillVersion, VersionStatus


@dataclass(frozen=True, slots=True)
class Draft:
    """What a draft says, as its author typed it."""

    parameters: Mapping[str, Any]
    body: str
    changelog: str


def create_variant(user: User | None, project: Project, slug: SkillSlug) -> SkillVersion:
    """A draft of the project's own variant, a copy of what the project uses now. Owners.

    Raises Conflict if the variant has an open draft already.
    """
    require(user, project, Role.OWNER)
    with transaction.atomic():
        skill, _ = Skill.objects.get_or_create(project=project, slug=slug)
        return _new_draft(user, skill)


def create_library_draft(user: User | None, slug: SkillSlug) -> SkillVersion:
    """A draft in the library, a copy of its active version. Superusers."""
    with transaction.atomic():
        skill, _ = Skill.objects.get_or_create(project=None, slug=slug)
        require_lead(user, skill)
        return _new_draft(user, skill)


def edit_draft(
    user: User | None, version: SkillVersion, draft: Draft, *, seen: str
) -> SkillVersion:
    """Save what the author typed, if the draft still is as they `seen` it (its fingerprint).

    Raises InvalidInput for what lint finds, and Conflict if it was edited or activated meanwhile.
    """
    require_lead(user, version.skill)
    lint.check(version.skill.slug, draft.parameters, draft.body, draft.changelog).raise_errors()
    with transaction.atomic():
        now = lock(version)
        if not now.is_draft:
            raise Conflict(f"{now} was activated meanwhile. Start a new draft to change it.")
        if now.fingerprint != seen:
            raise Conflict(
                f"{_name(now.author)} has changed this draft since you opened it. Compare it with "
                "yours before you save: saving again replaces what they wrote."
            )
        parsed = parameters.parse(now.skill.slug, draft.parameters)
        now.parameters = parsed.model_dump(mode="json")
        now.body = _tidy(draft.body)
        now.changelog = draft.changelog
        now.author = user or now.author
        now.save(update_fields=["parameters", "body", "changelog", "author"])
    return now


def discard_draft(user: User | None, version: SkillVersion, *, seen: str) -> None:
    """Delete a draft, if it still is as the person saw it. Only drafts are ever deleted."""
    require_lead(user, version.skill)
    with transaction.atomic():
        now = lock(version)
        if now.is_draft and now.fingerprint != seen:
            raise Conflict(f"{_name(now.author)} has changed this draft since you opened it.")
        now.delete()


def _new_draft(user: User | None, skill: Skill) -> SkillVersion:
    skill = Skill.objects.select_for_update().get(pk=skill.pk)
    open_draft = skill.versions.filter(status=VersionStatus.DRAFT).select_related("author").first()
    if open_draft:
        raise Conflict(
            f"{open_draft} is a draft of {_name(open_draft.author)} already. Edit that one, or "
            "discard it first."
        )
    base = _in_use(skill)
    draft: SkillVersion = SkillVersion.objects.create(
        skill=skill,
        number=skill.next_number(),
        parameters=base.parameters,
        body=base.body,
        author=user,
    )
    return draft


def _in_use(skill: Skill) -> SkillVersion:
    """The skill's active version, or, for a variant without one, the library's."""
    rows = SkillVersion.objects.filter(status=VersionStatus.ACTIVE, skill__slug=skill.slug)
    found: SkillVersion | None = (
        rows.filter(skill=skill).first() or rows.filter(skill__project=None).first()
    )
    if found is None:
        raise Conflict(
            f"The library has no active version of {skill.get_slug_display()}. "
            "Run 'manage.py load_skills' first."
        )
    return found


def _tidy(body: str) -> str:
    """With the line ends that browsers change put back, and one at the end, as in the library."""
    return body.replace("\r\n", "\n").strip() + "\n"


def _name(person: User | None) -> str:
    return person.display_name if person else "The library's loader"
