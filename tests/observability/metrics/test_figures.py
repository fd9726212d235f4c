"""What the page says is what the database holds."""

from datetime import UTC, timedelta
from decimal import Decimal

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from observability import budgets, rollups
from observability.metrics import Metric, exposition
from observability.metrics.described import Kind, counter, gauge
from observability.models import (
    Alert,
    AlertCause,
    Budget,
    CostSource,
    LLMCall,
    Node,
    QualityRecord,
    Scope,
)
from observability.tokens import Usage
from reqplatform.teams.actions.archiving import archive_project
from reqplatform.teams.models import Project
from runs.models import EventKind, Run, RunStatus
from runs.records import append_event
from tests import factories
from tests.conftest import World
from tests.money import (
    CENT,
    DOLLAR,
    USAGE,
    held_call,
    paid_call,
    paid_model,
    refused_call,
    replayed_call,
    unconfirmed_call,
)
from tests.observability.metrics.told import samples, value, values


def test_calls_tokens_and_dollars_by_what_they_were_for(run: Run) -> None:
    other = paid_model("Other", "gpt-other")
    paid_call(run, 3 * CENT, iteration=1)
    paid_call(run, 4 * CENT, node=Node.VALIDATE, profile=other, purpose="repair")
    paid_call(run, CENT, source=CostSource.ESTIMATED)
    refused_call(run)
    replayed_call(run)
    rollups.refresh()
    whom = {"project": "survey", "node": "decompose", "model": "gpt-test"}
    assert value("calls_total", **whom, source="metered") == 1
    assert value("calls_total", **whom, source="released") == 1
    assert value("calls_total", **whom, source="replayed") == 1
    assert value("cost_dollars_total", **whom, source="metered") == 0.03
    assert value("cost_dollars_total", model="gpt-other", node="validate") == 0.04
    assert sum(values("cost_dollars_total")) == pytest.approx(0.08)
    assert value("calls_again_total", model="gpt-other") == 1
    assert value("calls_again_total", **whom) == 0
    assert value("tokens_total", **whom, kind="input_fresh") == 2 * USAGE.input_fresh
    assert value("tokens_total", **whom, kind="reasoning") == 2 * USAGE.reasoning
    asked = LLMCall.objects.filter(model="gpt-other").get()
    assert asked.finished_at is not None
    took = (asked.finished_at - asked.created_at).total_seconds()
    assert value("calls_busy_seconds_total", model="gpt-other") == pytest.approx(took, abs=0.001)


def test_what_is_asked_now_and_what_failed_lately(run: Run) -> None:
    now = timezone.now()
    held_call(run, at=now - timedelta(seconds=90))
    refused_call(run, purpose="fallback")
    unconfirmed_call(run, at=now - timedelta(minutes=20))
    assert value("held_calls", project="survey") == 1
    assert 90 <= value("held_calls_oldest_age_seconds", project="survey") < 150
    assert value("held_calls", project="other") == 0
    assert value("recent_calls", purpose="fallback", state="released") == 1
    assert sum(values("recent_calls")) == 2
    assert values("recent_calls", state="unconfirmed") == []  # too long ago


def test_budgets_of_today_this_month_and_in_total(run: Run, world: World) -> None:
    day = Budget.objects.get(project=run.project, scope=Scope.DAY)
    budgets.set_limits(None, day, warn_nusd=DOLLAR, max_nusd=2 * DOLLAR)
    paid_call(run, 20 * CENT, at=timezone.now() - timedelta(days=1))
    paid_call(run, 30 * CENT)
    held_call(run, 7 * CENT)
    unconfirmed_call(run, 5 * CENT)
    today = {"project": "survey", "scope": "day"}
    assert value("budget_limit_dollars", **today) == 2
    assert value("budget_warning_dollars", **today) == 1
    assert value("budget_spent_dollars", **today) == 0.35
    assert value("budget_held_dollars", **today) == 0.07
    assert value("budget_unconfirmed_dollars", **today) == 0.05
    assert value("budget_spent_dollars", project="survey", scope="total") == 0.55
    assert values("budget_limit_dollars", project="survey", scope="total") == []
    assert {s.labels["scope"] for s in samples() if "scope" in s.labels} == {
        "day", "month", "total",
    }  # fmt: skip


def test_a_day_that_nothing_was_spent_on_has_its_budgets_limits(world: World) -> None:
    day = Budget.objects.get(project=world.project, scope=Scope.DAY)
    budgets.set_limits(None, day, warn_nusd=None, max_nusd=2 * DOLLAR)
    assert value("budget_limit_dollars", project="survey", scope="day") == 2
    assert value("budget_spent_dollars", project="survey", scope="day") == 0


def test_today_is_the_projects_own(run: Run) -> None:
    """Somewhere on earth it is another day at any moment."""
    paid_call(run, CENT)
    assert value("budget_spent_dollars", project="survey", scope="day") == 0.01
    here = timezone.now().astimezone(UTC).hour
    elsewhere = "Pacific/Kiritimati" if here >= 10 else "Pacific/Pago_Pago"
    Project.objects.filter(pk=run.project_id).update(time_zone=elsewhere)
    assert value("budget_spent_dollars", project="survey", scope="day") == 0


def test_runs_by_state_and_who_is_silent(world: World) -> None:
    now = timezone.now()
    factories.run(world.project, status=RunStatus.COMPLETED)
    factories.run(world.project, created_at=now - timedelta(seconds=100))
    for lease in (15, -30):
        factories.run(
            world.project,
            status=RunStatus.RUNNING,
            lease_expires_at=now + timedelta(seconds=lease),
        )
    assert value("runs", project="survey", state="running") == 2
    assert value("runs", project="survey", state="completed") == 1
    assert value("runs", project="survey", state="failed") == 0
    assert value("runs", project="other", state="queued") == 0
    assert 100 <= value("runs_queued_oldest_age_seconds", project="survey") < 160
    assert 50 <= value("runs_oldest_heartbeat_age_seconds", project="survey") < 110
    assert value("runs_without_worker", project="survey") == 1
    assert value("runs_without_worker", project="other") == 0


def test_a_run_that_is_queued_again_waits_since_then(world: World) -> None:
    old = factories.run(world.project, created_at=timezone.now() - timedelta(days=2))
    append_event(old.pk, EventKind.STATUS, "Queued again.")
    assert value("runs_queued_oldest_age_seconds", project="survey") < 60


def test_runs_held_back_for_their_reader_want_no_worker(world: World) -> None:
    campaign = factories.campaign(world.project)
    ago = timezone.now() - timedelta(hours=1)
    reader = factories.run(world.project, campaign=campaign, status=RunStatus.RUNNING)
    factories.run(world.project, campaign=campaign, created_at=ago)
    campaign.reader = reader
    campaign.save(update_fields=["reader"])
    assert value("runs_queued_oldest_age_seconds", project="survey") == 0


def test_the_queue_without_what_a_worker_has_taken(world: World, settings: LazySettings) -> None:
    now = timezone.now()
    for key, ago in (("runs", 40), ("runs", 10), ("runs", -3600), ("maint", -3600), ("x", 5)):
        OrmQ.objects.create(key=key, payload="-", lock=now - timedelta(seconds=ago))
    assert value("queue_tasks", cluster="runs") == 2
    assert 40 <= value("queue_oldest_task_age_seconds", cluster="runs") < 100
    assert value("queue_tasks", cluster="maint") == 0
    assert len(values("queue_tasks")) == 2
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # not asked, so it may be away
    assert values("queue_tasks") == []


def test_alerts_until_they_are_acknowledged(run: Run) -> None:
    for number, seen in enumerate((None, None, timezone.now())):
        Alert.objects.create(
            project=run.project, cause=AlertCause.RUN_FAILED, subject=f"run {number}",
            message="It failed.", acknowledged_at=seen,
        )  # fmt: skip
    assert value("alerts_open", project="survey", cause="run_failed") == 2
    assert value("alerts_open", project="survey", cause="overrun") == 0


def test_quality_of_the_last_seven_days(world: World) -> None:
    for passed in (True, True, False):
        factories.completed_run(world.project, gate_passed=passed)
    old, empty = factories.completed_run(world.project), factories.completed_run(world.project)
    long_ago = timezone.now() - timedelta(days=8)
    QualityRecord.objects.filter(run=old).update(timestamp=long_ago, overall=0.1)
    QualityRecord.objects.filter(run=empty).update(allocated_count=0, overall=1.0)
    rollups.refresh()
    assert value("quality_judged_runs", project="survey") == 3
    assert value("quality_passed_runs", project="survey") == 2
    assert value("quality_unallocated_runs", project="survey") == 1
    average = value("quality_score_average", project="survey", dimension="overall")
    assert average == pytest.approx(0.91)
    assert values("quality_score_average", project="survey", dimension="domain") == []
    assert values("quality_score_average", project="other") == []


def test_archived_projects_are_left_out(run: Run, world: World) -> None:
    paid_call(run)
    rollups.refresh()
    assert values("calls_total", project="survey")
    archive_project(world.owner, run.project)
    told = {sample.labels.get("project") for sample in samples()}
    assert told == {None, "other"}


def test_no_label_is_a_run_a_person_or_free_text(run: Run) -> None:
    paid_call(run, CENT, person=factories.user("dolores"), skill="decomposition@4")
    rollups.refresh()
    names = {name for metric in exposition.described() for name in metric.labels}
    assert names == {
        "project", "node", "provider", "model", "source", "kind", "purpose", "state", "scope",
        "dimension", "cause", "cluster", "version",
    }  # fmt: skip
    page = exposition.page()[0].decode()
    for secret in (str(run.pk), run.pk.hex, run.short_id, "dolores", "decomposition@4", "Vessel"):
        assert secret not in page


@pytest.mark.parametrize("more", [1, 30])
def test_the_number_of_questions_is_always_the_same(world: World, more: int) -> None:
    for number in range(more):
        project = Project.objects.create(slug=f"p-{number}", name="P")
        paid_call(factories.run(project))
    rollups.refresh()
    exposition.forget()
    with CaptureQueriesContext(connection) as asked:
        exposition.page()
    assert len(asked) == 15, [query["sql"][:90] for query in asked]
    with CaptureQueriesContext(connection) as again:
        exposition.page()
    assert len(again) == 0


def test_names_keep_the_conventions() -> None:
    with pytest.raises(ValueError, match="_total"):
        counter("calls", (), "Calls.")
    with pytest.raises(ValueError, match="_total"):
        gauge("calls_total", (), "Calls.")
    with pytest.raises(ValueError, match="begins with"):
        Metric("calls", Kind.GAUGE, (), "Calls.")
    with pytest.raises(ValueError, match="labels"):
        gauge("calls", ("project",), "Calls.").at(1)
    names = [metric.name for metric in exposition.described()]
    assert len(names) == len(set(names)) > 30


def test_money_is_as_exact_as_a_float_can_be(run: Run) -> None:
    paid_call(run, 123_456_789_012_345, held_nusd=CENT, usage=Usage(output=1))
    rollups.refresh()
    assert value("cost_dollars_total") == float(Decimal("123456.789012345"))
