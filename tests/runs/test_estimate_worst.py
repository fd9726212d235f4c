"""The worst case of an estimate: its formula, and the budgets that end a run before it."""

import pytest
from django.utils import timezone

from observability import budgets, tokens
from observability.budgets import Payer
from observability.models import BudgetWindow, ModelProfile, Node, Route, Scope
from observability.pricing import price_of
from reqplatform.teams.models import Project
from runs.estimating.estimate import BAD_ANSWER
from runs.models import Revision, Subsystem
from tests.runs.estimated import DOLLAR, estimated, limit, node_of, priced, sent
from tests.runs.estimated import project as project
from tests.runs.estimated import revision as revision
from tests.runs.estimated import subsystem as subsystem
from tests.runs.estimated import writer as writer


def test_the_worst_case_by_its_formula(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    Project.objects.filter(pk=project.pk).update(embedded_fallback=False)
    extract = node_of(estimated(revision, subsystem, writer), Node.EXTRACT)
    price = price_of(writer, timezone.now())
    (messages,) = sent(revision, writer, project)
    size = tokens.input_bound(messages)
    cap = writer.max_output_tokens
    once = price.bound_nusd(size, cap) + price.bound_nusd(size + BAD_ANSWER, cap)
    assert extract.worst_nusd == pytest.approx(once, rel=0.01)


def test_the_worst_case_asks_every_model_of_the_route(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    second = priced("Second")
    alone = estimated(revision, subsystem, writer)
    for node in Node:
        for position, profile in enumerate((writer, second), start=1):
            Route.objects.create(project=project, node=node, profile=profile, position=position)
    both = estimated(revision, subsystem, None)
    assert both.first.expected_nusd == alone.first.expected_nusd
    assert both.first.formula_nusd == 2 * alone.first.formula_nusd


def test_the_worst_case_is_never_more_than_the_runs_budget(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    limit(project, Scope.RUN, DOLLAR // 10)
    tight = estimated(revision, subsystem, writer).first
    assert (tight.worst_nusd, tight.is_limited) == (DOLLAR // 10, True)
    assert tight.formula_nusd > DOLLAR
    limit(project, Scope.RUN, 1)  # not even the expected fits: no worst case lies below it
    hopeless = estimated(revision, subsystem, writer).first
    assert (hopeless.worst_nusd, hopeless.is_limited) == (hopeless.formula_nusd, False)
    limit(project, Scope.RUN, None)
    free = estimated(revision, subsystem, writer).first
    assert (free.worst_nusd, free.is_limited) == (free.formula_nusd, False)


@pytest.mark.parametrize("scope", [Scope.DAY, Scope.MONTH, Scope.TOTAL])
def test_a_tighter_budget_than_the_runs_own_ends_it_as_well(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile, scope: Scope
) -> None:
    limit(project, Scope.RUN, DOLLAR)
    limit(project, scope, DOLLAR // 2)
    window = BudgetWindow.objects.get(
        pk__in=budgets.windows_of(Payer(project.pk)), budget__scope=scope
    )
    BudgetWindow.objects.filter(pk=window.pk).update(spent_nusd=DOLLAR // 10)
    route = estimated(revision, subsystem, writer).first
    assert (route.worst_nusd, route.is_limited) == (4 * DOLLAR // 10, True)
    assert route.limit_in_words == f"all that {window.label} has left"
    assert route.worst_explained.endswith(f"repaired once; {window.label} stops it before that.")


def test_the_runs_own_budget_is_named_as_such(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    limit(project, Scope.RUN, DOLLAR)
    route = estimated(revision, subsystem, writer).first
    assert route.limit_in_words == "its budget"
    assert "; the run's own budget stops it before that." in route.worst_explained
    limit(project, Scope.RUN, None)
    route = estimated(revision, subsystem, writer).first
    assert route.limit_in_words == ""
    assert "stops it" not in route.worst_explained
