"""Estimates: how they fit the budgets, and what they learn from."""

from typing import Any

import pytest

from observability import budgets
from observability.budgets import Payer
from observability.models import BudgetWindow, ModelProfile, Scope
from reqplatform.teams.models import Project
from runs.estimating.experience import RUNS
from runs.models import Revision, Run, RunStatus, Subsystem
from tests import factories
from tests.conftest import World
from tests.runs.estimated import DOLLAR, ended, estimated, limit, priced
from tests.runs.estimated import project as project
from tests.runs.estimated import revision as revision
from tests.runs.estimated import subsystem as subsystem
from tests.runs.estimated import writer as writer


def test_all_budgets_that_a_run_is_charged_to_and_the_tightest(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    for scope, most in ((Scope.GROUP, 4), (Scope.DAY, 3), (Scope.MONTH, 2), (Scope.TOTAL, None)):
        limit(project, scope, most * DOLLAR if most else None)
    found = estimated(revision, subsystem, writer, group="Tuesday")
    assert [(one.label.split()[0], one.left_nusd, one.max_nusd) for one in found.accounts] == [
        ("This", 5 * DOLLAR, 5 * DOLLAR),
        ("Group", 4 * DOLLAR, 4 * DOLLAR),
        ("Day", 3 * DOLLAR, 3 * DOLLAR),
        ("Month", 2 * DOLLAR, 2 * DOLLAR),
        ("Project", None, None),
    ]
    assert found.tightest is not None
    assert found.tightest.scope == Scope.MONTH
    assert BudgetWindow.objects.count() == 0  # an estimate writes nothing


def test_what_is_spent_and_held_is_not_left(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    limit(project, Scope.DAY, DOLLAR)
    needed = estimated(revision, subsystem, writer).first.needed_nusd
    windows = budgets.windows_of(Payer(project.pk))
    day = BudgetWindow.objects.get(pk__in=windows, budget__scope=Scope.DAY)
    day.spent_nusd, day.held_nusd = DOLLAR - 2 * needed, needed
    day.save()
    just = estimated(revision, subsystem, writer).first
    assert just.fits
    day.held_nusd += 1
    day.save()
    over = estimated(revision, subsystem, writer).first
    assert over.too_tight is not None
    assert over.too_tight.label == day.label
    assert over.too_tight.left_nusd == needed - 1


def test_a_single_call_must_fit_as_well(
    project: Project, revision: Revision, subsystem: Subsystem
) -> None:
    wordy = priced("Wordy", max_output_tokens=100_000)  # a dollar for an answer at its cap
    limit(project, Scope.RUN, DOLLAR)
    route = estimated(revision, subsystem, wordy).first
    assert route.expected_nusd < DOLLAR // 10
    assert route.hold_nusd > DOLLAR
    assert not route.fits


# Experience


def test_estimates_learn_from_what_runs_with_the_model_cost(
    world: World, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    def expected(profile: ModelProfile = writer) -> Any:
        return estimated(revision, subsystem, profile, 1).first

    fresh = estimated(revision, subsystem, writer, 1)
    other = expected(priced("Other"))
    ended(world.project, fresh, times=3)
    learnt = expected()
    assert learnt.experience.factor == pytest.approx(3, rel=0.001)
    assert learnt.experience.runs == 1
    assert learnt.expected_nusd == pytest.approx(3 * fresh.first.expected_nusd, rel=0.001)
    assert learnt.worst_nusd == fresh.first.worst_nusd
    # the estimate that has learnt is right, and teaches the same once more
    ended(world.project, estimated(revision, subsystem, writer, 1), times=1)
    assert expected().expected_nusd == pytest.approx(learnt.expected_nusd, rel=0.001)
    assert expected().experience.runs == 2
    assert expected(ModelProfile.objects.get(name="Other")).expected_nusd == other.expected_nusd


def test_what_teaches_nothing(
    world: World, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    fresh = estimated(revision, subsystem, writer)
    ended(world.project, fresh, times=0, sources=["embedded"])
    ended(world.other_project, fresh, times=9)
    run = ended(world.project, fresh, times=9)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.FAILED)
    factories.run(world.project, status=RunStatus.COMPLETED)  # without an estimate
    assert estimated(revision, subsystem, writer).first.experience.runs == 0


def test_free_runs_do_not_push_out_those_that_teach(
    world: World, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    fresh = estimated(revision, subsystem, writer)
    ended(world.project, fresh, times=2)
    local = estimated(revision, subsystem, priced("Local", input_price=0, output_price=0))
    for free in (estimated(revision, subsystem, None), local):
        for _ in range(RUNS):
            ended(world.project, free, times=1)
    assert estimated(revision, subsystem, writer).first.experience.runs == 1


@pytest.mark.parametrize(("times", "factor"), [(0, 0.5), (1000, 10)])
def test_an_accident_does_not_teach_more_than_it_may(
    world: World, revision: Revision, subsystem: Subsystem, writer: ModelProfile,
    times: int, factor: float,
) -> None:  # fmt: skip
    ended(world.project, estimated(revision, subsystem, writer), times)
    assert estimated(revision, subsystem, writer).first.experience.factor == factor
