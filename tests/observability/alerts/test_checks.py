"""What is looked for in a project's figures: each check finds its case, and not its opposite."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from observability import rollups
from observability.alerts import watching
from observability.alerts.watching import CHECKS, Found, Look, Watched, watch
from observability.models import (
    Alert,
    AlertCause,
    AlertRule,
    Budget,
    QualityRecord,
    RollupState,
    Scope,
)
from runs.models import Run, RunStatus
from tests import factories
from tests.conftest import World
from tests.money import CENT, DOLLAR, paid_call


def found(
    world: World,
    cause: AlertCause,
    threshold: str | None = None,
    since: timedelta = timedelta(hours=1),
) -> list[Found]:
    rollups.refresh()
    watched = CHECKS[cause]
    limit = watched.default if threshold is None else Decimal(threshold)
    now = timezone.now()
    return list(watched.check(Look(world.project, now, now - since), limit))


def spent(run: Run, nusd: int, days_ago: float) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    paid_call(run, nusd, held_nusd=nusd, at=at)


@pytest.fixture(autouse=True)
def no_limits(world: World) -> None:
    Budget.objects.filter(project=world.project).update(warn_nusd=None, max_nusd=None)


def judged(world: World, scores: list[float], passed: bool = True) -> None:
    for score in scores:
        run = factories.completed_run(world.project, gate_passed=passed, requirements=1)
        QualityRecord.objects.filter(run=run).update(overall=score, is_due=True)


def test_every_cause_that_is_looked_for_has_a_check() -> None:
    told_when_they_happen = {
        AlertCause.BUDGET_WARNING, AlertCause.BUDGET_STOP, AlertCause.OVERRUN,
        AlertCause.UNCONFIRMED, AlertCause.RUN_FAILED, AlertCause.RUN_WAITING,
    }  # fmt: skip
    assert set(CHECKS) == set(AlertCause) - told_when_they_happen


def test_a_stop_ahead(world: World) -> None:
    Budget.objects.filter(project=world.project, scope=Scope.TOTAL).update(max_nusd=20 * DOLLAR)
    run = factories.run(world.project)
    for ago in range(1, 15):
        spent(run, DOLLAR, ago)
    (one,) = found(world, AlertCause.FORECAST)
    assert "will reach its stop at $20.00" in one.message
    assert found(world, AlertCause.FORECAST, "2") == []


def test_a_dear_day(world: World) -> None:
    run = factories.run(world.project)
    for ago in range(1, 61):
        spent(run, DOLLAR, ago)
    assert found(world, AlertCause.COST_ANOMALY) == []
    spent(run, 20 * DOLLAR, 0)
    (one,) = found(world, AlertCause.COST_ANOMALY)
    assert one.subject == f"days since {timezone.now():%Y-%m-%d}"
    assert found(world, AlertCause.COST_ANOMALY, "50") == []


def test_a_dear_run(world: World) -> None:
    for _ in range(11):
        spent(factories.run(world.project), 30 * CENT, 20)
    dear = factories.run(world.project)
    Run.objects.filter(pk=dear.pk).update(subsystem=Run.objects.exclude(pk=dear.pk)[0].subsystem)
    assert found(world, AlertCause.RUN_COSTLY) == []
    paid_call(dear, 3 * DOLLAR, held_nusd=3 * DOLLAR)
    (one,) = found(world, AlertCause.RUN_COSTLY)
    assert one.run_id == dear.pk
    assert "10.0 times" in one.message
    assert found(world, AlertCause.RUN_COSTLY, "12") == []


def test_after_an_outage_what_came_up_meanwhile_is_told(world: World) -> None:
    for _ in range(11):
        spent(factories.run(world.project), 30 * CENT, 40)
    for ago in range(21, 81):
        spent(Run.objects.all()[0], DOLLAR, ago)
    dear = factories.run(world.project)
    Run.objects.filter(pk=dear.pk).update(subsystem=Run.objects.exclude(pk=dear.pk)[0].subsystem)
    spent(dear, 50 * DOLLAR, 10)
    rollups.refresh()
    for cause in (AlertCause.RUN_COSTLY, AlertCause.COST_ANOMALY):
        assert found(world, cause) == []
        assert len(found(world, cause, since=timedelta(days=12))) == 1
    RollupState.objects.update(watched_at=timezone.now() - timedelta(days=12))
    assert watch(timezone.now()) == 2
    assert watch(timezone.now()) == 0


def test_what_could_not_be_looked_for_is_looked_for_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(timezone.now())
    before = RollupState.objects.get(project=world.project).watched_at
    with monkeypatch.context() as patch:
        patch.setitem(CHECKS, AlertCause.FORECAST, Watched(broken, Decimal(1), "nothing"))
        watch(timezone.now())
    assert RollupState.objects.get(project=world.project).watched_at == before
    watch(timezone.now())
    after = RollupState.objects.get(project=world.project).watched_at
    assert after is not None
    assert before is not None
    assert after > before


def test_no_run_is_told_of_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    judged(world, [0.6] * 8, passed=False)
    now = timezone.now()
    assert watch(now) == 2  # the score, and the gate
    later = now + timedelta(days=4)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert watch(later) == 0  # another week, the same runs
    judged(world, [0.5] * 5)
    QualityRecord.objects.filter(overall=0.5).update(timestamp=later)
    assert watch(later) == 1
    assert "5 runs of the last 4 days score 0.500" in Alert.objects.latest("id").message


def test_quality_below_its_floor(world: World) -> None:
    judged(world, [0.6] * 4)
    assert found(world, AlertCause.QUALITY_LOW) == []  # too few
    judged(world, [0.6])
    (one,) = found(world, AlertCause.QUALITY_LOW)
    assert "NAV Navigation: 5 runs of the last 7 days" in one.message
    assert "score 0.600 on average, below 0.70" in one.message
    assert found(world, AlertCause.QUALITY_LOW, "0.5") == []


def test_few_runs_pass_for_certain(world: World) -> None:
    judged(world, [0.9] * 3, passed=False)
    assert found(world, AlertCause.PASS_RATE) == []  # three of three may be chance
    judged(world, [0.9] * 5, passed=False)
    (one,) = found(world, AlertCause.PASS_RATE)
    assert "NAV Navigation: of 8 runs of the last 30 days 0 passed" in one.message


def test_quality_that_falls(world: World) -> None:
    judged(world, [0.90, 0.91] * 15)
    assert found(world, AlertCause.QUALITY_FALLING) == []
    judged(world, [0.6] * 8)
    (one, *_) = found(world, AlertCause.QUALITY_FALLING)
    assert "The quality of NAV Navigation has fallen since" in one.message
    assert found(world, AlertCause.QUALITY_FALLING, "0.9") == []


def test_a_model_that_stands_in(world: World) -> None:
    run = factories.run(world.project)
    for number in range(20):
        paid_call(run, 1, purpose="fallback" if number < 9 else "ask")
    assert found(world, AlertCause.FAILING_OVER) == []
    paid_call(run, 1, purpose="fallback")
    (one,) = found(world, AlertCause.FAILING_OVER)
    assert "openai_compatible/gpt-test answered 10 calls" in one.message
    assert found(world, AlertCause.FAILING_OVER, "0.6") == []


def test_a_run_that_makes_no_progress(world: World) -> None:
    run = factories.run(world.project, status=RunStatus.QUEUED)
    run.events.create(seq=1, kind="status", message="Queued.")
    assert found(world, AlertCause.RUN_STUCK) == []
    run.events.update(created_at=timezone.now() - timedelta(minutes=61))
    (one,) = found(world, AlertCause.RUN_STUCK)
    assert "nothing happened for 61 minutes. Is a worker at work" in one.message
    assert one.subject.startswith(f"run {run.pk} 20")
    assert found(world, AlertCause.RUN_STUCK, "120") == []
    Run.objects.filter(pk=run.pk).update(status=RunStatus.CANCELLED)
    assert found(world, AlertCause.RUN_STUCK) == []


def test_watching_tells_each_thing_once(world: World) -> None:
    judged(world, [0.6] * 5)
    assert watch(timezone.now()) == 1
    assert watch(timezone.now()) == 0
    Alert.objects.update(acknowledged_at=timezone.now())
    assert watch(timezone.now()) == 0  # the same week
    assert Alert.objects.get().acknowledged_at is not None


def test_a_rule_says_whether_and_from_where_on(world: World) -> None:
    judged(world, [0.6] * 5)
    rule = AlertRule.objects.create(
        project=world.project, cause=AlertCause.QUALITY_LOW, enabled=False
    )
    assert watch(timezone.now()) == 0
    rule.enabled, rule.threshold = True, Decimal("0.5")
    rule.save()
    assert watch(timezone.now()) == 0
    rule.threshold = Decimal("0.65")
    rule.save()
    assert watch(timezone.now()) == 1


def test_an_alert_of_a_stuck_run_is_closed_when_it_moves(world: World) -> None:
    run = factories.run(world.project, status=RunStatus.QUEUED)
    run.events.create(seq=1, kind="status", message="Queued.")
    run.events.update(created_at=timezone.now() - timedelta(minutes=61))
    assert watch(timezone.now()) == 1
    watch(timezone.now())
    assert Alert.objects.get().acknowledged_at is None
    run.events.create(seq=2, kind="status", message="Running.")
    assert watch(timezone.now()) == 0
    assert Alert.objects.get().acknowledged_at is not None


def broken(*args: object) -> list[Found]:
    raise RuntimeError


def test_one_faulty_check_keeps_no_other_from_being_made(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = {AlertCause.FORECAST: Watched(broken, Decimal(1), "nothing")}
    monkeypatch.setattr(watching, "CHECKS", first | CHECKS | first)
    judged(world, [0.6] * 5)
    assert watch(timezone.now()) == 1
