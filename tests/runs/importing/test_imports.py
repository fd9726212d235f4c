"""What a file would do, what it does, and that a mistake in one row leaves everything as it was."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from runs import exports
from runs.graph.identities import Derived, identify
from runs.importing.glossary import GlossaryResource, with_terms
from runs.importing.requirements import RequirementResource
from runs.importing.running import Preview, run_import
from runs.importing.subsystems import SubsystemResource
from runs.models import (
    IdentifierCounter,
    KeptFile,
    Requirement,
    RequirementVersion,
    Run,
    Subsystem,
    TraceLink,
)
from runs.requests import RequirementType
from runs.sheets.formats import FORMATS
from runs.views.imports import KINDS
from skills.actions.domains import save_domain
from skills.domain import parse
from skills.models import DomainVersion
from tests import factories
from tests.audience import check_anonymous, check_csrf
from tests.conftest import World

GOOD = (
    "code,name,description,keywords\nnav,Navigation,Finds the way,position; course\nPWR,Power,,\n"
)


def upload(client: Client, kind: str, text: str | bytes, name: str = "a.csv", **more: Any) -> Any:
    content = text.encode() if isinstance(text, str) else text
    page = reverse("runs:import", args=["survey", kind])
    return client.post(page, {"file": SimpleUploadedFile(name, content), **more})


def confirm(client: Client, kind: str, shown: Any, **more: Any) -> Any:
    page = reverse("runs:import", args=["survey", kind])
    return client.post(page, {"kept": str(shown.context["kept"].pk), **more})


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_who_may_import(world: World, kind: str) -> None:
    page = reverse("runs:import", args=["survey", kind])
    least = KINDS[kind].least
    for role in ("viewer", "reviewer", "editor", "owner"):
        may = role == "owner" or (role == "editor" and least == "editor")
        assert world.client(getattr(world, role)).get(page).status_code == (200 if may else 403)
        if not may:
            answer = upload(world.client(getattr(world, role)), kind, GOOD)
            assert answer.status_code == 403
    assert world.client(world.stranger).get(page).status_code == 404
    check_anonymous(page)
    check_csrf(world, page)


def test_there_is_nothing_else_to_import(world: World) -> None:
    page = reverse("runs:import", args=["survey", "people"])
    assert world.client(world.owner).get(page).status_code == 404


def test_subsystems_are_shown_and_then_taken(world: World) -> None:
    before = factories.subsystem(world.project)
    client = world.client(world.editor)
    shown = upload(client, "subsystems", GOOD)
    preview: Preview = shown.context["preview"]
    assert (preview.added, preview.changed, preview.faulty) == (1, 1, 0)
    assert Subsystem.objects.get() == before
    assert [row.number for row in preview.rows] == [2, 3]
    cells = {column: (old, new) for column, old, new in preview.rows[0].cells}
    assert cells["description"] == ("Navigation of the vessel", "Finds the way")
    assert "code" not in cells
    taken = confirm(client, "subsystems", shown)
    assert taken["Location"] == reverse("runs:subsystems", args=["survey"])
    before.refresh_from_db()
    assert (before.description, before.keywords) == ("Finds the way", ["position", "course"])
    assert Subsystem.objects.count() == 2
    assert not KeptFile.objects.exists()


def test_the_same_file_again_does_nothing(world: World) -> None:
    client = world.client(world.editor)
    confirm(client, "subsystems", upload(client, "subsystems", GOOD))
    shown = upload(client, "subsystems", GOOD)
    assert (shown.context["preview"].same, shown.context["preview"].does_something) == (2, False)
    assert shown.context["kept"] is None


def test_one_mistake_leaves_everything_as_it_was(world: World) -> None:
    text = "code,name\nNAV,Navigation\nn!,Wrong\nPWR,navigation\n"
    shown = upload(world.client(world.editor), "subsystems", text)
    assert shown.status_code == 422
    faults = {row.number: row.faults for row in shown.context["preview"].rows if row.faults}
    assert set(faults) == {3, 4}
    assert faults[3][0][0] == "code"
    assert faults[3][0][1].startswith("The code must be 2 to 10 capital letters")
    assert "name Navigation already" in faults[4][0][1]
    assert shown.context["kept"] is None
    assert not Subsystem.objects.exists()
    assert "Nothing was imported" in shown.content.decode()


def test_what_changed_meanwhile_is_told_and_nothing_is_taken(world: World) -> None:
    client = world.client(world.editor)
    shown = upload(client, "subsystems", GOOD)
    factories.subsystem(world.project, "XYZ", "Power")  # takes a name of the file
    taken = confirm(client, "subsystems", shown)
    assert taken.status_code == 422
    assert set(Subsystem.objects.values_list("code", flat=True)) == {"XYZ"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\nNavigation\n", "It lacks code."),
        ("code,colour\nNAV,red\n", "Nobody knows what colour is."),
        ("code,Code\nNAV,PWR\n", "A column occurs twice."),
        ("code\n" + "A\n" * 1_001, "1,000 are imported at a time"),
        ("code\n", "no row below its header"),
    ],
)
def test_a_file_that_is_not_one_of_these_is_refused(world: World, text: str, said: str) -> None:
    shown = upload(world.client(world.editor), "subsystems", text)
    assert shown.status_code == 422
    assert said in shown.content.decode()


def test_other_files_are_refused(world: World) -> None:
    client = world.client(world.editor)
    assert "must end in" in upload(client, "subsystems", "x", "a.exe").content.decode()
    assert (
        "Choose a file"
        in client.post(reverse("runs:import", args=["survey", "subsystems"]), {}).content.decode()
    )


def test_what_a_file_says_cannot_become_part_of_the_page(world: World) -> None:
    text = 'code,name\nNAV,<script>alert("x")</script>\n'
    page = upload(world.client(world.editor), "subsystems", text).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_kept_file_is_its_uploaders(world: World) -> None:
    shown = upload(world.client(world.editor), "subsystems", GOOD)
    answer = confirm(world.client(world.owner), "subsystems", shown)
    assert answer.status_code == 422
    assert "not here any more" in answer.content.decode()
    assert not Subsystem.objects.exists()
    page = reverse("runs:import", args=["survey", "subsystems"])
    assert world.client(world.editor).post(page, {"kept": "nonsense"}).status_code == 422


def test_another_projects_rows_stay_there(world: World) -> None:
    theirs = factories.subsystem(world.other_project)
    text = "project,code,name\nother,NAV,Taken over\n"
    shown = upload(world.client(world.editor), "subsystems", text)
    assert "Leave the column out" in shown.content.decode()
    preview = run_import(SubsystemResource(), world.editor, "a.csv", text.encode(), dry_run=False)
    assert "member of no project other" in preview.rows[0].faults[0][1]
    theirs.refresh_from_db()
    assert theirs.name == "Navigation"


def test_an_export_can_be_imported_again(world: World) -> None:
    from runs.sheets.resources import render
    from runs.sheets.results import SUBSYSTEMS

    Subsystem.objects.create(
        project=world.project, code="NAV", name="=cmd|x", description="-a\nb", keywords=["k", "+l"]
    )
    for extension in FORMATS:
        content = render(
            SUBSYSTEMS, Subsystem.objects.all(), SUBSYSTEMS.columns(), extension, "UTC"
        )
        preview = run_import(
            SubsystemResource(world.project), world.editor, f"a.{extension}", content, dry_run=True
        )
        assert (preview.same, preview.faulty, preview.changed) == (1, 0, 0), preview


# glossary

TEXT = """# Survey vessel

## Glossary
- **Seabed depth**: Distance from keel to seabed.
  (also: depth)
- **Course**: Where it goes.

## System
It surveys.
"""


def test_a_glossary_makes_a_new_version_of_the_domain(world: World) -> None:
    save_domain(None, world.project, TEXT)
    text = "term,definition,also,not\nseabed depth,Keel to ground.,,sounding\nFix,A position.,,\n"
    client = world.client(world.owner)
    shown = upload(client, "glossary", text)
    assert (shown.context["preview"].added, shown.context["preview"].changed) == (1, 1)
    assert DomainVersion.objects.count() == 1
    taken = confirm(client, "glossary", shown)
    assert taken["Location"] == reverse("skills:domain", args=["survey"])
    newest = DomainVersion.objects.order_by("-number")[0]
    assert (newest.number, newest.author) == (2, world.owner)
    assert newest.changelog == "2 terms from a.csv"
    content = parse(newest.text)
    assert [term.name for term in content.glossary] == ["seabed depth", "Course", "Fix"]
    assert content.glossary[0].forbidden == ("sounding",)
    assert content.system == "It surveys."


def test_the_first_glossary_makes_a_domain(world: World) -> None:
    client = world.client(world.owner)
    confirm(client, "glossary", upload(client, "glossary", "term,definition\nFix,A position.\n"))
    content = parse(DomainVersion.objects.get().text)
    assert (content.name, content.glossary[0].name) == ("Survey vessel", "Fix")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Fix,", "has no definition"),
        ("F**x,A position.", "A term is written"),
        ("!!,A position.", "has no letter"),
    ],
)
def test_a_wrong_term_is_told_by_its_row(world: World, row: str, said: str) -> None:
    shown = upload(world.client(world.owner), "glossary", f"term,definition\nA,B.\n{row}\n")
    assert shown.status_code == 422
    assert said in shown.context["preview"].rows[0].faults[0][1]
    assert shown.context["preview"].rows[0].number == 3
    assert not DomainVersion.objects.exists()


def test_terms_that_contradict_each_other_are_told(world: World) -> None:
    text = "term,definition,also\nFix,A position.,place\nPosition,Where it is.,place\n"
    shown = upload(world.client(world.owner), "glossary", text)
    assert "stands for “Fix” already" in shown.context["preview"].faults[0]
    assert not DomainVersion.objects.exists()
    twice = upload(world.client(world.owner), "glossary", "term,definition\nFix,A.\nfix,B.\n")
    assert "twice" in twice.content.decode()


def test_only_an_owner_can_bring_a_glossary(world: World) -> None:
    content = b"term,definition\nFix,A position.\n"
    resource = GlossaryResource(world.project)
    preview = run_import(resource, world.editor, "a.csv", content, dry_run=False)
    assert "needs the role Owner" in preview.faults[0]
    assert not DomainVersion.objects.exists()


def test_what_is_not_a_term_stays_as_it_is_written() -> None:
    assert with_terms(TEXT, {}, "x") == TEXT
    new = with_terms("# A\n\n## System\nIt surveys.\n", {"fix": "- **Fix**: A place."}, "x")
    assert new == "# A\n\n## System\nIt surveys.\n\n## Glossary\n- **Fix**: A place.\n"


# requirements

HEADER = "identifier,text,type,parents,verification_method\n"
ROWS = (
    "NAV-PERF-090,The unit shall report.,perf,SYS-001; SYS-002,test\n"
    "X/7,The unit shall beep.,FUNC,SYS-001,Inspection\n"
)


@pytest.fixture
def read(world: World) -> Run:
    """A run whose specification has been read: SYS-001 to SYS-003."""
    return factories.completed_run(world.project)


def where(run: Run) -> dict[str, Any]:
    return {"extraction": run.extraction_id, "subsystem": run.subsystem_id}


def test_requirements_stand_in_a_run_of_their_own(world: World, read: Run) -> None:
    client = world.client(world.editor)
    shown = upload(client, "requirements", HEADER + ROWS, **where(read))
    assert (shown.context["preview"].added, Run.objects.count()) == (2, 1)
    taken = confirm(client, "requirements", shown, **where(read))
    run = Run.objects.exclude(pk=read.pk).get()
    assert taken["Location"] == reverse("runs:run", args=[run.pk])
    assert (run.status, run.gate_passed, run.started_by) == ("completed", None, world.editor)
    versions = RequirementVersion.objects.filter(run=run).order_by("ordinal")
    assert [row.requirement.identifier for row in versions] == ["NAV-PERF-090", "X/7"]
    assert [row.verification_method for row in versions] == ["test", "inspection"]
    links = TraceLink.objects.filter(child__run=run)
    assert sorted(link.parent.key for link in links) == ["SYS-001", "SYS-001", "SYS-002"]
    assert run.allocations.count() == 2
    assert IdentifierCounter.objects.get(code="NAV", type="PERF").last == 90


def test_every_page_and_file_of_such_a_run_opens(world: World, read: Run) -> None:
    client = world.client(world.editor)
    shown = upload(client, "requirements", HEADER + ROWS, **where(read))
    confirm(client, "requirements", shown, **where(read))
    run = Run.objects.exclude(pk=read.pk).get()
    for page in ("run", "requirements", "trace", "quality", "issues", "files"):
        assert client.get(reverse(f"runs:{page}", args=[run.pk])).status_code == 200, page
    for info in exports.files(run):
        assert exports.render(run, info.name)
    assert client.get(reverse("runs:project", args=["survey"])).status_code == 200


def test_a_later_run_knows_them_and_gives_their_numbers_to_no_other(
    world: World, read: Run
) -> None:
    client = world.client(world.editor)
    text = HEADER + "NAV-PERF-007,The unit shall report soon.,PERF,SYS-003,test\n"
    confirm(client, "requirements", upload(client, "requirements", text, **where(read)),
            **where(read))  # fmt: skip
    source = read.extraction.requirements.get(identifier="SYS-003")  # type: ignore[union-attr]
    fingerprints = (source.fingerprint,)
    specification = read.revision.specification_id
    same = Derived(specification, RequirementType.PERF, fingerprints, "Worded anew.")
    other = Derived(specification, RequirementType.PERF, ("another",), "Something else.")
    found = identify(read.subsystem, [same, other])
    assert [row.identifier for row in found] == ["NAV-PERF-007", "NAV-PERF-008"]


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("A-1,Text.,PERF,SYS-999,test", "parents", "it has no source requirement SYS-999"),
        ("A-1,Text.,PERF,,test", "parents", "It has no parent"),
        ("A-1,Text.,NICE,SYS-001,test", "type", "“NICE” is none: one of FUNC"),
        ("A-1,Text.,PERF,SYS-001,", "verification_method", "It is missing"),
        ("A-1,,PERF,SYS-001,test", "text", "says nothing"),
        (",Text.,PERF,SYS-001,test", "identifier", "An identifier has 1 to 30"),
        ("=A1,Text.,PERF,SYS-001,test", "identifier", "An identifier has 1 to 30"),
        ("NAV-PERF-001,Other.,PERF,SYS-001,test", "text", "An import overwrites nothing"),
        ("B-1,Text.,PERF,SYS-001,test", "identifier", "twice"),
    ],
)
def test_a_wrong_requirement_is_told_by_row_and_column(
    world: World, read: Run, row: str, column: str, said: str
) -> None:
    text = f"{HEADER}B-1,Good.,PERF,SYS-001,test\n{row}\n"
    shown = upload(world.client(world.editor), "requirements", text, **where(read))
    assert shown.status_code == 422
    fault = shown.context["preview"].rows[0]
    assert (fault.number, fault.faults[0][0]) == (3, column)
    assert said in fault.faults[0][1]
    assert Run.objects.count() == 1
    assert not Requirement.objects.filter(identifier="B-1").exists()


def test_what_is_there_already_is_left_as_it_is(world: World, read: Run) -> None:
    version = RequirementVersion.objects.get(requirement__identifier="NAV-PERF-001")
    text = f"{HEADER}NAV-PERF-001,{version.text},PERF,SYS-001,test\n"
    shown = upload(world.client(world.editor), "requirements", text, **where(read))
    assert (shown.context["preview"].same, shown.context["preview"].does_something) == (1, False)


def test_ambiguous_parents_are_told(world: World, read: Run) -> None:
    assert read.extraction is not None
    read.extraction.requirements.filter(identifier="SYS-002").update(identifier="SYS-001")
    text = f"{HEADER}A-1,Text.,PERF,SYS-001,test\n"
    shown = upload(world.client(world.editor), "requirements", text, **where(read))
    assert "names 2 of its source requirements" in shown.content.decode()


def test_nothing_of_another_project_can_be_chosen(world: World, read: Run) -> None:
    theirs = factories.completed_run(world.other_project)
    client = world.client(world.editor)
    choices: tuple[dict[str, Any], ...] = (
        {"extraction": theirs.extraction_id, "subsystem": read.subsystem_id},
        {"extraction": read.extraction_id, "subsystem": theirs.subsystem_id},
    )
    for more in choices:
        shown = upload(client, "requirements", HEADER + ROWS, **more)
        assert shown.status_code == 422
        assert shown.context["preview"] is None


def test_the_action_itself_refuses_those_who_may_not(world: World, read: Run) -> None:
    assert read.extraction is not None
    for person in (world.viewer, world.stranger):
        resource = RequirementResource(read.extraction, read.subsystem)
        rows = (HEADER + ROWS).encode()
        assert not run_import(resource, person, "a.csv", rows, dry_run=False).is_good
    assert Run.objects.count() == 1
