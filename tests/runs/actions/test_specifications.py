"""A file becomes a revision whole, once, or not at all."""

from typing import Any

import pytest
from django.utils import timezone

from reqplatform.errors import Conflict
from reqplatform.teams.models import Project
from runs.actions.specifications import SpecificationRefused, add_revision
from runs.documents.serialise import from_bytes
from runs.models import Revision, RevisionContent, Specification
from tests.conftest import World
from tests.runs.actions import roles
from tests.runs.actions.at_once import all_at_once

TEXT = b"1 Scope\n\nSYS-1 The unit shall report its position every 2 s.\n"


def add(project: Project, content: bytes = TEXT, **values: Any) -> Revision:
    return add_revision(None, project, **{"filename": "vessel.txt", "content": content, **values})


def stored() -> tuple[int, int, int]:
    models = (Specification, Revision, RevisionContent)
    return tuple(model.objects.count() for model in models)  # type: ignore[return-value]


def test_a_file_is_kept_with_what_was_read_in_it(world: World) -> None:
    revision = add_revision(world.editor, world.project, filename="vessel.txt", content=TEXT)
    revision.refresh_from_db()
    assert (revision.specification.title, revision.number) == ("vessel", 1)
    assert (revision.filename, revision.size, revision.pages) == ("vessel.txt", len(TEXT), 1)
    assert (revision.media_type, len(revision.sha256)) == ("text/plain", 64)
    assert revision.uploaded_by == world.editor
    assert bytes(revision.content.original) == TEXT
    document = from_bytes(bytes(revision.content.document))
    assert "The unit shall report its position every 2 s." in document.text


def test_the_same_file_again_is_the_same_revision(world: World) -> None:
    first = add(world.project)
    again = add_revision(world.owner, world.project, filename="vessel.txt", content=TEXT)
    renamed = add(world.project, filename="copy.txt", title=" vessel ")
    assert first.pk == again.pk == renamed.pk
    assert stored() == (1, 1, 1)
    first.refresh_from_db()
    assert (first.uploaded_by, first.filename) == (None, "vessel.txt")


def test_another_file_is_the_next_revision(world: World) -> None:
    numbers = [add(world.project, TEXT + extra).number for extra in (b"", b"\nEnd.\n", b"")]
    assert numbers == [1, 2, 1]
    assert stored() == (1, 2, 2)


def test_the_same_file_under_another_title_or_project_is_stored_there(world: World) -> None:
    made = {
        add(world.project).pk,
        add(world.project, title="Radio").pk,
        add(world.other_project).pk,
    }
    assert len(made) == 3
    assert stored() == (3, 3, 3)


@pytest.mark.parametrize(
    ("filename", "name", "title"),
    [
        ("../../etc/spec.txt", "spec.txt", "spec"),
        ("C:\\plans\\Vessel v2.txt", "Vessel v2.txt", "Vessel v2"),
        ("the\x00 spec\n.txt", "the spec .txt", "the spec"),
        ("spec\ud800.txt", "spec.txt", "spec"),
        ("\u202etxt.exe.txt", "txt.exe.txt", "txt.exe"),  # it would be shown from right to left
        ("Späť 規格.txt", "Späť 規格.txt", "Späť 規格"),
        ("x" * 400 + ".txt", "x" * 251 + ".txt", "x" * 200),
    ],
)
def test_names_of_files_are_shown_and_never_used(
    world: World, filename: str, name: str, title: str
) -> None:
    revision = add(world.project, filename=filename)
    revision.refresh_from_db()
    assert (revision.filename, revision.specification.title) == (name, title)


def test_a_title_holds_no_control_characters(world: World) -> None:
    assert add(world.project, title="  Radio\x00 and\tradar \n").specification.title == (
        "Radio and radar"
    )


@pytest.mark.parametrize(
    ("filename", "content", "code"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.txt", b" \n\t\n", None),
        ("broken.pdf", b"%PDF-1.7\nnot really", None),
        ("lies.docx", TEXT + b"And more.", None),
        ("program.exe", b"MZ\x90\x00", None),
    ],
)
def test_a_file_that_is_refused_leaves_nothing(
    world: World, filename: str, content: bytes, code: str | None
) -> None:
    add(world.project)
    with pytest.raises(SpecificationRefused) as refusal:
        add(world.project, content, filename=filename, title="vessel")
    assert (refusal.value.status, refusal.value.field) == (422, "file")
    assert len(refusal.value.message) > 20
    assert refusal.value.code == (code or refusal.value.code) != "invalid_input"
    assert stored() == (1, 1, 1)


@roles.refused
def test_who_may_not_leaves_nothing(world: World, who: str, error: type[Exception]) -> None:
    roles.is_refused(
        lambda user: add_revision(user, world.project, filename="a.txt", content=TEXT),
        world, who, error,
    )  # fmt: skip
    assert stored() == (0, 0, 0)


@roles.refused
def test_who_may_not_learns_nothing_of_a_file_that_is_there(
    world: World, who: str, error: type[Exception]
) -> None:
    add(world.project)
    roles.is_refused(
        lambda user: add_revision(user, world.project, filename="vessel.txt", content=TEXT),
        world, who, error,
    )  # fmt: skip


@roles.allowed
def test_who_may(world: World, who: str | None) -> None:
    user = roles.person(world, who)
    assert add_revision(user, world.project, filename="a.txt", content=TEXT).uploaded_by == user


def test_an_archived_project_takes_nothing_in(world: World) -> None:
    world.project.archived_at = timezone.now()
    with pytest.raises(Conflict, match="archived"):
        add_revision(world.owner, world.project, filename="a.txt", content=TEXT)
    assert stored() == (0, 0, 0)


def test_the_same_file_twice_at_once_is_one_revision(transactional_db: None, world: World) -> None:
    made = all_at_once(*[lambda: add(world.project).pk] * 3)
    assert len(set(made)) == 1
    assert stored() == (1, 1, 1)


def test_two_files_at_once_are_two_revisions(transactional_db: None, world: World) -> None:
    files = [TEXT + bytes([65 + number]) for number in range(3)]
    made = all_at_once(*[lambda file=file: add(world.project, file).number for file in files])
    assert sorted(made, key=str) == [1, 2, 3]
    assert stored() == (1, 3, 3)
