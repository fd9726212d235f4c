"""Falls of quality are told once, with their onset and what changed near it."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain, repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.models import QualityRecord
from observability.reports import changes as changes_module
from observability.reports.asked import Period
from observability.reports.changes import What
from observability.reports.cusum import PASSES, SCORES, Chart, falls, normal
from observability.reports.degradation import Degradation, Measure, Scope, degradations
from runs.models import Revision
from skills.actions.domains import save_domain
from tests import factories
from tests.conftest import World
from tests.observability.history import TODAY, judged
from tests.skills.test_domain_text import TEXT

YEAR = Period(date(2026, 1, 1), TODAY)


def scores(n: int, mean: float = 0.9, deviation: float = 0.03, seed: int = 1) -> list[float]:
    chance = random.Random(seed)  # noqa: S311
    return [min(1.0, chance.gauss(mean, deviation)) for _ in range(n)]


def test_quiet_series_are_not_told() -> None:
    assert [falls(scores(500, seed=seed)) for seed in range(5)] == [[]] * 5


@pytest.mark.parametrize(("drop", "soon"), [(0.05, 20), (0.1, 8), (0.2, 5)])
def test_a_fall_is_told_soon_with_its_onset(drop: float, soon: int) -> None:
    (one,) = falls(scores(60) + scores(40, 0.9 - drop, seed=2))
    assert one.begin == 0
    assert abs(one.onset - 60) <= 3
    assert 60 <= one.at < 60 + soon
    assert one.before == pytest.approx(0.9, abs=0.02)
    assert one.after == pytest.approx(0.9 - drop, abs=0.035)


def test_a_fall_is_told_once_and_a_second_one_again() -> None:
    values = scores(60) + scores(60, 0.8, seed=2) + scores(60, 0.7, seed=3)
    first, second = falls(values)
    assert abs(first.onset - 60) <= 3
    assert abs(second.onset - 120) <= 3
    assert second.begin == first.onset


def test_a_fall_after_a_rise_is_told() -> None:
    values = scores(60, 0.8) + scores(60, 0.9, seed=2) + scores(60, 0.8, seed=3)
    (one,) = falls(values)
    assert abs(one.onset - 120) <= 3
    assert one.before == pytest.approx(0.9, abs=0.02)


def test_rises_single_bad_runs_and_little_falls_are_not_told() -> None:
    assert falls(scores(60, 0.7) + scores(60, 0.9, seed=2)) == []
    values = scores(100)
    values[50] = values[80] = 0.0
    assert falls(values) == []
    little = scores(60, deviation=0.003) + scores(60, 0.88, 0.003, seed=2)
    assert falls(little) == []
    assert falls(little, Chart(SCORES.usual, SCORES.limit, 0.01)) != []


def test_a_fall_after_one_that_is_too_small_to_count_is_found_as_soon() -> None:
    values = scores(60, deviation=0.003) + scores(200, 0.88, 0.003, seed=2)
    (one,) = falls(values + scores(9, 0.8, 0.003, seed=3))
    assert one.onset == 260
    assert one.before == pytest.approx(0.88, abs=0.002)


def test_few_results_before_say_nothing() -> None:
    assert falls(scores(5) + [0.1] * 40) == []
    assert falls(scores(20) + [0.1] * 40) != []


def test_equal_scores_are_no_error() -> None:
    assert falls([0.9] * 60) == []
    (one,) = falls([0.9] * 60 + [0.8] * 10)
    assert (one.zero, one.onset, one.at) == (60, 60, 63)


@pytest.mark.parametrize(("rate", "fallen"), [(0.95, 0.6), (0.7, 0.3)])
def test_a_falling_pass_rate_is_told(rate: float, fallen: float) -> None:
    chance = random.Random(3)  # noqa: S311
    steady = [float(chance.random() < rate) for _ in range(80)]
    assert falls(steady, PASSES) == []
    (one,) = falls(steady + [float(chance.random() < fallen) for _ in range(50)], PASSES)
    assert abs(one.onset - 80) <= 6
    assert one.before - one.after >= 0.1


@given(st.lists(st.floats(0, 1), max_size=90), st.integers(0, 90))
def test_a_fall_is_known_from_the_results_until_then(values: list[float], cut: int) -> None:
    for chart in (SCORES, PASSES):
        everything = falls(values, chart)
        known = falls(values[:cut], chart)
        assert known == [one for one in everything if one.at < cut]
        for one in everything:
            assert one.begin < one.zero <= one.onset <= one.at - 2
            assert one.before > one.after


@pytest.mark.parametrize(
    ("t", "freedom", "z"),
    [(2.093, 19, 1.960), (1.729, 19, 1.645), (2.861, 19, 2.576), (-2.021, 40, -1.960)],
)
def test_deviates_are_those_of_the_tables(t: float, freedom: int, z: float) -> None:
    """Student's t and the normal distribution at the same probability."""
    assert normal(t, freedom) == pytest.approx(z, abs=0.003)


def versions(*counts: tuple[str, int]) -> Iterator[str]:
    return chain.from_iterable(repeat(name, n) for name, n in counts)


def told(world: World, **values: Any) -> list[Degradation]:
    found = degradations(world.project.pk, YEAR)
    return [one for one in found if one.measure == values.get("measure", Measure.OVERALL)]


def test_a_new_skill_version_is_named(world: World) -> None:
    runs = judged(
        world.project,
        scores(40) + scores(20, 0.78, seed=2),
        versions=versions(("3", 40), ("4", 20)),
    )
    (one,) = told(world)
    assert (one.scope, one.skills, one.subsystem) == (
        Scope.SUBSYSTEM, "", factories.subsystem(world.project).pk,
    )  # fmt: skip
    assert one.onset_run_id == runs[40].pk
    assert one.day == one.at.date()
    assert (one.runs_before, one.runs_after) == (40, runs.index(_run(runs, one)) - 39)
    change = one.changes[0]
    assert (change.what, change.before, change.after) == (
        What.SKILL, "decomposition@3", "decomposition@4",
    )  # fmt: skip
    assert (change.run_id, change.distance, change.since) == (runs[40].pk, 0, one.onset)
    assert change.score_before == pytest.approx(0.9, abs=0.02)
    assert change.score_after == pytest.approx(0.78, abs=0.03)
    text = one.message({one.subsystem or 0: "Navigation"})
    assert "Navigation has fallen since 4 Sep 2026" in text
    assert "skill decomposition@3 to decomposition@4 on 4 Sep 2026, at the onset" in text
    assert len(text) <= 500


def test_a_message_fits_in_an_alert(world: World) -> None:
    judged(world.project, scores(40) + scores(20, 0.7, seed=2), versions=["3"] * 40 + ["4"] * 20)
    (one,) = told(world)
    assert len(replace(one, skills="a-long-skill@1 " * 40).message()) == 500


def _run(runs: list[Any], one: Degradation) -> Any:
    return next(run for run in runs if run.pk == one.run_id)


def test_a_version_that_is_worse_from_its_first_run_is_no_fall_of_its_own_chart(
    world: World,
) -> None:
    """Why the subsystem's chart goes on over versions: the version's alone would say nothing."""
    fallen = scores(40) + scores(40, 0.78, seed=2)
    judged(world.project, fallen, versions=versions(("3", 40), ("4", 40)))
    assert falls(fallen[40:]) == []
    assert [one.scope for one in told(world)] == [Scope.SUBSYSTEM]


def test_a_fall_within_a_version_that_alternates_with_another(world: World) -> None:
    """Version 4 is far better than 3; what it loses is within what the two differ by."""
    old, new = scores(60, 0.55, 0.02), scores(40, 0.95, 0.02, 2) + scores(20, 0.83, 0.02, 3)
    mixed = list(chain.from_iterable(zip(old, new, strict=True)))
    judged(world.project, mixed, versions=["3", "4"] * 60)
    (one,) = told(world)
    assert one.scope == Scope.VERSION
    assert one.skills == "decomposition@4 quality-validation@1"
    assert one.before == pytest.approx(0.95, abs=0.02)


def test_a_specification_is_named(world: World) -> None:
    revision = factories.revision(world.project, "Cargo vessel")
    judged(world.project, scores(40))
    judged(
        world.project, scores(20, 0.78, seed=2), revision=revision,
        begin=datetime(2026, 9, 6, tzinfo=UTC),
    )  # fmt: skip
    (one,) = told(world)
    assert [change.what for change in one.changes] == [What.SPECIFICATION, What.REVISION]
    assert one.changes[0].after == str(revision.specification_id)
    assert "to Cargo vessel on" in one.message({one.changes[0].after: "Cargo vessel"})


def test_specifications_that_differ_from_run_to_run_are_no_change(world: World) -> None:
    for number, score in enumerate(scores(40) + scores(12, 0.78, seed=2)):
        judged(
            world.project, [score], revision=factories.revision(world.project, f"Spec {number}"),
            begin=datetime(2026, 9, 1, tzinfo=UTC) + timedelta(hours=number),
        )  # fmt: skip
    (one,) = told(world)
    assert one.changes == ()
    assert "Nothing on record changed near that time." in one.message()


def test_a_domain_is_named_by_its_version(world: World) -> None:
    save_domain(world.owner, world.project, TEXT)
    version = save_domain(world.owner, world.project, f"{TEXT}- Another example.\n", seen=1)
    judged(world.project, scores(30) + scores(20, 0.7, seed=2), domain_version=version)
    (one,) = told(world)
    assert [(change.what, change.before, change.after) for change in one.changes] == [
        (What.DOMAIN, "", "domain@survey/2")
    ]


def test_without_a_reader_whether_there_was_a_domain_is_known(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes_module, "_domains", [])
    runs = judged(world.project, scores(30) + scores(20, 0.7, seed=2))
    late = QualityRecord.objects.filter(run__in=[run.pk for run in runs[30:]])
    late.update(domain_compliance=0.5, is_due=True)
    judged(world.project, [])
    (one,) = told(world)
    assert [(change.what, change.after) for change in one.changes] == [(What.DOMAIN, "a domain")]


def test_a_falling_pass_rate_has_intervals(world: World) -> None:
    steady = [0.85 if number % 8 else 0.79 for number in range(60)]
    judged(world.project, steady + [0.79, 0.85, 0.79] * 12)
    (one,) = told(world, measure=Measure.PASSED)
    assert one.intervals is not None
    before, after = one.intervals
    assert before[0] < one.before < before[1]
    assert after[0] < one.after < after[1] < before[1]
    assert one.message().startswith("The pass rate of subsystem ")


def test_runs_to_which_nothing_was_allocated_do_not_count(world: World) -> None:
    judged(world.project, scores(40))
    judged(world.project, [0.1] * 20, allocated=0, begin=datetime(2026, 9, 6, tzinfo=UTC))
    assert told(world) == []


def test_only_days_of_the_period_and_runs_of_the_project(
    world: World, django_assert_num_queries: Callable[[int], Any]
) -> None:
    judged(world.project, scores(40) + scores(20, 0.7, seed=2))
    with django_assert_num_queries(2):
        (one,) = degradations(world.project.pk, YEAR)[:1]
    assert degradations(world.project.pk, Period(YEAR.first, one.day - timedelta(days=1))) == ()
    with django_assert_num_queries(1):
        assert degradations(world.project.pk, Period(one.day + timedelta(days=9), TODAY)) == ()
    on_that_day = degradations(world.project.pk, Period(one.day, one.day))
    assert one in on_that_day
    assert degradations(world.other_project.pk, YEAR) == ()


def test_days_are_those_of_the_project(world: World) -> None:
    """The run that tells it is judged at 22:30 UTC, which is the next day in Berlin."""
    world.project.time_zone = "Europe/Berlin"
    world.project.save(update_fields=["time_zone"])
    begin = datetime(2026, 9, 1, 22, 30, tzinfo=UTC) - timedelta(hours=2 * 43)
    judged(world.project, [0.9] * 40 + [0.7] * 4, begin=begin)
    one = told(world)[0]
    assert one.at == datetime(2026, 9, 1, 22, 30, tzinfo=UTC)
    assert one.day == date(2026, 9, 2)


def test_a_revision_is_a_revision(world: World) -> None:
    first = factories.revision(world.project, "Judged")
    second = factories.revision(world.project, "Judged")
    assert isinstance(second, Revision)
    judged(world.project, scores(40), revision=first)
    judged(
        world.project, scores(20, 0.78, seed=2), revision=second,
        begin=datetime(2026, 9, 6, tzinfo=UTC),
    )  # fmt: skip
    (one,) = told(world)
    assert [change.what for change in one.changes] == [What.REVISION]
