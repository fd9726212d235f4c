"""Drafts, activation and rolling back: who may, what changes, and what happens when two do."""

from collections.abc import Callable
from typing import Any

import pytest

from reqplatform.errors import ActionError, Conflict, InvalidInput, NotAllowed, NotFound
from reqplatform.teams.models import Project, User
from skills import registry
from skills.actions.activation import activate, roll_back, use_library
from skills.actions.drafts import (
    Draft,
    create_library_draft,
    create_variant,
    discard_draft,
    edit_draft,
)
from skills.loading import load_library
from skills.models import Skill, SkillSlug, SkillVersion, VersionStatus
from tests import factories
from tests.conftest import World

SLUG = SkillSlug.SYSTEM_ANALYSIS
TYPED = Draft({"max_children_per_parent": 3}, "# Analyse\n", "Fewer children.")


@pytest.fixture(autouse=True)
def _library(db: None) -> None:
    load_library()


@pytest.fixture
def superuser(world: World) -> User:
    return factories.user("root", is_superuser=True)


def written(world: World) -> SkillVersion:
    """A draft of the project's variant, ready to be activated."""
    draft = create_variant(world.owner, world.project, SLUG)
    return edit_draft(world.owner, draft, TYPED, seen=draft.fingerprint)


def activated(world: World) -> SkillVersion:
    draft = written(world)
    return activate(world.owner, draft, seen=draft.fingerprint, seen_active=None)


def status(version: SkillVersion) -> str:
    version.refresh_from_db()
    return version.status


def test_a_variant_begins_as_a_draft_with_what_the_library_says(world: World) -> None:
    library = SkillVersion.objects.get(skill__slug=SLUG)
    draft = create_variant(world.owner, world.project, SLUG)
    assert draft.is_draft
    assert (draft.body, draft.parameters) == (library.body, library.parameters)
    assert (draft.author, draft.changelog) == (world.owner, "")
    assert registry.active_versions(world.project)[SLUG] == library


def test_a_second_draft_copies_the_variant_and_not_the_library(world: World) -> None:
    activated(world)
    draft = create_variant(world.owner, world.project, SLUG)
    assert (draft.number, draft.body) == (2, "# Analyse\n")


def test_an_open_draft_has_to_be_finished_first(world: World) -> None:
    create_variant(world.owner, world.project, SLUG)
    with pytest.raises(Conflict, match="v1 is a draft of owner already"):
        create_variant(world.owner, world.project, SLUG)
    assert SkillVersion.objects.filter(skill__project=world.project).count() == 1


def test_activating_changes_this_project_only(world: World) -> None:
    version = activated(world)
    assert registry.active_versions(world.project)[SLUG] == version
    assert registry.active_versions(world.other_project)[SLUG].skill.project is None
    assert version.activated_by == world.owner
    assert version.parameters["max_children_per_parent"] == 3
    assert version.parameters["acceptance_criteria_required"] is True  # spelled out when saved


def test_the_version_before_retires_and_can_be_rolled_back_to(world: World) -> None:
    first = activated(world)
    draft = written(world)
    second = activate(world.owner, draft, seen=draft.fingerprint, seen_active=first.pk)
    assert (status(first), status(second)) == ("retired", "active")

    roll_back(world.owner, first, seen=first.fingerprint, seen_active=second.pk)

    assert (status(first), status(second)) == ("active", "retired")
    assert registry.active_versions(world.project)[SLUG] == first


def test_a_project_can_go_back_to_the_library(world: World) -> None:
    own = activated(world)
    use_library(world.owner, world.project, SLUG, seen_active=own.pk)
    assert status(own) == "retired"
    assert registry.active_versions(world.project)[SLUG].skill.project is None
    with pytest.raises(Conflict, match="doesn't use that version any more"):
        use_library(world.owner, world.project, SLUG, seen_active=own.pk)


def test_a_draft_edited_meanwhile_is_not_overwritten(world: World) -> None:
    draft = create_variant(world.owner, world.project, SLUG)
    seen = draft.fingerprint
    edit_draft(world.owner, draft, TYPED, seen=seen)
    with pytest.raises(Conflict, match="owner has changed this draft since you opened it"):
        edit_draft(world.owner, draft, Draft({}, "# Mine\n", ""), seen=seen)
    draft.refresh_from_db()
    assert draft.body == "# Analyse\n"


def test_a_draft_edited_meanwhile_is_neither_activated_nor_discarded(world: World) -> None:
    draft = written(world)
    seen = draft.fingerprint
    edit_draft(world.owner, draft, Draft({}, "# New\n", "Other."), seen=seen)
    with pytest.raises(Conflict, match="edited since you opened"):
        activate(world.owner, draft, seen=seen, seen_active=None)
    with pytest.raises(Conflict, match="changed this draft since"):
        discard_draft(world.owner, draft, seen=seen)
    assert status(draft) == "draft"


def test_only_the_first_of_two_who_activate_succeeds(world: World) -> None:
    first = activated(world)
    draft = written(world)
    with pytest.raises(Conflict, match="is active by now"):  # they saw the library's in use
        activate(world.owner, draft, seen=draft.fingerprint, seen_active=None)
    assert (status(first), status(draft)) == ("active", "draft")
    activate(world.owner, draft, seen=draft.fingerprint, seen_active=first.pk)
    with pytest.raises(Conflict, match="v2 has the status active by now"):
        activate(world.owner, draft, seen=draft.fingerprint, seen_active=first.pk)


def test_a_draft_without_a_changelog_is_not_activated(world: World) -> None:
    draft = create_variant(world.owner, world.project, SLUG)
    with pytest.raises(InvalidInput, match="Say in the changelog"):
        activate(world.owner, draft, seen=draft.fingerprint, seen_active=None)
    assert status(draft) == "draft"


def test_a_draft_is_not_rolled_back_to_and_a_retired_version_not_edited(world: World) -> None:
    first = activated(world)
    draft = written(world)
    with pytest.raises(Conflict, match="has the status draft by now"):
        roll_back(world.owner, draft, seen=draft.fingerprint, seen_active=first.pk)
    with pytest.raises(Conflict, match="was activated meanwhile"):
        edit_draft(world.owner, first, TYPED, seen=first.fingerprint)


def test_bad_values_are_refused_and_nothing_is_saved(world: World) -> None:
    draft = create_variant(world.owner, world.project, SLUG)
    before = draft.body
    for bad in (
        Draft({"max_children_per_parent": 99}, "# Text\n", ""),
        Draft({}, " \n", ""),
        Draft({}, "x" * 50_001, ""),
        Draft({}, "a\x00b", ""),
        Draft({}, "line\n" * 2001, ""),
        Draft({}, "# Text\n", "c" * 301),
    ):
        with pytest.raises(InvalidInput):
            edit_draft(world.owner, draft, bad, seen=draft.fingerprint)
    draft.refresh_from_db()
    assert draft.body == before


def test_only_drafts_are_discarded(world: World) -> None:
    draft = create_variant(world.owner, world.project, SLUG)
    discard_draft(world.owner, draft, seen=draft.fingerprint)
    assert not SkillVersion.objects.filter(pk=draft.pk).exists()
    with pytest.raises(NotFound, match="somebody has discarded it"):
        edit_draft(world.owner, draft, TYPED, seen=draft.fingerprint)
    used = activated(world)
    with pytest.raises(Conflict, match="Only drafts"):
        discard_draft(world.owner, used, seen=used.fingerprint)
    assert status(used) == "active"


def test_an_archived_project_changes_no_more(world: World) -> None:
    from django.utils import timezone

    world.project.archived_at = timezone.now()
    world.project.save(update_fields=["archived_at"])
    with pytest.raises(Conflict, match="archived"):
        create_variant(world.owner, world.project, SLUG)


def project_of(version: SkillVersion) -> Project:
    assert version.skill.project is not None
    return version.skill.project


MUTATIONS: dict[str, Callable[[User, SkillVersion, SkillVersion], Any]] = {
    "create": lambda user, draft, own: create_variant(user, project_of(draft), SLUG),
    "edit": lambda user, draft, own: edit_draft(user, draft, TYPED, seen=draft.fingerprint),
    "discard": lambda user, draft, own: discard_draft(user, draft, seen=draft.fingerprint),
    "activate": lambda user, draft, own: activate(
        user, draft, seen=draft.fingerprint, seen_active=own.pk
    ),
    "roll_back": lambda user, draft, own: roll_back(
        user, own, seen=own.fingerprint, seen_active=own.pk
    ),
    "use_library": lambda user, draft, own: use_library(
        user, project_of(draft), SLUG, seen_active=own.pk
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize(
    ("person", "refusal"),
    [("editor", NotAllowed), ("reviewer", NotAllowed), ("viewer", NotAllowed),
     ("stranger", NotFound)],
)  # fmt: skip
def test_only_owners_change_a_projects_variant(
    world: World, name: str, person: str, refusal: type[ActionError]
) -> None:
    own = activated(world)
    draft = written(world)
    before = list(SkillVersion.objects.order_by("pk").values())
    with pytest.raises(refusal):
        MUTATIONS[name](getattr(world, person), draft, own)
    assert list(SkillVersion.objects.order_by("pk").values()) == before


def test_only_superusers_change_the_library(world: World, superuser: User) -> None:
    active = SkillVersion.objects.get(skill__slug=SLUG)
    with pytest.raises(NotAllowed, match="only administrators"):
        create_library_draft(world.owner, SLUG)
    draft = create_library_draft(superuser, SLUG)
    for act in (
        lambda: edit_draft(world.owner, draft, TYPED, seen=draft.fingerprint),
        lambda: discard_draft(world.owner, draft, seen=draft.fingerprint),
        lambda: activate(world.owner, draft, seen=draft.fingerprint, seen_active=active.pk),
    ):
        with pytest.raises(NotAllowed, match="only administrators"):
            act()
    edited = edit_draft(superuser, draft, TYPED, seen=draft.fingerprint)
    activate(superuser, edited, seen=edited.fingerprint, seen_active=active.pk)
    assert registry.active_versions(world.project)[SLUG] == edited


def test_a_retired_librarys_row_count_is_one_active_at_most(world: World) -> None:
    activated(world)
    active = SkillVersion.objects.filter(status=VersionStatus.ACTIVE, skill__slug=SLUG)
    assert sorted(str(version.skill) for version in active.select_related("skill__project")) == [
        "System analysis (Survey vessel)",
        "System analysis (library)",
    ]
    assert Skill.objects.for_user(world.stranger).filter(project=world.project).count() == 0
