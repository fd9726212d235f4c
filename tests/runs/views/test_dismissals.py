from collections.abc import Callable
from typing import Any

import pytest

from runs.actions.dismissals import dismissals_to_pin
from runs.models import Dismissal, Run
from tests import factories
from tests.audience import check_mutation, check_page
from tests.conftest import World


@pytest.fixture
def run(world: World) -> Run:
    return factories.completed_run(world.project)


@pytest.fixture
def address(run: Run) -> str:
    return f"/issues/{run.quality_issues.get().pk}/dismiss"


def test_who_may_dismiss(world: World, address: str) -> None:
    check_page(world, address, least="editor")


def test_who_may_look(world: World) -> None:
    check_page(world, f"/projects/{world.project.slug}/dismissals/")


def test_who_may_withdraw(world: World, run: Run) -> None:
    made = factories.dismissal(run)
    check_mutation(world, f"/dismissals/{made.pk}/withdraw", least="editor")
    world.client(world.editor).post(f"/dismissals/{made.pk}/withdraw")
    made.refresh_from_db()
    assert made.withdrawn_by == world.editor


def test_dismissed_words_are_listed_with_their_reason(world: World, address: str) -> None:
    client = world.client(world.editor)
    answer: Any = client.post(
        address, {"scope": "term", "reason": "<b>It</b> is its name."}, follow=True
    )
    assert "from the next run on" in answer.text
    assert "\u201cnavigation\u201d" in answer.text
    assert "&lt;b&gt;It&lt;/b&gt; is its name." in answer.text
    assert "0.90" in answer.text
    issues: Any = client.get(f"/runs/{Dismissal.objects.get().issue.run_id}/issues")
    assert "Dismissed:" in issues.text
    assert address not in issues.text


def test_a_refusal_stands_beside_its_field(world: World, address: str) -> None:
    answer: Any = world.client(world.editor).post(address, {"scope": "rule", "reason": " "})
    assert answer.status_code == 200
    assert answer.context["form"].errors["reason"]


def test_what_cannot_be_dismissed_says_why(world: World, run: Run, address: str) -> None:
    run.quality_issues.update(severity="critical")
    client = world.client(world.editor)
    assert "Critical findings" in client.get(address).content.decode()
    client.post(address, {"scope": "rule", "reason": "No."})
    assert not Dismissal.objects.exists()
    assert address not in client.get(f"/runs/{run.pk}/issues").content.decode()


def test_viewers_are_not_offered_it(world: World, run: Run, address: str) -> None:
    page = f"/runs/{run.pk}/issues"
    assert address in world.client(world.editor).get(page).content.decode()
    assert address not in world.client(world.viewer).get(page).content.decode()


def test_the_quality_page_shows_what_weighed_less_and_why(world: World, run: Run) -> None:
    page = f"/runs/{run.pk}/quality"
    client = world.client(world.viewer)
    factories.dismissal(run)
    assert "weighs" not in client.get(page).content.decode()  # it was started before
    Run.objects.filter(pk=run.pk).update(dismissals=dismissals_to_pin(run.project))
    text = client.get(page).content.decode()
    assert "weighs 0.90 instead of 1, by 1 dismissal:" in text
    assert "Everybody says it so here." in text


def test_queries_do_not_grow(
    world: World, run: Run, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for number in range(9):
        factories.dismissal(run, term=f"not {number}")
    client = world.client(world.viewer)
    with django_assert_num_queries(6):
        assert client.get(f"/projects/{world.project.slug}/dismissals/").status_code == 200
