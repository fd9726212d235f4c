from collections.abc import Callable
from typing import Any

import pytest

from runs.models import QualityIssue, Run
from runs.quality.rules.registry import BY_ID
from tests import factories
from tests.audience import check_page
from tests.conftest import World


@pytest.fixture
def run(world: World) -> Run:
    """A run with a major finding of a rule (of the factory) and a critical one of the judge."""
    done = factories.completed_run(world.project)
    QualityIssue.objects.create(
        run=done,
        iteration=1,
        source="judge",
        rule="gap",
        dimension="completeness",
        severity="critical",
        message="<img src=x onerror=alert(1)>",
    )
    return done


def page(world: World, run: Run, **query: str) -> Any:
    return world.client(world.viewer).get(f"/runs/{run.pk}/issues", query)


def test_members_only(world: World, run: Run) -> None:
    check_page(world, f"/runs/{run.pk}/issues")


def test_marks_the_quote_in_the_text(world: World, run: Run) -> None:
    assert "The <mark>Navigation</mark> shall report position 1" in page(world, run).text


def test_says_what_was_measured_of_the_rule(world: World, run: Run) -> None:
    measured = BY_ID["vague-term"].precision
    assert f"precision: {measured}" in page(world, run).text
    run.quality_issues.filter(source="rule").update(rule="orphan-child")
    assert "precision: not measured" in page(world, run).text


def test_messages_cannot_carry_markup(world: World, run: Run) -> None:
    text = page(world, run).text
    assert "<img src=x" not in text
    assert "&lt;img src=x" in text


@pytest.mark.parametrize(
    ("query", "rules"),
    [
        ({}, ["gap", "vague-term"]),
        ({"severity": "critical"}, ["gap"]),
        ({"source": "rule"}, ["vague-term"]),
        ({"rule": "gap"}, ["gap"]),
        ({"rule": "gap", "severity": "major"}, []),
        ({"rule": "no-such-rule"}, ["gap", "vague-term"]),
    ],
)
def test_filters_and_sorts_the_worst_first(
    world: World, run: Run, query: dict[str, str], rules: list[str]
) -> None:
    assert [issue.rule for issue in page(world, run, **query).context["page"]] == rules


def test_no_issue_at_all(world: World) -> None:
    done = factories.completed_run(world.project)
    QualityIssue.objects.filter(run=done).delete()
    assert "Neither the rules nor the judge found anything" in page(world, done).text


def test_queries_do_not_grow(
    world: World, run: Run, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for number in range(9):
        QualityIssue.objects.create(
            run=run,
            iteration=1,
            child=run.requirement_versions.first(),
            source="rule",
            rule=f"r{number}",
            dimension="clarity",
            severity="minor",
            message="-",
        )
    client = world.client(world.viewer)
    with django_assert_num_queries(11):
        assert client.get(f"/runs/{run.pk}/issues").status_code == 200
