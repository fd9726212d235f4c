"""What a run may have used never changes, by whichever way somebody tries."""

from typing import Any

import pytest

from reqplatform.errors import Conflict
from skills.models import Skill, SkillSlug, SkillVersion, VersionStatus

pytestmark = pytest.mark.django_db

USED = [VersionStatus.ACTIVE, VersionStatus.RETIRED]


def version(status: VersionStatus) -> SkillVersion:
    skill = Skill.objects.create(slug=SkillSlug.EXTRACTION)
    return SkillVersion.objects.create(
        skill=skill, number=1, status=status, body="Read.", parameters={"a": [1]}
    )


@pytest.mark.parametrize("status", USED)
@pytest.mark.parametrize(
    ("field", "value"),
    [("body", "Write."), ("parameters", {"a": [2]}), ("number", 2), ("status", "draft")],
)
def test_save_refuses_to_change_a_used_version(
    status: VersionStatus, field: str, value: Any
) -> None:
    stored = version(status)
    setattr(stored, field, value)
    with pytest.raises(Conflict, match="never changes"):
        stored.save()
    kept = SkillVersion.objects.get(pk=stored.pk)
    assert getattr(kept, field) != value


@pytest.mark.parametrize("status", USED)
def test_a_parameter_changed_in_place_is_noticed_and_a_changelog_may_be_mended(
    status: VersionStatus,
) -> None:
    stored = version(status)
    stored.changelog = "Said better."
    stored.save()
    stored.parameters["a"].append(2)
    with pytest.raises(Conflict):
        stored.save()


@pytest.mark.parametrize("field", ["body", "parameters", "number", "skill", "skill_id"])
def test_the_queryset_changes_states_and_no_contents(field: str) -> None:
    stored = version(VersionStatus.DRAFT)
    with pytest.raises(TypeError, match="save"):
        SkillVersion.objects.filter(pk=stored.pk).update(**{field: getattr(stored, field)})


@pytest.mark.parametrize("status", USED)
def test_a_used_version_is_not_deleted(status: VersionStatus) -> None:
    stored = version(status)
    with pytest.raises(Conflict, match="Only drafts"):
        stored.delete()
    with pytest.raises(Conflict, match="Only drafts"):
        SkillVersion.objects.all().delete()
    assert SkillVersion.objects.filter(pk=stored.pk).exists()


def test_a_draft_changes_and_goes() -> None:
    draft = version(VersionStatus.DRAFT)
    before = draft.fingerprint
    draft.body = "Write."
    draft.save()
    assert SkillVersion.objects.get(pk=draft.pk).fingerprint != before
    draft.delete()
    assert not SkillVersion.objects.exists()
