"""A cluster hangs if a run waits for long, a worker is free, and none of them takes a run."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from runs.actions.claim import CLUSTER_VARIABLE, claim
from runs.models import EventKind, Run, RunEvent
from runs.records import append_event
from runs.serving import children
from runs.serving.children import Child
from runs.serving.watchdog import Watchdog
from tests import factories
from tests.conftest import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    """A process that stands for a cluster that was started long ago."""
    child = children.start("runs cluster", ["sleep", "60"], **{CLUSTER_VARIABLE: "first"})
    monkeypatch.setattr(Child, "age", 1000.0)
    yield child
    child.kill()


@pytest.fixture
def watchdog(cluster: Child, monkeypatch: pytest.MonkeyPatch) -> Watchdog:
    monkeypatch.setattr(children, "cluster", lambda name: cluster)
    made = Watchdog()
    made.children.append(cluster)
    return made


@pytest.fixture
def waiting(world: World) -> Run:
    """A run that has waited for ten minutes."""
    run = factories.run(world.project)
    Run.objects.update(created_at=timezone.now() - timedelta(minutes=10))
    return run


def was_replaced(watchdog: Watchdog, waiting: Run) -> bool:
    watchdog._restart_what_hangs()
    told = "It waited although a worker was free, so the workers were started anew."
    return waiting.events.filter(message=told).exists()


def test_a_run_that_waits_while_a_worker_is_free_shows_a_hung_cluster(
    watchdog: Watchdog, waiting: Run
) -> None:
    assert was_replaced(watchdog, waiting)


def test_one_that_has_only_just_been_queued_shows_nothing(watchdog: Watchdog, waiting: Run) -> None:
    append_event(waiting.pk, EventKind.STATUS, "Queued again.")
    assert not was_replaced(watchdog, waiting)


def test_a_long_queue_between_two_runs_is_no_hung_cluster(
    world: World, watchdog: Watchdog, waiting: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CLUSTER_VARIABLE, "first")
    done = factories.run(world.project)
    assert claim(done.pk)
    Run.objects.filter(pk=done.pk).update(status="completed")
    assert not was_replaced(watchdog, waiting)
    RunEvent.objects.filter(run=done).update(created_at=timezone.now() - timedelta(minutes=5))
    assert was_replaced(watchdog, waiting)


def test_workers_that_are_all_busy_are_left_alone(
    world: World,
    watchdog: Watchdog,
    waiting: Run,
    monkeypatch: pytest.MonkeyPatch,
    settings: LazySettings,
) -> None:
    settings.RUN_WORKERS = 1
    monkeypatch.setenv(CLUSTER_VARIABLE, "first")
    busy = factories.run(world.project)
    assert claim(busy.pk)
    RunEvent.objects.filter(run=busy).update(created_at=timezone.now() - timedelta(minutes=5))
    assert not was_replaced(watchdog, waiting)
