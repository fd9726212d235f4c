from collections.abc import Callable
from typing import Any

import pytest

from runs.models import Revision, RevisionContent
from runs.views.attachment import safe_filename
from tests import factories
from tests.audience import check_page
from tests.conftest import World

LIST = "/projects/survey/specifications/"


def stored(world: World, filename: str = "vessel.txt") -> Revision:
    revision = factories.revision(world.project)
    Revision.objects.filter(pk=revision.pk).update(filename=filename)
    RevisionContent.objects.create(revision=revision, original=b"<h1>x</h1>", document=b"")
    revision.refresh_from_db()
    return revision


def test_pages_are_for_members(world: World) -> None:
    run = factories.completed_run(world.project)
    check_page(world, LIST)
    check_page(world, f"/specifications/{run.revision.specification_id}/")


def test_shows_source_requirements_with_their_place(world: World) -> None:
    run = factories.completed_run(world.project)
    answer = world.client(world.viewer).get(f"/specifications/{run.revision.specification_id}/")
    for said in ("SYS-001", "3.1 Position", "report position 1 within 250 ms", "100–1"):
        assert said in answer.text
    assert answer.context["count"] == "3"


def test_says_that_nothing_is_extracted_yet(world: World) -> None:
    revision = factories.revision(world.project)
    answer = world.client(world.viewer).get(f"/specifications/{revision.specification_id}/")
    assert "Not extracted yet" in answer.text


def test_shows_the_doubts_of_reading(world: World) -> None:
    revision = factories.revision(world.project)
    Revision.objects.filter(pk=revision.pk).update(warnings=["Page 3 has <b>no</b> text."])
    answer = world.client(world.viewer).get(f"/specifications/{revision.specification_id}/")
    assert "Page 3 has &lt;b&gt;no&lt;/b&gt; text." in answer.text


def test_downloads_as_an_attachment(world: World) -> None:
    revision = stored(world)
    url = f"/revisions/{revision.pk}/download"
    check_page(world, url)
    answer = world.client(world.viewer).get(url)
    assert answer.content == b"<h1>x</h1>"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="vessel.txt"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_name_cannot_break_the_header(world: World) -> None:
    revision = stored(world, '../../etc/"x"\r\nSet-Cookie: a=b.txt')
    answer = world.client(world.viewer).get(f"/revisions/{revision.pk}/download")
    assert "Set-Cookie" not in answer.headers
    assert "/" not in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("spec.pdf", "spec.pdf"),
        ("../../passwd", "_.._passwd"),
        ("a\x00b\u202egpj.exe", "a_b_gpj.exe"),
        ("...", "file"),
        ("Größe – Ω.docx", "Größe – Ω.docx"),
    ],
)
def test_safe_filenames(name: str, safe: str) -> None:
    assert safe_filename(name) == safe


def test_a_revision_without_its_file_is_not_found(world: World) -> None:
    revision = factories.revision(world.project)
    assert world.client(world.viewer).get(f"/revisions/{revision.pk}/download").status_code == 404


def test_queries_do_not_grow(world: World, django_assert_num_queries: Callable[[int], Any]) -> None:
    run = factories.completed_run(world.project, requirements=12)
    client = world.client(world.viewer)
    with django_assert_num_queries(8):
        client.get(f"/specifications/{run.revision.specification_id}/")
    for number in range(5):
        factories.revision(world.project, f"S{number}")
    with django_assert_num_queries(5):
        client.get(LIST)
