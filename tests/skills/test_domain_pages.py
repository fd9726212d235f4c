"""The pages of a project's domain."""

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from skills.actions.domains import save_domain
from skills.models import DomainVersion
from tests.conftest import World
from tests.skills.test_domain_text import TEXT
from tests.skills.test_pages import LEAD, PEOPLE, READ, client_of


def page(world: World, name: str = "domain") -> str:
    return reverse(f"skills:{name}", args=[world.project.slug])


@pytest.mark.parametrize("person", PEOPLE)
def test_who_may_read_and_write(world: World, person: str) -> None:
    client = client_of(world, person)
    assert client.get(page(world)).status_code == READ[person]
    save_domain(None, world.project, TEXT)
    assert client.get(page(world)).status_code == READ[person]
    assert client.get(page(world, "domain_edit")).status_code == LEAD[person]
    sent = {"seen": "1", "text": TEXT + "- More.\n", "changelog": "More"}
    saved = client.post(page(world, "domain_edit"), sent)
    assert (saved.status_code == 302 and "login" not in saved["Location"]) is (person == "owner")
    assert DomainVersion.objects.count() == (2 if person == "owner" else 1)


def test_it_is_shown_as_text_and_never_as_markup(world: World) -> None:
    save_domain(world.owner, world.project, TEXT + "- <script>alert(1)</script>\n", "First")
    shown = world.client(world.viewer).get(page(world)).content.decode()
    assert "Distance from keel to seabed." in shown
    assert "<script>alert" not in shown
    assert "Edit the domain" not in shown
    assert "Edit the domain" in world.client(world.owner).get(page(world)).content.decode()


def test_a_preview_and_mistakes_save_nothing(world: World) -> None:
    client = world.client(world.owner)
    assert "# The domain" in client.get(page(world, "domain_edit")).content.decode()
    sent = {"seen": "0", "text": TEXT, "preview": "1"}
    assert "As it will read" in client.post(page(world, "domain_edit"), sent).content.decode()
    wrong = {"seen": "0", "text": "# N\n## Glossary\nx\n"}
    shown = client.post(page(world, "domain_edit"), wrong).content.decode()
    assert "Line 3: Each line of this section begins" in shown
    assert not DomainVersion.objects.exists()
    save_domain(None, world.project, TEXT)
    late = client.post(page(world, "domain_edit"), {"seen": "0", "text": TEXT + "- More.\n"})
    assert "changed since you opened it" in late.content.decode()
    assert DomainVersion.objects.count() == 1


def test_the_list_of_versions_takes_one_query(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        save_domain(world.owner, world.project, TEXT + f"- Example {number}.\n")
    client = world.client(world.viewer)
    with django_assert_max_num_queries(8):
        client.get(page(world))
