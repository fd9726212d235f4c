"""What a run's page says of money: costs and where they come from, detours, energy, budgets."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from observability import alerts
from observability.budgets import Payer, set_limits, windows_of
from observability.models import (
    Alert,
    AlertCause,
    Budget,
    BudgetWindow,
    CallPurpose,
    CostSource,
    Node,
    NodeCost,
    Scope,
)
from reqplatform.teams.models import Project, User
from runs.actions.claim import claim
from runs.actions.resume import resume_run
from runs.models import EventKind, Run, RunStatus
from runs.records import append_event, transition
from tests import factories, money
from tests.audience import check_page
from tests.conftest import World
from tests.money import CENT, DOLLAR


def page(world: World, run: Run, person: User | None = None) -> Any:
    return world.client(person or world.viewer).get(f"/runs/{run.pk}/")


@pytest.fixture
def run(world: World) -> Run:
    return factories.run(world.project, status=RunStatus.RUNNING)


def window_of(run: Run, scope: Scope = Scope.RUN) -> BudgetWindow:
    opened = windows_of(Payer(run.project_id, run.pk, run.group))
    return BudgetWindow.objects.select_related("budget", "project").get(
        pk__in=opened, budget__scope=scope
    )


def stop(run: Run, scope: Scope = Scope.RUN) -> None:
    """As when a call did not fit this window."""
    window = window_of(run, scope)
    spent = {"max_nusd": 5 * DOLLAR, "spent_nusd": 496 * CENT}
    BudgetWindow.objects.filter(pk=window.pk).update(**spent)
    reason = f"{window.label} has $0.0400 left of $5.00, and the next call may cost up to $0.0900."
    assert transition(
        run.pk,
        RunStatus.RUNNING,
        RunStatus.OUT_OF_BUDGET,
        "Out of budget.",
        figures={
            "window": window.pk,
            "needed_nusd": 9 * CENT,
            "left_nusd": 4 * CENT,
            "max_nusd": 5 * DOLLAR,
        },
        reason=reason,
    )


def test_members_only(world: World, run: Run) -> None:
    money.paid_call(run)
    check_page(world, f"/runs/{run.pk}/")


def test_the_costs_of_a_node_and_where_they_come_from(world: World, run: Run) -> None:
    money.paid_call(run, 3 * CENT)
    money.end_node(run)
    text = page(world, run).text
    assert "$0.0300" in text
    assert "metered" in text
    assert "Heuristic" not in text
    assert "up to" not in text


def test_an_estimated_total_says_so_and_how_to_do_better(world: World, run: Run) -> None:
    money.paid_call(run, 3 * CENT, source=CostSource.ESTIMATED)
    money.end_node(run)
    answer = page(world, run)
    assert answer.text.count("Heuristic (±30%)") == 3  # the node, the run, and what it means
    assert "LANGSMITH_TRACING=true" in answer.text


def test_an_unknown_outcome_is_a_bound(world: World, run: Run) -> None:
    money.unconfirmed_call(run, 5 * CENT)
    money.end_node(run)
    text = page(world, run).text
    assert "up to $0.0500" in text
    assert "Each counts at the most that it can have cost." in text
    assert "of it unconfirmed: up to $0.0500" in text


def test_a_node_that_has_not_ended_is_shown_with_its_costs(world: World, run: Run) -> None:
    money.paid_call(run, 3 * CENT, node=Node.VALIDATE)
    answer = page(world, run)
    assert "not ended" in answer.text
    assert answer.context["breakdown"].total.cost_nusd == 3 * CENT


def test_detours_are_counted(world: World, run: Run) -> None:
    money.paid_call(run)
    for _ in range(2):
        money.paid_call(run, purpose=CallPurpose.RETRY)
    money.paid_call(run, purpose=CallPurpose.REPAIR)
    money.paid_call(run, purpose=CallPurpose.FALLBACK)
    money.refused_call(run)
    money.replayed_call(run)
    text = page(world, run).text
    assert "2 retries, 1 repair, 1 fallback, 1 replay, 1 refused at no cost" in text


def test_who_answered(world: World, run: Run) -> None:
    money.paid_call(run, profile=money.paid_model("Other", "other-1"))
    money.unconfirmed_call(run)
    text = page(world, run).text
    assert "openai_compatible/other-1" in text
    assert "openai_compatible/gpt-test" not in text


def test_energy_has_a_range_and_one_comparison(world: World, run: Run) -> None:
    money.paid_call(run, more={"energy_low_wh": 1.0, "energy_high_wh": 3.0})
    money.paid_call(run, node=Node.VALIDATE)
    text = page(world, run).text
    assert "1 to 3 Wh" in text
    assert "and 1 call unknown" in text
    assert text.count("about what a 10 W LED lamp uses in 6 to 18 minutes") == 1


def test_unknown_energy_is_unknown(world: World, run: Run) -> None:
    money.paid_call(run)
    text = page(world, run).text
    assert "unknown" in text
    assert "nobody publishes figures of these models" in text
    assert "LED" not in text


def test_the_header_says_how_figures_are_taken(world: World, run: Run) -> None:
    money.paid_call(run)
    text = page(world, run).text
    assert "Figures: heuristic" in text
    assert f"/runs/{run.pk}/langsmith" not in text
    money.paid_call(run, more={"traced": True})
    text = page(world, run).text
    assert "Figures: LangSmith tracing" in text
    assert f"/runs/{run.pk}/langsmith" in text


def test_calls_are_linked_for_staff(world: World, run: Run) -> None:
    money.paid_call(run)
    query = f"run__id__exact={run.pk}"
    assert query not in page(world, run).text
    User.objects.filter(pk=world.viewer.pk).update(is_staff=True)
    assert query in page(world, run, User.objects.get(pk=world.viewer.pk)).text


def test_the_accounts_of_a_run(world: World, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(group="nightly")
    run.refresh_from_db()
    month = Budget.objects.get(project=world.project, scope=Scope.MONTH)
    set_limits(None, month, warn_nusd=None, max_nusd=9 * DOLLAR)
    money.paid_call(run, 2 * DOLLAR, held_nusd=2 * DOLLAR)
    money.held_call(run, CENT)
    answer = page(world, run)
    accounts = {account.standing.scope: account for account in answer.context["breakdown"].accounts}
    assert list(accounts) == [Scope.RUN, Scope.GROUP, Scope.MONTH]  # the others have no limit
    assert accounts[Scope.RUN].mark == "warned"
    assert accounts[Scope.MONTH].mark == "free"
    for words in ("Past its warning", "In order", "$2.00", "$0.0100", "$2.99", "40.2 % of $5.00"):
        assert words in answer.text, words
    assert "Stopped the run" not in answer.text


def test_a_run_that_is_over_keeps_the_accounts_that_it_was_charged_to(
    world: World, run: Run
) -> None:
    for scope in (Scope.DAY, Scope.MONTH):
        row = Budget.objects.get(project=world.project, scope=scope)
        set_limits(None, row, warn_nusd=None, max_nusd=9 * DOLLAR)
    money.paid_call(run, at=timezone.now() - timedelta(days=40))
    Run.objects.filter(pk=run.pk).update(status=RunStatus.COMPLETED)
    windows_of(Payer(run.project_id))  # today's, which is not its
    found = [row.standing for row in page(world, run).context["breakdown"].accounts]
    assert [standing.scope for standing in found] == [Scope.RUN, Scope.DAY, Scope.MONTH]
    assert found[1].key == f"{timezone.now() - timedelta(days=40):%Y-%m-%d}"


@pytest.mark.parametrize("scope", [Scope.RUN, Scope.DAY, Scope.TOTAL])
def test_what_stopped_a_run_is_marked(world: World, run: Run, scope: Scope) -> None:
    stop(run, scope)
    answer = page(world, run)
    blocking = [
        account.standing.scope for account in answer.context["breakdown"].accounts if account.blocks
    ]
    assert blocking == [scope]
    assert answer.text.count("Stopped the run") == 1
    assert "the next call may cost up to $0.0900" in answer.text


def test_an_account_that_stopped_a_run_before_is_marked_no_more(world: World, run: Run) -> None:
    stop(run)
    assert transition(run.pk, RunStatus.OUT_OF_BUDGET, RunStatus.QUEUED, "Resumed.")
    assert transition(run.pk, RunStatus.QUEUED, RunStatus.RUNNING, "Running.")
    stop(run, Scope.TOTAL)
    accounts = page(world, run).context["breakdown"].accounts
    assert [row.standing.scope for row in accounts if row.blocks] == [Scope.TOTAL]


def test_a_stopped_run_says_what_to_do(world: World, run: Run) -> None:
    stop(run)
    text = page(world, run, world.editor).text
    assert "A budget stopped the run." in text
    assert "Raise the budget, then resume" in text
    assert "nothing is paid twice" in text
    assert f"/runs/{run.pk}/resume" in text
    assert "An owner of the project can raise it" in text
    assert 'href="/projects/survey/budgets/"' in text
    assert 'name="stop"' not in text
    assert "in the admin" not in text
    assert "tone-bad" in text
    text = page(world, run, world.owner).text
    assert f'action="/budget-accounts/{window_of(run).pk}/"' in text
    assert "the stop has to be $5.05 at least" in text


def raise_to(world: World, run: Run, stop: str, scope: Scope = Scope.RUN) -> Any:
    data = {"warn": "", "stop": stop, "run": str(run.pk)}
    url = f"/budget-accounts/{window_of(run, scope).pk}/"
    return world.client(world.owner).post(url, data, follow=True)


def test_a_raised_stop_says_so_until_the_run_is_resumed(world: World, run: Run) -> None:
    stop(run)
    raise_to(world, run, "8")
    text = page(world, run).text
    assert "A budget stopped the run; it can go on now." in text
    assert "Raised to $8.00: press Resume." in text
    assert "When it stopped: Run" in text
    assert "Stopped the run" not in text
    assert 'name="stop"' not in text


def test_a_stop_that_was_not_raised_enough_says_what_is_missing(world: World, run: Run) -> None:
    stop(run)
    raise_to(world, run, "5.01")
    text = page(world, run, world.owner).text
    assert "Raised to $5.01, which leaves $0.0500" in text
    assert "$0.0900 that the next call may cost" in text
    assert "Stopped the run" in text
    assert 'name="stop"' in text


def test_money_that_was_given_back_lets_it_go_on(world: World, run: Run) -> None:
    stop(run, Scope.TOTAL)
    BudgetWindow.objects.filter(pk=window_of(run, Scope.TOTAL).pk).update(spent_nusd=DOLLAR)
    assert "It has $4.00 left again: press Resume." in page(world, run).text


@pytest.mark.parametrize(("scope", "said"), [(Scope.DAY, "day"), (Scope.MONTH, "month")])
def test_a_day_that_is_over_stops_nothing(world: World, run: Run, scope: Scope, said: str) -> None:
    stop(run, scope)
    past = {Scope.DAY: "2020-01-01", Scope.MONTH: "2020-01"}[scope]
    window = window_of(run, scope)
    BudgetWindow.objects.filter(pk=window.pk).update(key=past)
    answer = page(world, run, world.owner)
    assert f"Its {said} is over: resume." in answer.text
    assert window.pk in {row.standing.window_id for row in answer.context["breakdown"].accounts}
    assert 'name="stop"' not in answer.text


def test_an_archived_project_is_restored_first(world: World, run: Run) -> None:
    stop(run)
    Project.objects.filter(pk=world.project.pk).update(archived_at=timezone.now())
    text = page(world, run, world.owner).text
    assert "Once an owner has restored it, the run can be resumed." in text
    assert "then resume" not in text
    assert 'name="stop"' not in text


def test_a_message_links_to_the_budgets_that_its_reader_can_open(
    world: World, run: Run, settings: LazySettings
) -> None:
    reason = "Raise the limit under Budgets in the admin <now>."
    stop(run)
    Run.objects.filter(pk=run.pk).update(reason=reason)
    link = 'under <a href="/projects/survey/budgets/">Budgets</a> &lt;now&gt;.'
    assert link in page(world, run).text
    settings.COST_TRACKING_ENABLED = False
    assert "under Budgets in the admin &lt;now&gt;." in page(world, run).text
    User.objects.filter(pk=world.owner.pk).update(is_staff=True)
    text = page(world, run, User.objects.get(pk=world.owner.pk)).text
    assert 'href="/admin/observability/budget/?project__id__exact=' in text


def test_resuming_answers_the_alert_and_counts_the_work(world: World, run: Run) -> None:
    for _ in range(2):
        stop(run)
        subject = f"window {window_of(run).pk}"
        alerts.raise_alert(
            run.project_id, AlertCause.BUDGET_STOP, subject, "Stopped.", run_id=run.pk
        )
        resume_run(world.editor, run, enqueue=False)
        assert Alert.objects.get().acknowledged_at is not None
        assert claim(run.pk)
    text = page(world, run).text
    assert "Worked on</dt><dd>2 times" in text
    assert "When it stopped" not in text


def test_what_stopped_others_too_stays_open_until_the_last_goes_on(world: World, run: Run) -> None:
    other = factories.run(world.project, status=RunStatus.RUNNING)
    subject = alerts.window_subject(window_of(run, Scope.DAY).pk)
    for one in (run, other):
        stop(one, Scope.DAY)
        alerts.raise_alert(one.project_id, AlertCause.BUDGET_STOP, subject, "Full.", run_id=one.pk)
    resume_run(world.editor, other, enqueue=False)
    assert Alert.objects.get().acknowledged_at is None
    resume_run(world.editor, run, enqueue=False)
    assert Alert.objects.get().acknowledged_at is not None


def test_hidden_costs_are_nowhere_on_the_page(
    world: World, run: Run, settings: LazySettings
) -> None:
    settings.COST_TRACKING_ENABLED = False
    money.paid_call(run, 3 * CENT, source=CostSource.ESTIMATED)
    money.unconfirmed_call(run)
    money.end_node(run)
    append_event(run.pk, EventKind.RECONCILED, "LangSmith has $0.0100 more than was booked.")
    text = page(world, run).text
    assert "$" not in text
    assert "Heuristic" not in text
    assert "What it took" in text
    assert "Energy" in text


def test_hidden_costs_do_not_hide_why_a_run_stopped(
    world: World, run: Run, settings: LazySettings
) -> None:
    settings.COST_TRACKING_ENABLED = False
    stop(run)
    text = page(world, run).text
    assert "A budget stopped the run." in text
    assert "the next call may cost up to" in text


def test_queries_do_not_grow_with_calls(
    world: World, run: Run, django_assert_num_queries: Callable[[int], Any]
) -> None:
    client = world.client(world.viewer)
    for number in range(12):
        money.paid_call(run, iteration=1 + number % 3)
    client.get(f"/runs/{run.pk}/")
    # session, person, run, scores, events, reviews, role, tabs (2), costs, calls, budgets,
    # windows, alerts, skills
    with django_assert_num_queries(16):
        assert client.get(f"/runs/{run.pk}/").status_code == 200


def test_what_was_expected_and_asked_is_told(world: World) -> None:
    run = factories.run(
        world.project,
        group="nightly",
        estimate={"expected_nusd": 42 * CENT, "nodes": [{"node": "decompose"}]},
        routes={"decompose": [{"model": "openai/mini"}, {"model": "embedded/analyst-1"}]},
    )
    text = page(world, run).text
    for words in ("nightly", "openai/mini", "then embedded/analyst-1", "Expected cost", "$0.4200"):
        assert words in text, words
    free = factories.run(world.project, estimate={"expected_nusd": 0, "nodes": []})
    assert "Expected cost" not in page(world, free).text


@pytest.mark.parametrize(
    ("shared", "said"), [(False, "read by this run, paid by the revision"), (True, "read before")]
)
def test_who_read_the_revision_is_told(world: World, shared: bool, said: str) -> None:
    run = factories.run(world.project, status=RunStatus.RUNNING)
    run.extraction = factories.extraction(run.revision)
    run.save(update_fields=["extraction"])
    money.paid_call(run, 3 * CENT, shared=True)
    NodeCost.objects.create(
        project=run.project, run=run, subsystem=run.subsystem, node=Node.EXTRACT, iteration=0,
        duration_ms=100,
    )  # fmt: skip
    append_event(
        run.pk, EventKind.NODE_FINISHED, "Extracted.", node=Node.EXTRACT, figures={"shared": shared}
    )
    text = page(world, run).text
    assert said in text
    assert "no model asked" not in text.split("tfoot")[0]
