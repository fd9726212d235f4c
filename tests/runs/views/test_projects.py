from collections.abc import Callable
from typing import Any

from runs.models import RunStatus, Specification
from tests import factories
from tests.audience import check_page
from tests.conftest import World

URL = "/projects/survey/"


def test_members_only(world: World) -> None:
    check_page(world, URL)


def test_a_missed_gate_never_shows_as_passed(world: World) -> None:
    factories.completed_run(world.project, gate_passed=False)
    text = world.client(world.viewer).get(URL).text
    assert "Gate missed" in text
    assert "Gate passed" not in text


def test_filters_by_status_and_subsystem(world: World) -> None:
    failed = factories.run(world.project, status=RunStatus.FAILED)
    power = factories.subsystem(world.project, "PWR", "Power")
    queued = factories.run(world.project, subsystem=power)
    client = world.client(world.viewer)
    assert list(client.get(URL, {"status": "failed"}).context["page"]) == [failed]
    assert list(client.get(URL, {"subsystem": power.pk}).context["page"]) == [queued]
    assert len(client.get(URL, {"status": "no such", "subsystem": "x"}).context["page"]) == 2


def test_says_so_when_no_run_matches(world: World) -> None:
    factories.run(world.project)
    assert "No run matches" in world.client(world.viewer).get(URL, {"status": "failed"}).text


def test_an_empty_project_leads_an_editor_to_the_first_step(world: World) -> None:
    assert "1. Upload a specification" in world.client(world.editor).get(URL).text
    text = world.client(world.viewer).get(URL).text
    assert "No run yet" in text
    assert "Upload a specification" not in text


def test_pages_of_25(world: World) -> None:
    shared = factories.revision(world.project)
    runs = [factories.run(world.project, revision=shared) for _ in range(27)]
    client = world.client(world.viewer)
    first, second = (client.get(URL, {"page": n}).context["page"] for n in (1, 2))
    assert [run.pk for run in [*first, *second]] == [run.pk for run in reversed(runs)]
    assert "page=2" in client.get(URL, {"status": "queued"}).text


def test_a_title_cannot_carry_markup(world: World) -> None:
    factories.run(world.project, revision=factories.revision(world.project, "<script>x</script>"))
    text = world.client(world.viewer).get(URL).text
    assert "<script>x" not in text
    assert "&lt;script&gt;x" in text


def test_queries_do_not_grow_with_runs(
    world: World, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for number in range(6):
        factories.run(world.project, revision=factories.revision(world.project, f"S{number}"))
    assert Specification.objects.count() == 6
    client = world.client(world.viewer)
    with django_assert_num_queries(8):  # session, person, project, role, lists, count, runs
        assert client.get(URL).status_code == 200
