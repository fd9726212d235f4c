"""A run is started with all it depends on pinned, and a worker hears of it once it is there."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from observability.models import ModelProfile, Node, Route
from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Project
from runs import waking
from runs.actions.reap import sweep
from runs.actions.start import RunOptions, start_run
from runs.graph import GRAPH_VERSION
from runs.models import PinnedSkill, Revision, Run, RunEvent, RunStatus, Subsystem
from skills.models import SkillSlug, SkillVersion, VersionStatus
from tests import factories
from tests.conftest import World
from tests.runs.actions import roles
from tests.runs.actions.queue import queued
from tests.runs.estimated import give_document, priced


def start(revision: Revision, subsystem: Subsystem, **options: Any) -> Run:
    return start_run(None, revision, subsystem, RunOptions(**options), enqueue=False)


def nothing_was_left() -> bool:
    return not (Run.objects.exists() or RunEvent.objects.exists() or PinnedSkill.objects.exists())


def test_a_run_begins_queued_with_its_first_event(
    world: World, revision: Revision, subsystem: Subsystem
) -> None:
    run = start_run(world.editor, revision, subsystem, RunOptions(), enqueue=False)
    run.refresh_from_db()
    assert (run.status, run.gate_passed, run.attempts) == (RunStatus.QUEUED, None, 0)
    assert (run.project, run.revision, run.subsystem) == (world.project, revision, subsystem)
    assert (run.started_by, run.graph_version) == (world.editor, GRAPH_VERSION)
    event = run.events.get()
    assert (event.seq, event.figures) == (1, {"status": "queued"})


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_cannot_be_reached_keeps_no_run_from_being_started(
    revision: Revision, subsystem: Subsystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*arguments: str) -> None:
        raise ConnectionError("Error 111 connecting to the queue")

    with monkeypatch.context() as patch:
        patch.setattr(waking, "async_task", unreachable)
        run = start_run(None, revision, subsystem, RunOptions())
    assert run.status == RunStatus.QUEUED
    assert queued() == []
    RunEvent.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    sweep()  # there again
    assert queued() == [("runs.tasks.execute_run", (str(run.pk),))]


def test_the_projects_defaults_are_pinned(
    world: World, revision: Revision, subsystem: Subsystem
) -> None:
    weights = {"completeness": 1, "clarity": 2, "testability": 3, "traceability": 4}
    Project.objects.filter(pk=world.project.pk).update(
        quality_threshold=Decimal("0.925"), max_iterations=7, weights=weights
    )
    subsystem.refresh_from_db()
    run = start(revision, subsystem)
    Project.objects.filter(pk=world.project.pk).update(
        quality_threshold=0, max_iterations=1, weights={}
    )
    run.refresh_from_db()
    assert (run.quality_threshold, run.max_iterations) == (Decimal("0.925"), 7)
    assert run.weights == weights
    assert (run.review_strategy, run.unattended) == (False, False)


def test_what_a_person_chooses_holds(
    world: World, revision: Revision, subsystem: Subsystem
) -> None:
    run = start(
        revision, subsystem, quality_threshold=Decimal("0.5"), max_iterations=1,
        review_strategy=True, unattended=True,
    )  # fmt: skip
    run.refresh_from_db()
    assert (run.quality_threshold, run.max_iterations) == (Decimal("0.5"), 1)
    assert (run.review_strategy, run.unattended) == (True, True)


def test_skills_are_pinned_as_they_are_active_now(
    world: World, revision: Revision, subsystem: Subsystem
) -> None:
    own = factories.skill_version(SkillSlug.DECOMPOSITION, world.project)
    run = start(revision, subsystem)
    SkillVersion.objects.filter(pk=own.pk).update(status=VersionStatus.RETIRED)
    pinned = {pin.skill_version.skill.slug: pin.skill_version for pin in run.pinned_skills.all()}
    assert set(pinned) == {slug.value for slug in SkillSlug}
    assert pinned[SkillSlug.DECOMPOSITION] == own  # the project's variant, not the library's
    assert pinned[SkillSlug.EXTRACTION].skill.project is None


def test_routes_are_pinned_as_they_stand_now(
    world: World, revision: Revision, subsystem: Subsystem
) -> None:
    profile = priced("Large")
    give_document(revision)
    route = Route.objects.create(
        project=world.project, node=Node.DECOMPOSE, profile=profile, temperature=Decimal("0.3")
    )
    run = start(revision, subsystem)
    route.delete()
    ModelProfile.objects.filter(pk=profile.pk).update(input_price=99)
    run.refresh_from_db()
    large, embedded = run.routes["decompose"]
    assert (large["model"], large["temperature"]) == (profile.key, "0.30")
    assert Decimal(large["price"]["input_fresh"]) == 1  # as it is today
    assert embedded == {"model": "embedded/analyst-1", "temperature": "0.00"}
    assert run.routes["extract"] == [embedded]
    assert set(run.routes) == set(Node.values)


# A model of one's own choice


def test_a_chosen_model_is_asked_first_by_every_node(
    world: World, revision: Revision, subsystem: Subsystem
) -> None:
    Route.objects.create(project=world.project, node=Node.DECOMPOSE, profile=priced("Routed"))
    give_document(revision)
    chosen = priced("Chosen")
    run = start(revision, subsystem, model=chosen)
    assert {steps[0]["model"] for steps in run.routes.values()} == {chosen.key}
    assert run.estimate is not None
    assert run.estimate["models"] == [chosen.key]


def test_a_model_that_is_switched_off_is_refused(revision: Revision, subsystem: Subsystem) -> None:
    off = priced("Off", enabled=False, disabled_reason="It ignored its cap.")
    with pytest.raises(InvalidInput, match="ignored its cap") as refusal:
        start(revision, subsystem, model=off)
    assert refusal.value.field == "model"
    assert nothing_was_left()


@pytest.mark.parametrize("chosen", [True, False])
def test_a_model_without_a_price_is_refused(
    world: World, revision: Revision, subsystem: Subsystem, chosen: bool
) -> None:
    unknown = priced("Unknown", input_price=None, output_price=None)
    if not chosen:
        Route.objects.create(project=world.project, node=Node.VALIDATE, profile=unknown)
    with pytest.raises(InvalidInput, match="Enter its price") as refusal:
        start(revision, subsystem, model=unknown if chosen else None)
    assert (refusal.value.code, refusal.value.field) == ("no_price", "model")
    assert nothing_was_left()


# Groups


@pytest.mark.parametrize(
    "group", ["", "a", "Campaign 7", "trial/2026-11.a_b: x", "Größe", "x" * 64]
)
def test_a_group_is_kept(revision: Revision, subsystem: Subsystem, group: str) -> None:
    run = start(revision, subsystem, group=group)
    run.refresh_from_db()
    assert run.group == group


@pytest.mark.parametrize(
    "group", ["x" * 65, " a", "a ", "-", "a\n", "a\tb", "<b>", "a,b", "\u202ea"]
)
def test_a_group_of_other_characters_is_refused(
    revision: Revision, subsystem: Subsystem, group: str
) -> None:
    with pytest.raises(InvalidInput, match="group's name") as refusal:
        start(revision, subsystem, group=group)
    assert refusal.value.field == "group"
    assert nothing_was_left()


@pytest.mark.parametrize(
    "threshold",
    ["-0.001", "1.001", "-1", "2", "NaN", "sNaN", "-NaN", "Infinity", "-Infinity", "1e99999"],
)
def test_a_threshold_out_of_range_is_refused(
    revision: Revision, subsystem: Subsystem, threshold: str
) -> None:
    with pytest.raises(InvalidInput, match="between 0 and 1") as refusal:
        start(revision, subsystem, quality_threshold=Decimal(threshold))
    assert refusal.value.field == "quality_threshold"
    assert nothing_was_left()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0", "0"), ("1", "1"), ("0.8", "0.8"), ("1.00000", "1"), ("0.8004", "0.800"),
        ("0e-99999", "0"), ("0e99999", "0"), ("1e-99999", "0"), ("-0", "0"),
        ("0.99999999999999999999999999999999999", "1"),
    ],
)  # fmt: skip
def test_a_threshold_in_range_is_kept_to_three_decimals(
    revision: Revision, subsystem: Subsystem, given: str, kept: str
) -> None:
    run = start(revision, subsystem, quality_threshold=Decimal(given))
    assert str(run.quality_threshold) == f"{Decimal(kept):.3f}"
    run.refresh_from_db()
    assert run.quality_threshold == Decimal(kept)


@pytest.mark.parametrize("iterations", [0, -1, 11, 10**9])
def test_iterations_out_of_range_are_refused(
    revision: Revision, subsystem: Subsystem, iterations: int
) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 10") as refusal:
        start(revision, subsystem, max_iterations=iterations)
    assert refusal.value.field == "max_iterations"
    assert nothing_was_left()


def test_the_document_of_another_project_is_refused(
    world: World, revision: Revision, subsystem: Subsystem
) -> None:
    theirs = factories.revision(world.other_project)
    with pytest.raises(InvalidInput, match="another project"):
        start_run(world.owner, theirs, subsystem, RunOptions())
    assert nothing_was_left()


def test_without_a_method_there_is_no_run(
    world: World, revision: Revision, subsystem: Subsystem
) -> None:
    SkillVersion.objects.filter(skill__slug=SkillSlug.QUALITY_VALIDATION).update(
        status=VersionStatus.RETIRED
    )
    with pytest.raises(Conflict, match="load_skills"):
        start(revision, subsystem)
    assert nothing_was_left()


def test_an_archived_project_starts_nothing(
    world: World, revision: Revision, subsystem: Subsystem
) -> None:
    Project.objects.filter(pk=world.project.pk).update(archived_at=timezone.now())
    subsystem.refresh_from_db()
    with pytest.raises(Conflict, match="archived"):
        start_run(world.owner, revision, subsystem, RunOptions())
    assert nothing_was_left()


@roles.refused
def test_who_may_not_start(
    world: World, revision: Revision, subsystem: Subsystem, who: str, error: type[Exception]
) -> None:
    roles.is_refused(
        lambda user: start_run(user, revision, subsystem, RunOptions()), world, who, error
    )
    assert nothing_was_left()


@roles.allowed
def test_who_may_start(
    world: World, revision: Revision, subsystem: Subsystem, who: str | None
) -> None:
    user = roles.person(world, who)
    run = start_run(user, revision, subsystem, RunOptions(), enqueue=False)
    assert run.started_by == user


def test_a_worker_is_woken_when_the_run_is_there(
    transactional_db: None, revision: Revision, subsystem: Subsystem
) -> None:
    with transaction.atomic():
        run = start_run(None, revision, subsystem, RunOptions())
        assert queued() == []
    assert queued() == [("runs.tasks.execute_run", (str(run.pk),))]


def test_no_worker_is_woken_for_a_run_that_was_rolled_back(
    transactional_db: None, revision: Revision, subsystem: Subsystem
) -> None:
    with transaction.atomic():
        start_run(None, revision, subsystem, RunOptions())
        transaction.set_rollback(True)
    assert queued() == []
    assert nothing_was_left()


def test_who_executes_the_run_itself_wakes_nobody(
    transactional_db: None, revision: Revision, subsystem: Subsystem
) -> None:
    start(revision, subsystem)
    assert queued() == []
