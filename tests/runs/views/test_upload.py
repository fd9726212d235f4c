from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile

from reqplatform.teams.models import User
from runs.models import Revision, Specification
from tests.audience import check_csrf, check_page
from tests.conftest import World

URL = "/projects/survey/specifications/new"
TEXT = b"1 General\n\nThe vessel shall report its position every second.\n"


def send(world: World, person: User, content: bytes, name: str = "vessel.txt", **more: str) -> Any:
    file = SimpleUploadedFile(name, content)
    return world.client(person).post(URL, {"file": file, **more})


def test_the_form_is_for_editors(world: World) -> None:
    check_page(world, URL, least="editor")


def test_stores_what_can_be_read(world: World) -> None:
    answer = send(world, world.editor, TEXT, title="Vessel")
    revision = Revision.objects.get()
    assert answer.headers["Location"] == f"/specifications/{revision.specification_id}/"
    assert revision.specification.title == "Vessel"
    assert (revision.number, revision.uploaded_by) == (1, world.editor)


def test_the_same_title_makes_a_second_revision(world: World) -> None:
    send(world, world.editor, TEXT, title="Vessel")
    send(world, world.editor, TEXT + b"\nIt shall float.\n", title="Vessel")
    assert [revision.number for revision in Revision.objects.order_by("number")] == [1, 2]
    assert Specification.objects.count() == 1


def test_the_same_file_is_not_stored_twice(world: World) -> None:
    send(world, world.editor, TEXT, title="Vessel")
    client = world.client(world.editor)
    answer = client.post(
        URL, {"file": SimpleUploadedFile("v.txt", TEXT), "title": "Vessel"}, follow=True
    )
    assert "here already, as revision 1" in answer.text
    assert Revision.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", b"", "empty"),
        ("picture.pdf", b"\x89PNG\r\n\x1a\n0000", "PNG"),
        ("sheet.xlsx", b"PK\x03\x04", ".xlsx"),
    ],
)
def test_refuses_with_the_reason_and_stores_nothing(
    world: World, name: str, content: bytes, said: str
) -> None:
    answer = send(world, world.editor, content, name)
    assert answer.status_code == 422
    assert said in " ".join(answer.context["form"].errors["file"])
    assert not Specification.objects.exists()


def test_refuses_what_is_too_large_without_reading_it(world: World, settings: LazySettings) -> None:
    settings.SPECIFICATION_MAX_BYTES = 10
    answer = send(world, world.editor, TEXT)
    assert "at most" in answer.context["form"].errors["file"][0]
    assert not Specification.objects.exists()


def test_a_file_is_needed(world: World) -> None:
    answer = world.client(world.editor).post(URL, {"title": "Vessel"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


def test_viewers_and_strangers_cannot_upload(world: World) -> None:
    assert send(world, world.viewer, TEXT).status_code == 403
    assert send(world, world.stranger, TEXT).status_code == 404
    check_csrf(world, URL)
    assert not Specification.objects.exists()


def test_a_filename_cannot_carry_markup(world: World) -> None:
    answer = send(world, world.editor, TEXT, "<img src=x onerror=alert(1)>.txt", title="V")
    text = world.client(world.editor).get(answer.headers["Location"]).text
    assert "<img src=x" not in text
    assert "&lt;img src=x" in text
