"""A campaign: a run for each subsystem, one budget, one reader, and no run that stops another."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from observability.models import Budget, BudgetWindow, LLMCall, ModelProfile, Node, Route, Scope
from reqplatform.errors import Conflict, InvalidInput, NotAllowed
from reqplatform.teams.models import Project
from runs.actions.campaigns import (
    cancel_campaign,
    estimate_campaign,
    resumable,
    resume_campaign,
    start_campaign,
)
from runs.actions.cancel import cancel_run
from runs.actions.claim import claim
from runs.actions.execute import execute
from runs.actions.reap import sweep, wake_forgotten, wake_waiting
from runs.actions.specifications import add_revision
from runs.actions.start import RunOptions, TooExpensive
from runs.models import (
    Campaign,
    CampaignState,
    Decision,
    Extraction,
    ExtractionState,
    Revision,
    Run,
    RunEvent,
    RunStatus,
    Subsystem,
    Tally,
)
from runs.serving import watchdog
from skills.loading import load_library
from tests import factories
from tests.conftest import World
from tests.runs.actions.queue import queued
from tests.runs.actions.roles import allowed, is_refused, person, refused
from tests.runs.conftest import CLEAR, ScriptedChatModel
from tests.runs.estimated import DOLLAR, limit, priced

pytestmark = pytest.mark.django_db(transaction=True)

CODES = ("NAV", "PWR", "RAD")


@pytest.fixture
def project(world: World) -> Project:
    load_library()
    for code, name in zip(CODES, ("Navigation", "Power", "Radio"), strict=True):
        factories.subsystem(world.project, code, name)
    return world.project


@pytest.fixture
def revision(project: Project) -> Revision:
    return add_revision(None, project, filename="spec.txt", content=CLEAR.encode())


Begin = Callable[..., Campaign]


@pytest.fixture
def begin(project: Project, revision: Revision) -> Begin:
    def begin(**options: Any) -> Campaign:
        kept = {name: options.pop(name) for name in list(options) if name in KEPT}
        subsystems = list(Subsystem.objects.filter(project=project))
        return start_campaign(None, revision, subsystems, RunOptions(**options), **kept)

    return begin


KEPT = ("limit_nusd", "enqueue", "name")


def runs_of(campaign: Campaign) -> list[Run]:
    return list(campaign.runs.order_by("id"))


def woken() -> list[str]:
    return [arguments[0] for _, arguments in queued()]


def forget(*runs: Run) -> None:
    """Make all that happened to them two minutes old."""
    ago = timezone.now() - timedelta(minutes=2)
    RunEvent.objects.filter(run__in=runs).update(created_at=ago)
    Run.objects.filter(pk__in=[run.pk for run in runs]).update(created_at=ago)


# Starting


def test_there_is_a_run_for_each_subsystem_and_all_are_pinned_alike(begin: Begin) -> None:
    campaign = begin(name="  Sea trial ", max_iterations=2)
    runs = runs_of(campaign)
    assert (campaign.name, [run.subsystem.code for run in runs]) == ("Sea trial", list(CODES))
    assert {run.group for run in runs} == {campaign.group}
    assert {run.max_iterations for run in runs} == {2}
    pins = [{pin.skill_version_id for pin in run.pinned_skills.all()} for run in runs]
    assert pins[0]
    assert pins[0] == pins[1] == pins[2]


@refused
def test_who_may_not_start_one(world: World, revision: Revision, who: str, error: type) -> None:
    subsystems = list(Subsystem.objects.filter(project=world.project))
    act = lambda user: start_campaign(user, revision, subsystems, RunOptions())  # noqa: E731
    is_refused(act, world, who, error)
    assert not Campaign.objects.exists()


@allowed
def test_who_may(world: World, revision: Revision, who: str | None) -> None:
    subsystems = list(Subsystem.objects.filter(project=world.project))
    campaign = start_campaign(person(world, who), revision, subsystems, RunOptions())
    assert campaign.started_by == person(world, who)


def test_a_limit_is_for_owners(world: World, revision: Revision) -> None:
    subsystems = list(Subsystem.objects.filter(project=world.project))
    with pytest.raises(NotAllowed):
        start_campaign(world.editor, revision, subsystems, RunOptions(), limit_nusd=1 * DOLLAR)
    start_campaign(world.owner, revision, subsystems, RunOptions(), limit_nusd=1 * DOLLAR)
    assert Campaign.objects.count() == 1


def test_what_cannot_be_started_leaves_nothing(
    world: World, project: Project, revision: Revision
) -> None:
    mine = list(Subsystem.objects.filter(project=project))
    other = factories.subsystem(world.other_project)
    for subsystems, words in (([], "at least one"), ([*mine, other], "another project")):
        with pytest.raises(InvalidInput, match=words):
            start_campaign(None, revision, subsystems, RunOptions())
    with pytest.raises(InvalidInput, match="shared with other runs"):
        start_campaign(None, revision, mine, RunOptions(group="Tuesday"), limit_nusd=1)
    with pytest.raises(InvalidInput, match="up to 120"):
        start_campaign(None, revision, mine, RunOptions(), name="x" * 121)
    assert not Campaign.objects.exists()
    assert not Run.objects.exists()


# Its budget


@pytest.mark.parametrize("has_group_budget", [True, False])
def test_a_limit_of_its_own_holds_whatever_the_project_has(
    project: Project, begin: Begin, has_group_budget: bool
) -> None:
    if not has_group_budget:
        Budget.objects.filter(project=project, scope=Scope.GROUP).delete()
    campaign = begin(limit_nusd=3 * DOLLAR)
    window = BudgetWindow.objects.get(budget__scope=Scope.GROUP)
    assert (window.key, window.max_nusd, window.set_alone) == (campaign.group, 3 * DOLLAR, True)
    other = begin()
    assert other.group != campaign.group


@pytest.fixture
def costly(project: Project) -> list[ModelProfile]:
    models = [priced("Dear"), priced("Cheap", input_price="0.01", output_price="0.1")]
    for position, model in enumerate(models, start=1):
        for node in Node:
            Route.objects.create(project=project, node=node, profile=model, position=position)
    return models


def test_the_estimate_counts_the_extraction_once(
    project: Project, revision: Revision, costly: list[ModelProfile]
) -> None:
    subsystems = list(Subsystem.objects.filter(project=project))
    one = estimate_campaign(revision, subsystems[:1], RunOptions()).total.first
    expected = estimate_campaign(revision, subsystems, RunOptions())
    reading = {node.node: node.expected_nusd for node in one.nodes}[Node.EXTRACT]
    whole = {node.node: node.expected_nusd for node in expected.total.first.nodes}
    assert whole[Node.EXTRACT] == reading > 0
    shares = [share.estimate.first.expected_nusd for share in expected.shares]
    assert expected.total.first.expected_nusd == sum(shares)
    assert not Campaign.objects.exists()


def test_the_runs_keep_their_shares(costly: list[ModelProfile], begin: Begin) -> None:
    kept = [run.estimate or {} for run in runs_of(begin())]
    reading = [
        node["expected_nusd"] for one in kept for node in one["nodes"] if node["node"] == "extract"
    ]
    assert reading[0] > 0
    assert reading[1:] == [0, 0]


def test_a_campaign_that_does_not_fit_is_refused_as_a_whole(
    project: Project, costly: list[ModelProfile], begin: Begin
) -> None:
    with pytest.raises(TooExpensive, match=r"The campaign is expected .* its own budget has"):
        begin(limit_nusd=1_000)
    limit(project, Scope.DAY, 1_000)
    with pytest.raises(TooExpensive, match=r"The campaign .*, but Day "):
        begin()
    limit(project, Scope.DAY, None)
    limit(project, Scope.RUN, 1_000)
    with pytest.raises(TooExpensive, match=r"The run for NAV Navigation .* its own budget has"):
        begin()
    assert not Campaign.objects.exists()
    assert not Run.objects.exists()


def test_all_take_the_same_cheaper_route_where_the_project_allows_it(
    project: Project, revision: Revision, costly: list[ModelProfile]
) -> None:
    subsystems = list(Subsystem.objects.filter(project=project))
    dear = estimate_campaign(revision, subsystems, RunOptions()).total.routes[0].expected_nusd
    limit(project, Scope.DAY, dear - 1)
    Project.objects.filter(pk=project.pk).update(cheaper_route=True)
    project = Project.objects.get(pk=project.pk)
    revision = Revision.objects.get(pk=revision.pk)
    runs = runs_of(start_campaign(None, revision, subsystems, RunOptions()))
    assert {run.routes["extract"][0]["model"] for run in runs} == {costly[1].key}
    for run in runs:
        assert run.events.filter(message__contains="instead of").count() == 1


# One reader


def test_only_the_first_run_is_woken_until_the_specification_is_read(begin: Begin) -> None:
    first, second, third = runs_of(begin())
    assert woken() == [str(first.pk)]
    for run in (second, third):
        said = run.events.get(message__startswith="Waits").message
        assert said == f"Waits for run {first.short_id}, which reads the specification for all."
    assert execute(first.pk)
    assert woken() == [str(run.pk) for run in (first, second, third)]
    assert execute(second.pk)
    assert execute(third.pk)
    assert Extraction.objects.count() == 1
    assert {run.extraction_id for run in Run.objects.all()} == {Extraction.objects.get().pk}
    done = RunEvent.objects.filter(node=Node.EXTRACT, kind="node_finished").order_by("run_id")
    assert [event.figures["shared"] for event in done] == [False, True, True]


def test_all_are_woken_at_once_where_it_has_been_read(begin: Begin) -> None:
    execute(runs_of(begin())[0].pk)
    OrmQ.objects.all().delete()
    campaign = begin()
    assert woken() == [str(run.pk) for run in runs_of(campaign)]
    campaign.refresh_from_db()
    assert campaign.reader is None


def test_where_the_caller_executes_nobody_is_woken(begin: Begin) -> None:
    begin(enqueue=False)
    assert woken() == []


def test_runs_that_wait_for_the_reader_are_not_taken_for_forgotten(begin: Begin) -> None:
    campaign = begin()
    first, *others = runs_of(campaign)
    assert claim(first.pk)
    OrmQ.objects.all().delete()
    forget(first, *others)
    sweep()
    wake_waiting()
    assert woken() == []
    assert watchdog._waiting_too_long() == []


def test_a_forgotten_reader_is_woken_again(begin: Begin) -> None:
    first, *others = runs_of(begin())
    OrmQ.objects.all().delete()
    forget(first, *others)
    assert wake_forgotten() == [first]


def test_a_reader_that_is_cancelled_leaves_it_to_the_next(begin: Begin) -> None:
    campaign = begin()
    first, second, _third = runs_of(campaign)
    cancel_run(None, first)
    campaign.refresh_from_db()
    assert campaign.reader == second
    assert woken() == [str(first.pk), str(second.pk)]
    assert "because run" in second.events.order_by("-seq")[0].message


def test_a_reader_that_fails_leaves_it_to_the_next(
    begin: Begin, scripted: type[ScriptedChatModel]
) -> None:
    def fail(task: str, answer: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("no")

    scripted.change = staticmethod(fail)
    campaign = begin()
    first, second, third = runs_of(campaign)
    assert execute(first.pk)
    first.refresh_from_db()
    assert first.status == RunStatus.FAILED
    scripted.change = staticmethod(lambda task, answer: answer)
    campaign.refresh_from_db()
    assert campaign.reader == second
    assert execute(second.pk)
    assert execute(third.pk)
    statuses = [run.status for run in runs_of(campaign)]
    assert statuses == ["failed", "completed", "completed"]
    assert Tally.of(statuses).state == CampaignState.ENDED


def read(run: Run) -> None:
    """As the reader's last transaction before a crash leaves it."""
    pin = run.pinned_skills.get(skill_version__skill__slug="requirement-extraction")
    Extraction.objects.create(
        revision=run.revision, skill_version=pin.skill_version, model="embedded/analyst-1",
        state=ExtractionState.DONE,
    )  # fmt: skip


def test_a_crash_between_reading_and_waking_heals(begin: Begin) -> None:
    campaign = begin()
    first, second, third = runs_of(campaign)
    assert claim(first.pk)
    read(first)
    OrmQ.objects.all().delete()
    forget(first, second, third)
    sweep()
    assert woken() == [str(second.pk), str(third.pk)]
    assert watchdog._waiting_too_long() == []  # they have only just been woken
    campaign.refresh_from_db()
    assert campaign.reader is None


def test_a_reader_that_ended_in_a_crash_is_replaced_by_the_sweep(begin: Begin) -> None:
    campaign = begin()
    first, second, _third = runs_of(campaign)
    Run.objects.filter(pk=first.pk).update(status=RunStatus.FAILED)
    OrmQ.objects.all().delete()
    sweep()
    assert woken() == [str(second.pk)]
    sweep()
    assert woken() == [str(second.pk)]


def test_a_resumed_run_waits_for_the_one_that_reads_now(begin: Begin) -> None:
    from runs.actions.resume import resume_run

    campaign = begin()
    first, second, _third = runs_of(campaign)
    cancel_run(None, first)
    OrmQ.objects.all().delete()
    resume_run(None, first)
    assert woken() == []
    assert f"Waits for run {second.short_id}" in first.events.order_by("-seq")[0].message


# Stopping and going on


def test_cancelling_ends_all_and_wakes_nobody(world: World, begin: Begin) -> None:
    campaign = begin()
    first = runs_of(campaign)[0]
    assert len(cancel_campaign(world.editor, campaign)) == 3
    assert woken() == [str(first.pk)]
    assert {run.status for run in runs_of(campaign)} == {RunStatus.CANCELLED}
    with pytest.raises(Conflict, match="nothing to stop"):
        cancel_campaign(world.editor, campaign)


def test_resuming_takes_what_stopped_and_leaves_the_rest(begin: Begin) -> None:
    campaign = begin()
    first, second, third = runs_of(campaign)
    assert execute(first.pk)
    cancel_run(None, second)
    Run.objects.filter(pk=third.pk).update(status=RunStatus.OUT_OF_BUDGET)
    third.reviews.create(
        kind="result", iteration=1, decision=Decision.REJECTED, decided_at=timezone.now()
    )
    assert resumable(campaign) == [second]
    assert resume_campaign(None, campaign) == [second]
    with pytest.raises(Conflict, match="could be resumed"):
        resume_campaign(None, campaign)


def test_after_a_cancel_the_first_that_is_resumed_reads(begin: Begin) -> None:
    campaign = begin()
    cancel_campaign(None, campaign)
    OrmQ.objects.all().delete()
    resume_campaign(None, campaign)
    assert woken() == [str(runs_of(campaign)[0].pk)]


@refused
def test_who_may_not_stop_or_resume(world: World, begin: Begin, who: str, error: type) -> None:
    campaign = begin()
    for act in (cancel_campaign, resume_campaign):
        is_refused(lambda user, act=act: act(user, campaign), world, who, error)  # type: ignore[misc]
    assert not LLMCall.objects.exists()


# How it stands


@pytest.mark.parametrize(
    ("statuses", "state", "words"),
    [
        (["queued", "completed"], "working", "1 of 2 completed, 1 at work or queued"),
        (["running", "failed"], "working",
         "0 of 2 completed, 1 at work or queued, 1 not completed"),
        (["waiting_review", "failed"], "waiting_review",
         "0 of 2 completed, 1 waiting for a review, 1 not completed"),
        (["completed"] * 2, "completed", "2 of 2 completed"),
        (["completed", "out_of_budget", "cancelled"], "ended", "1 of 3 completed, 2 not completed"),
    ],
)  # fmt: skip
def test_its_state_is_told_from_its_runs(statuses: list[str], state: str, words: str) -> None:
    tally = Tally.of(statuses)
    assert (tally.state, tally.words) == (state, words)
