import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Project
from skills import loading, parameters, registry
from skills.models import Skill, SkillSlug, SkillVersion, VersionStatus
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return Path(shutil.copytree(loading.LIBRARY, tmp_path / "library"))


def rewrite(library: Path, old: str, new: str, slug: str = SkillSlug.EXTRACTION) -> None:
    path = library / slug / "SKILL.md"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def extraction_versions() -> list[tuple[int, str]]:
    rows = SkillVersion.objects.filter(skill__slug=SkillSlug.EXTRACTION).order_by("number")
    return list(rows.values_list("number", "status"))


def test_loading_makes_the_four_methods_active_and_a_second_time_changes_nothing() -> None:
    first = loading.load_library()
    assert [item.created for item in first] == [True] * 4
    before = list(SkillVersion.objects.order_by("pk").values())

    second = loading.load_library()

    assert [item.created for item in second] == [False] * 4
    assert list(SkillVersion.objects.order_by("pk").values()) == before
    project = Project.objects.create(slug="p", name="P")
    assert set(registry.active_versions(project)) == set(SkillSlug)


def test_every_library_file_gives_each_parameter_its_default() -> None:
    """What the methods' texts set and what a version without parameters means are the same."""
    for item in loading.load_library():
        schema = parameters.SCHEMAS[item.version.skill.slug]
        assert item.version.parameters == schema().model_dump(mode="json")
        assert item.warnings == ()


def test_a_changed_file_replaces_a_version_that_nobody_has_touched(library: Path) -> None:
    loading.load_library(library)
    rewrite(library, "minimum_confidence: 0.5", "minimum_confidence: 0.6")
    loaded = loading.load_library(library)[0]
    assert loaded.message == "Requirement extraction v2 loaded and activated."
    assert extraction_versions() == [(1, "retired"), (2, "active")]
    assert not loading.load_library(library)[0].created


def test_a_changed_file_waits_as_a_draft_beside_a_version_of_a_persons_own(library: Path) -> None:
    loading.load_library(library)
    skill = Skill.objects.get(slug=SkillSlug.EXTRACTION)
    skill.versions.update(status=VersionStatus.RETIRED)
    SkillVersion.objects.create(
        skill=skill, number=2, status=VersionStatus.ACTIVE, body="Mine.", author=factories.user("a")
    )
    rewrite(library, "# Requirement extraction", "# Extraction of requirements")

    loaded = loading.load_library(library)[0]

    assert "loaded as a draft, because somebody activated" in loaded.message
    assert extraction_versions() == [(1, "retired"), (2, "active"), (3, "draft")]
    assert not loading.load_library(library)[0].created


def test_a_file_with_an_error_loads_none_of_the_four(library: Path) -> None:
    slug = SkillSlug.QUALITY_VALIDATION
    rewrite(library, "terms: []", "terms: many", slug)
    with pytest.raises(InvalidInput, match=r"quality-validation/SKILL\.md: terms"):
        loading.load_library(library)
    assert not SkillVersion.objects.exists()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("# No front matter", "must begin with a front matter"),
        ("---\nparameters: {}\n", "must begin with a front matter"),
        ("---\na: [\n---\nBody", "not valid YAML"),
        ("---\nparameters: 3\n---\nBody", "must be names with values"),
        ("---\nparameters: {}\n---\n\n", "The method is empty"),
    ],
)
def test_a_broken_file_is_refused_with_its_name(library: Path, text: str, complaint: str) -> None:
    (library / SkillSlug.EXTRACTION / "SKILL.md").write_text(text, "utf-8")
    with pytest.raises(InvalidInput, match=complaint):
        loading.load_library(library)


def test_a_missing_file_is_named(library: Path) -> None:
    (library / SkillSlug.EXTRACTION / "SKILL.md").unlink()
    with pytest.raises(InvalidInput, match=r"no requirement-extraction/SKILL\.md"):
        loading.load_library(library)


def test_the_command_says_what_became_of_each_file(monkeypatch: pytest.MonkeyPatch) -> None:
    out = StringIO()
    call_command("load_skills", stdout=out)
    assert out.getvalue().count("v1 loaded and activated.") == 4
    monkeypatch.setattr(loading.load_library, "__defaults__", (Path("/nowhere"),))
    with pytest.raises(CommandError, match="installation is incomplete"):
        call_command("load_skills")
