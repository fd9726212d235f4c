import hashlib
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from runs.models import Extraction, Revision, Specification
from tests import factories
from tests.api.conftest import Caller, give_text, problem
from tests.conftest import World

PATH = "/projects/survey/specifications"
CONTENT = b"1 Position\n\nThe unit shall report its position within 250 ms.\n"


def a_file(content: bytes = CONTENT, name: str = "vessel.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_uploading_reading_and_listing(editor: Caller, world: World) -> None:
    response = editor.upload(PATH, file=a_file(), title="Survey vessel")
    assert response.status_code == 201, response.content
    made = response.json()
    assert made["title"] == "Survey vessel"
    assert made["number"] == 1
    assert made["filename"] == "vessel.txt"
    assert (made["size"], made["sha256"]) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert (made["pages"], made["warnings"]) == (1, [])
    assert made["uploaded_by"] == "editor"

    assert response["Location"] == f"/api/v1/revisions/{made['id']}"
    assert editor.get(f"/revisions/{made['id']}").json() == made
    specification = editor.get(f"/specifications/{made['specification']}").json()
    assert specification["revisions"] == [made]
    assert editor.get(PATH).json()["items"] == [specification]


def test_a_second_file_under_the_title_is_the_next_revision(editor: Caller) -> None:
    first = editor.upload(PATH, file=a_file()).json()
    again = editor.upload(PATH, file=a_file()).json()
    second = editor.upload(PATH, file=a_file(CONTENT + b"\nIt shall weigh 2 kg.\n")).json()
    assert again == first
    assert (second["number"], second["specification"]) == (2, first["specification"])
    numbers = [r["number"] for r in editor.get(PATH).json()["items"][0]["revisions"]]
    assert numbers == [2, 1]


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "empty.txt", "empty"),
        (b" \n ", "blank.txt", "empty"),
        (b"%PDF-1.7 broken", "broken.pdf", "corrupt"),
        (b"MZ\x90\x00" * 50, "program.pdf", "wrong_type"),
        (b"text", "table.xyz", "unsupported_extension"),
    ],
)
def test_a_file_that_cannot_be_used(editor: Caller, content: bytes, name: str, code: str) -> None:
    body = problem(editor.upload(PATH, file=a_file(content, name)), 422, code)
    assert body["errors"][0]["field"] == "file"
    assert Specification.objects.count() == Revision.objects.count() == 0


def test_a_file_over_the_limit_is_refused_unread(
    editor: Caller, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SPECIFICATION_MAX_BYTES = 1000  # type: ignore[attr-defined]
    body = problem(editor.upload(PATH, file=a_file(b"x" * 1001)), 413, "too_large")
    assert body["errors"][0]["field"] == "file"
    assert editor.upload(PATH, file=a_file(CONTENT.ljust(1000))).status_code == 201


@pytest.mark.parametrize("title", ["a\x00b", "a\nb", "x" * 201])
def test_a_title_that_cannot_be(editor: Caller, title: str) -> None:
    body = problem(editor.upload(PATH, file=a_file(), title=title), 422, "invalid_input")
    assert [item["field"] for item in body["errors"]] == ["title"]
    assert Specification.objects.count() == 0


def test_file_names_stay_names(editor: Caller) -> None:
    made = editor.upload(PATH, file=a_file(name="../../etc/vessel.txt")).json()
    assert made["filename"] == "vessel.txt"


def test_the_text_comes_in_parts(viewer: Caller, world: World) -> None:
    revision = factories.revision(world.project)
    text = "The unit shall 📡 report.\n" * 40
    give_text(revision, text)
    path = f"/revisions/{revision.pk}/text"
    assert viewer.get(path).json() == {
        "revision": str(revision.pk),
        "offset": 0,
        "text": text,
        "length": len(text),
        "next_offset": None,
    }
    found, offset = "", 0
    while offset is not None:
        part = viewer.get(path, offset=offset, limit=333).json()
        assert len(part["text"]) <= 333
        found, offset = found + part["text"], part["next_offset"]
    assert found == text
    assert viewer.get(path, offset=10**12).json()["text"] == ""
    for query in ({"offset": -1}, {"offset": 10**30}, {"limit": 0}, {"limit": 10**9}):
        problem(viewer.get(path, **query), 422, "invalid_input")


def test_source_requirements_with_their_spans(viewer: Caller, world: World) -> None:
    run = factories.completed_run(world.project)
    answer = viewer.get(f"/revisions/{run.revision_id}/requirements").json()
    assert answer["extraction"] == run.extraction_id
    assert [item["key"] for item in answer["items"]] == ["SYS-001", "SYS-002", "SYS-003"]
    first = answer["items"][0]
    assert (first["page"], first["start"]) == (1, 100)
    assert first["end"] - first["start"] == len(first["text"])
    assert (first["type"], first["modal"], first["section"]) == ("PERF", "shall", "3.1 Position")


def test_another_extraction_of_the_revision(viewer: Caller, world: World) -> None:
    run = factories.completed_run(world.project)
    other = Extraction.objects.create(
        revision=run.revision, skill_version=factories.skill_version(), model="other/model"
    )
    path = f"/revisions/{run.revision_id}/requirements"
    assert viewer.get(path).json()["extraction"] == run.extraction_id  # the other is not done
    chosen = viewer.get(path, extraction=run.extraction_id).json()
    assert len(chosen["items"]) == 3
    for unknown in (other.pk, 10**12):
        problem(viewer.get(path, extraction=unknown), 404, "not_found")
    problem(viewer.get(path, extraction=0), 422, "invalid_input")


def test_a_revision_that_nothing_has_read(viewer: Caller, world: World) -> None:
    revision = factories.revision(world.project)
    answer = viewer.get(f"/revisions/{revision.pk}/requirements").json()
    assert answer == {"items": [], "next": None, "extraction": None}


def test_queries(
    viewer: Caller, world: World, django_assert_num_queries: Callable[[int], object]
) -> None:
    run = factories.completed_run(world.project, requirements=20)
    viewer.get("/projects")
    path = f"/revisions/{run.revision_id}/requirements"
    with django_assert_num_queries(4):  # type: ignore[attr-defined]  # token, revision, extraction
        assert len(viewer.get(path).json()["items"]) == 21
