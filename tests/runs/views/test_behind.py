"""The calls and runs behind the figures of reports."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings

from observability import rollups
from observability.models import LLMCall
from reqplatform.pagination import LIMIT
from runs.models import Run
from tests import factories
from tests.audience import check_page
from tests.conftest import World
from tests.money import CENT, held_call, paid_call, refused_call, unconfirmed_call

CALLS = "/projects/survey/calls/"


@pytest.fixture
def run(world: World) -> Run:
    return factories.completed_run(world.project)


def get(world: World, url: str) -> Any:
    return world.client(world.viewer).get(url)


def test_who_may(world: World, run: Run) -> None:
    check_page(world, CALLS)
    check_page(world, f"/calls/{paid_call(run).pk}/")


def test_every_call_is_on_one_page(world: World, run: Run) -> None:
    made = {paid_call(run, number).pk for number in range(1, LIMIT + 6)}
    first = get(world, CALLS)
    assert len(first.context["page"]) == LIMIT
    second = get(world, f"{CALLS}?after={first.context['page'].next}")
    assert second.context["page"].next is None
    seen = [call.pk for call in (*first.context["page"], *second.context["page"])]
    assert len(seen) == len(set(seen))
    assert set(seen) == made
    assert "Newest" in second.text
    costs = [call.cost_nusd for call in first.context["page"]]
    assert costs == sorted(costs, reverse=True)  # the latest first


def test_a_cursor_of_another_list_begins_again(world: World, run: Run) -> None:
    for _ in range(LIMIT + 1):
        paid_call(run)
    cursor = get(world, CALLS).context["page"].next
    answer = get(world, f"{CALLS}?days=7&after={cursor}")
    assert answer.status_code == 200
    assert len(answer.context["page"]) == LIMIT
    assert get(world, f"{CALLS}?after=rubbish").status_code == 200


def test_the_page_of_runs_goes_on(world: World) -> None:
    runs = [factories.completed_run(world.project, requirements=1) for _ in range(LIMIT + 2)]
    for one in runs:
        paid_call(one)
    rollups.refresh()
    for page in ("begun", "judged"):
        url = f"/projects/survey/reports/{page}"
        first = get(world, url)
        second = get(world, f"{url}?after={first.context['page'].next}")
        seen = [row.run_id for row in (*first.context["page"], *second.context["page"])]
        assert sorted(seen) == sorted(one.pk for one in runs), page


def test_calls_of_another_project_are_not_shown(world: World, run: Run) -> None:
    other = factories.completed_run(world.other_project)
    call = paid_call(other)
    assert get(world, f"/calls/{call.pk}/").status_code == 404
    assert str(call.pk) not in get(world, CALLS).text


def test_a_call_with_what_was_asked(world: World, run: Run) -> None:
    call = paid_call(run, 3 * CENT, prompt=[["system", "<b>Be</b> brief."], ["human", "What?"]])
    LLMCall.objects.filter(pk=call.pk).update(answer="It shall <i>run</i>.")
    text = get(world, f"/calls/{call.pk}/").text
    for words in (
        "&lt;b&gt;Be&lt;/b&gt; brief.", "It shall &lt;i&gt;run&lt;/i&gt;.", "System", "Human",
        '<data value="0.030000000">$0.0300</data>', run.short_id, "metered",
    ):  # fmt: skip
        assert words in text, words


def test_calls_in_every_state(world: World, run: Run) -> None:
    held, lost, refused = held_call(run), unconfirmed_call(run), refused_call(run)
    assert "not known yet" in get(world, f"/calls/{held.pk}/").text
    assert "The connection was cut." in get(world, f"/calls/{lost.pk}/").text
    assert "Too many requests" in get(world, f"/calls/{refused.pk}/").text
    rows = get(world, CALLS).context["page"]
    assert [call.pk for call in rows] == [lost.pk]  # what is held counts when it has ended


def test_hidden_costs_hide_calls(world: World, run: Run, settings: LazySettings) -> None:
    settings.COST_TRACKING_ENABLED = False
    assert get(world, f"/calls/{paid_call(run).pk}/").status_code == 404


def test_queries_do_not_grow(
    world: World, run: Run, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for _ in range(20):
        paid_call(run)
    rollups.refresh()
    client = world.client(world.viewer)
    client.get(CALLS)
    with django_assert_num_queries(18):
        client.get(CALLS)
