"""Results that have become worse: found, since when, and what changed then."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability import rollups
from observability.models import QualityRecord, RunFigures
from observability.reports.degradation import (
    LEAST_RUNS,
    Chart,
    all_degradations,
    degradations,
    normal_of_t,
    signals,
)
from tests import factories
from tests.conftest import World

START = datetime(2026, 3, 1, tzinfo=UTC)


def scores(runs: int, *, drop: float = 0.0, at: int = 10**6, seed: int = 1) -> list[float]:
    chance = random.Random(seed)  # noqa: S311
    return [
        min(1.0, 0.88 - (drop if n >= at else 0.0) + chance.gauss(0, 0.04)) for n in range(runs)
    ]


def figures(values: list[float], **traits: Any) -> list[RunFigures]:
    """Judged runs, one an hour. `traits`: columns from a run on, by (run, value)."""
    found = []
    for number, value in enumerate(values):
        columns = {
            name: next(v for first, v in reversed(steps) if number >= first)
            for name, steps in traits.items()
        }
        found.append(
            RunFigures(
                run_id=uuid4(),
                overall=value,
                judged_at=START + timedelta(hours=number),
                subsystem_id=7,
                **{"route": "openai/gpt-a", "skills": "decomposition@3", **columns},
            )
        )
    return found


def test_a_drop_is_found_near_its_onset() -> None:
    (signal,) = signals(scores(80, drop=0.1, at=50))
    assert abs(signal.onset - 50) <= 3
    assert signal.at - 50 <= 10
    assert signal.before - signal.since > 0.06


def test_quiet_history_stays_quiet() -> None:
    told = sum(len(signals(scores(300, seed=seed))) for seed in range(20))
    assert told <= 20 * 300 * 3 / 1000


def test_a_rise_is_none() -> None:
    assert signals(scores(100, drop=-0.08, at=50)) == []


def test_one_bad_run_is_none() -> None:
    values = scores(60)
    values[40] = 0.0
    assert signals(values) == []


def test_scores_that_never_differ() -> None:
    assert signals([1.0] * 200) == []
    (signal, *_) = signals([1.0] * 40 + [0.9] * 10)
    assert signal.onset == 40


def test_nothing_is_told_of_a_few_runs() -> None:
    assert signals(scores(LEAST_RUNS - 1, drop=0.3, at=8)) == []


def test_a_tiny_drop_is_none_however_certain() -> None:
    assert signals([0.900, 0.901] * 30 + [0.890, 0.891] * 60) == []


def test_the_new_level_becomes_what_is_compared_with() -> None:
    values = scores(200, drop=0.15, at=60)
    assert len(signals(values)) == 1
    again = [value - (0.15 if number >= 130 else 0) for number, value in enumerate(values)]
    first, second = signals(again)
    assert (abs(first.onset - 60) <= 3, abs(second.onset - 130) <= 3) == (True, True)


@given(st.lists(st.floats(0, 1), max_size=80))
def test_no_history_breaks_it(values: list[float]) -> None:
    chart = Chart()
    for number, value in enumerate(values):
        signal = chart.add(value)
        if signal is not None:
            assert signal.at == number
            assert 0 < signal.onset <= number
            assert signal.since < signal.before


def test_a_deviate_has_the_probability_of_its_t() -> None:
    # Student's t at 97.5 % and 90 % by any table; the normal's are 1.96 and 1.2816
    for t, freedom, normal in ((2.086, 20, 1.96), (1.325, 20, 1.2816), (2.571, 5, 1.96)):
        assert normal_of_t(t, freedom) == pytest.approx(normal, abs=0.02)
        assert normal_of_t(-t, freedom) == -normal_of_t(t, freedom)


def test_what_changed_near_the_onset_is_named() -> None:
    runs = figures(
        scores(80, drop=0.12, at=50),
        skills=[
            (0, "decomposition@3 quality-validation@1"),
            (50, "decomposition@4 quality-validation@1"),
        ],
        route=[(0, "openai/gpt-a"), (20, "openai/gpt-b")],
    )
    (found,) = degradations(runs)
    assert [(one.what, one.before, one.since) for one in found.changes] == [
        ("decomposition", "decomposition@3", "decomposition@4")
    ]
    assert "decomposition decomposition@3 -> decomposition@4" in found.text
    assert found.subsystem == 7
    assert (
        found.told_by
        == runs[next(n for n, r in enumerate(runs) if r.run_id == found.told_by)].run_id
    )


def test_a_drop_without_a_cause_says_so() -> None:
    (found,) = degradations(figures(scores(80, drop=0.12, at=50)))
    assert found.changes == ()
    assert "Nothing known changed." in found.text


def test_each_subsystem_has_its_own_chart(world: World) -> None:
    nav = factories.subsystem(world.project)
    power = factories.subsystem(world.project, "PWR", "Power")
    for number, value in enumerate(scores(60, drop=0.3, at=40)):
        for subsystem, score in ((nav, value), (power, 0.9)):
            run = factories.completed_run(world.project, requirements=1)
            QualityRecord.objects.filter(run=run).update(
                subsystem=subsystem, overall=score, timestamp=START + timedelta(hours=number)
            )
    rollups.rebuild([world.project.pk])
    (found,) = all_degradations(world.project)
    assert found.subsystem == nav.pk
    assert abs((found.onset_at - START) / timedelta(hours=1) - 40) <= 3
    assert all_degradations(world.project, until=START + timedelta(hours=40)) == []
