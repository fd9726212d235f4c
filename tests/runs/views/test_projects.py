from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import LazySettings
from django.utils import timezone

from observability.budgets import set_limits
from observability.models import Budget, BudgetWindow, Scope
from runs.models import RunStatus, Specification
from tests import factories, money
from tests.audience import check_page
from tests.conftest import World
from tests.runs.views.following import next_of

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
    first = client.get(URL, {"status": "queued"})
    link = next_of(first)
    assert link is not None
    assert "status=queued" in link
    factories.run(world.project, revision=shared)  # comes before the first page and shifts nothing
    second = client.get(URL + link)
    both = [*first.context["page"], *second.context["page"]]
    assert [run.pk for run in both] == [run.pk for run in reversed(runs)]
    assert 'href="?status=queued">Newest' in second.text
    assert second.context["page"].next is None


def test_a_title_cannot_carry_markup(world: World) -> None:
    factories.run(world.project, revision=factories.revision(world.project, "<script>x</script>"))
    text = world.client(world.viewer).get(URL).text
    assert "<script>x" not in text
    assert "&lt;script&gt;x" in text


def limit(world: World, scope: Scope, stop: int) -> None:
    budget = Budget.objects.get(project=world.project, scope=scope)
    set_limits(None, budget, warn_nusd=stop // 2, max_nusd=stop)


def test_budgets_say_what_is_spent_and_left(world: World) -> None:
    limit(world, Scope.DAY, 4 * money.DOLLAR)
    limit(world, Scope.MONTH, 3 * money.DOLLAR)
    run = factories.run(world.project)
    money.paid_call(run, 2 * money.DOLLAR, held_nusd=2 * money.DOLLAR)
    money.unconfirmed_call(run, money.DOLLAR)
    answer = world.client(world.viewer).get(URL)
    marks = [budget.standing.mark for budget in answer.context["budgets"]]
    assert marks == ["warned", "stopped", "free"]
    for words in (
        "$3.00 spent, $1.00 left of $4.00",
        "$3.00 spent, $0.00 left of $3.00",
        "$3.00 spent, no limit",
        "Past its warning",
        "Stopped",
        "Of it unconfirmed: up to $1.00.",
        "75.0 % of $4.00",
        "No forecast: spending on fewer than 3 days",
    ):
        assert words in answer.text, words


def test_what_each_run_may_spend_is_told_and_leads_to_all_budgets(world: World) -> None:
    text = world.client(world.viewer).get(URL).text
    assert "Each run" in text
    assert "warns at $1.00, stops at $5.00" in text
    assert 'href="/projects/survey/budgets/">All</a>' in text


def test_a_list_of_runs_says_what_they_cost(world: World, settings: LazySettings) -> None:
    runs = [factories.run(world.project) for _ in range(3)]
    money.paid_call(runs[0], 25 * money.CENT, held_nusd=money.DOLLAR)
    money.paid_call(runs[0], 2 * money.DOLLAR, held_nusd=2 * money.DOLLAR)
    money.unconfirmed_call(runs[1], 3 * money.CENT)
    money.paid_call(runs[1], money.CENT)
    answer = world.client(world.viewer).get(URL)
    rows = {run.pk: (run.cost_nusd, run.cost_is_bound) for run in answer.context["page"]}
    assert rows == {
        runs[0].pk: (225 * money.CENT, False),
        runs[1].pk: (4 * money.CENT, True),
        runs[2].pk: (None, False),
    }
    assert "$2.2500" in answer.text
    assert answer.text.count('<span class="small muted">up to</span>') == 1
    settings.COST_TRACKING_ENABLED = False
    assert "$2.2500" not in world.client(world.viewer).get(URL).text


def test_a_warning_that_was_reached_is_no_forecast(world: World) -> None:
    row = Budget.objects.get(project=world.project, scope=Scope.TOTAL)
    set_limits(None, row, warn_nusd=money.CENT, max_nusd=None)
    money.paid_call(factories.run(world.project), money.DOLLAR, held_nusd=money.DOLLAR)
    text = world.client(world.viewer).get(URL).text
    assert "Its warning has been reached." in text
    assert "Forecast" not in text


def test_a_forecast_is_told(world: World) -> None:
    limit(world, Scope.TOTAL, 28 * money.DOLLAR)
    run = factories.run(world.project)
    days = [timezone.now() - timedelta(days=back) for back in range(1, 15)]
    Budget.objects.filter(project=world.project, scope=Scope.RUN).update(max_nusd=None)
    money.spend_on(run, dict.fromkeys(days, money.DOLLAR))
    ahead = timezone.now() + timedelta(days=14)
    text = world.client(world.viewer).get(URL).text
    assert f"Forecast: reaches its stop on {ahead.day} {ahead:%b %Y}" in text


def test_hidden_costs_hide_the_budgets_and_not_the_alerts(
    world: World, settings: LazySettings
) -> None:
    settings.COST_TRACKING_ENABLED = False
    money.paid_call(factories.run(world.project))
    text = world.client(world.viewer).get(URL).text
    assert "$" not in text
    assert "Budgets" not in text
    assert BudgetWindow.objects.filter(spent_nusd__gt=0).count() == 4  # the books are kept


def test_queries_do_not_grow_with_runs(
    world: World, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for number in range(6):
        factories.run(world.project, revision=factories.revision(world.project, f"S{number}"))
    assert Specification.objects.count() == 6
    client = world.client(world.viewer)
    # session, person, project, role, lists, count, runs; rates, budgets, windows, refusals,
    # each run's budget, alerts
    with django_assert_num_queries(14):
        assert client.get(URL).status_code == 200
