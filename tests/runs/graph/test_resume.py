"""Reviews, interruptions and failures: a run goes on where it stopped and pays nothing twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from django_q.exceptions import TimeoutException

from observability.models import CostSource, LLMCall
from reqplatform.errors import Conflict, InvalidInput, NotAllowed
from reqplatform.teams.models import Project, ReviewExpiry
from runs.actions import execute as executing
from runs.actions.cancel import cancel_run
from runs.actions.claim import claim
from runs.actions.execute import execute
from runs.actions.resume import resume_run
from runs.actions.review import decide_review
from runs.actions.review_policy import remind_and_expire
from runs.graph.nodes.decompose import Decompose
from runs.models import Allocation, Decision, RequirementVersion, Review, Run, RunStatus
from tests.conftest import World
from tests.runs.conftest import VAGUE, ScriptedChatModel, Starter

SCRIPTED = type[ScriptedChatModel]


def go_on(run: Run) -> Run:
    assert execute(run.pk)
    run.refresh_from_db()
    return run


def test_the_strategy_is_reviewed_before_anything_is_decomposed(
    executed: Starter, world: World
) -> None:
    run = executed(review_strategy=True)
    assert (run.status, run.gate_passed) == (RunStatus.WAITING_REVIEW, None)
    assert not RequirementVersion.objects.filter(run=run).exists()
    assert run.strategy is not None
    decide_review(world.reviewer, run, Decision.APPROVED, enqueue=False)
    assert go_on(run).status == RunStatus.COMPLETED


def test_a_resumed_run_whose_review_expired_waits_for_a_review_again(
    executed: Starter, world: World
) -> None:
    run = executed(review_strategy=True)
    Project.objects.update(review_expiry_hours=1)
    Review.objects.update(created_at=timezone.now() - timedelta(hours=2))
    remind_and_expire()
    resume_run(world.editor, run, enqueue=False)
    assert go_on(run).status == RunStatus.WAITING_REVIEW
    assert [review.decision for review in run.reviews.all()] == ["expired", "pending"]
    assert not RequirementVersion.objects.filter(run=run).exists()
    decide_review(world.reviewer, run, Decision.APPROVED, enqueue=False)
    assert go_on(run).status == RunStatus.COMPLETED


def test_a_result_that_nobody_reviewed_is_accepted_by_nobody(executed: Starter) -> None:
    run = executed(VAGUE, max_iterations=1)
    Project.objects.update(review_expiry_hours=1, review_expiry=ReviewExpiry.GO_ON)
    Review.objects.update(created_at=timezone.now() - timedelta(hours=2))
    remind_and_expire()
    run = go_on(run)
    assert (run.status, run.gate_passed) == (RunStatus.COMPLETED, False)
    assert set(run.requirement_versions.values_list("status", flat=True)) == {"proposed"}


def test_a_strategy_sent_back_is_made_again_with_the_feedback(
    executed: Starter, scripted: SCRIPTED
) -> None:
    run = executed(review_strategy=True)
    decide_review(None, run, Decision.CHANGES, "SYS-003 concerns us too.", enqueue=False)
    run = go_on(run)
    assert run.status == RunStatus.WAITING_REVIEW
    analyses = [r["request"] for r in scripted.asked if r["task"] == "analyze"]
    assert [request["feedback"] for request in analyses] == ["", "SYS-003 concerns us too."]
    assert Allocation.objects.filter(run=run).count() == 3


def test_an_approved_result_completes_but_never_shows_as_passed(executed: Starter) -> None:
    run = executed(VAGUE, max_iterations=1)
    decide_review(None, run, Decision.APPROVED, enqueue=False)
    run = go_on(run)
    assert (run.status, run.gate_passed) == (RunStatus.COMPLETED, False)
    assert set(run.requirement_versions.values_list("status", flat=True)) == {"accepted"}


def test_a_result_sent_back_is_decomposed_once_more_with_the_feedback(
    executed: Starter, scripted: SCRIPTED
) -> None:
    run = executed(VAGUE, max_iterations=1)
    decide_review(None, run, Decision.CHANGES, "Say what quickly means.", enqueue=False)
    run = go_on(run)
    assert (run.status, run.iteration) == (RunStatus.WAITING_REVIEW, 2)
    last = [r["request"] for r in scripted.asked if r["task"] == "decompose"][-1]
    assert last["feedback"] == "Say what quickly means."


def test_a_rejected_run_is_cancelled_for_good(executed: Starter) -> None:
    run = executed(VAGUE, max_iterations=1)
    decide_review(None, run, Decision.REJECTED, enqueue=False)
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
    with pytest.raises(Conflict, match="rejected"):
        resume_run(None, run, enqueue=False)


def test_the_first_decision_counts(executed: Starter, world: World) -> None:
    run = executed(review_strategy=True)
    decide_review(world.reviewer, run, Decision.APPROVED, enqueue=False)
    with pytest.raises(Conflict, match="already: approved, by reviewer"):
        decide_review(world.owner, run, Decision.REJECTED, enqueue=False)


def test_changes_need_words_and_a_reviewer(executed: Starter, world: World) -> None:
    run = executed(review_strategy=True)
    with pytest.raises(InvalidInput):
        decide_review(world.reviewer, run, Decision.CHANGES, "  ", enqueue=False)
    with pytest.raises(NotAllowed):
        decide_review(world.viewer, run, Decision.APPROVED, enqueue=False)
    run.refresh_from_db()
    assert run.status == RunStatus.WAITING_REVIEW


def test_a_failed_run_goes_on_without_asking_again(executed: Starter, scripted: SCRIPTED) -> None:
    def broken(task: str, answer: dict[str, Any]) -> dict[str, Any]:
        return {"no": "answer"} if task == "validate" else answer

    scripted.change = staticmethod(broken)
    run = executed()
    assert run.status == RunStatus.FAILED
    before = len(scripted.asked)
    scripted.change = staticmethod(lambda task, answer: answer)
    resume_run(None, run, enqueue=False)
    assert go_on(run).status == RunStatus.COMPLETED
    assert [request["task"] for request in scripted.asked[before:]] == ["validate"]


def test_a_node_that_is_executed_again_replays_the_settled_answer(
    executed: Starter, scripted: SCRIPTED
) -> None:
    """The worker dies between the answer and the commit: the answer is there and is not paid."""

    class Death(BaseException):
        pass

    def die(*args: Any) -> None:
        raise Death

    from runs.graph.nodes.decompose import Decompose

    original = Decompose.commit
    try:
        Decompose.commit = die  # type: ignore[method-assign,assignment]
        with pytest.raises(Death):
            executed()
    finally:
        Decompose.commit = original  # type: ignore[method-assign]
    run = Run.objects.get()
    assert run.status == RunStatus.RUNNING  # nobody could say otherwise
    asked = [request["task"] for request in scripted.asked]
    Run.objects.update(lease_expires_at="2020-01-01T00:00Z")  # time passes
    assert go_on(run).status == RunStatus.COMPLETED
    assert [r["task"] for r in scripted.asked].count("decompose") == asked.count("decompose") == 1
    assert LLMCall.objects.filter(run=run, cost_source=CostSource.REPLAYED).count() == 1
    assert (run.attempts, run.lease_token) == (2, 2)


def test_ctrl_c_leaves_the_run_resumable(executed: Starter, scripted: SCRIPTED) -> None:
    def interrupt(task: str, answer: dict[str, Any]) -> dict[str, Any]:
        if task == "decompose":
            raise KeyboardInterrupt
        return answer

    scripted.change = staticmethod(interrupt)
    with pytest.raises(KeyboardInterrupt):
        executed()
    run = Run.objects.get()
    assert run.status == RunStatus.CANCELLED
    scripted.change = staticmethod(lambda task, answer: answer)
    resume_run(None, run, enqueue=False)
    assert go_on(run).status == RunStatus.COMPLETED


def test_a_run_is_executed_by_one_worker_only(begin: Starter) -> None:
    run = begin()
    token = claim(run.pk)
    assert token == 1
    assert claim(run.pk) is None
    assert execute(run.pk) is False


def test_a_cancelled_run_asks_nothing_more_and_writes_nothing_more(
    executed: Starter, scripted: SCRIPTED
) -> None:
    def cancel(task: str, answer: dict[str, Any]) -> dict[str, Any]:
        if task == "decompose":
            cancel_run(None, Run.objects.get())
        return answer

    scripted.change = staticmethod(cancel)
    run = executed()
    assert run.status == RunStatus.CANCELLED
    assert not RequirementVersion.objects.filter(run=run).exists()
    assert [request["task"] for request in scripted.asked][-1] == "decompose"


def test_a_run_of_another_graph_fails_with_the_reason(begin: Starter) -> None:
    run = begin()
    Run.objects.update(graph_version=99)
    assert execute(run.pk)
    run.refresh_from_db()
    assert (run.status, "version 99" in run.reason) == (RunStatus.FAILED, True)


def test_a_skill_that_is_activated_later_changes_nothing(begin: Starter) -> None:
    from skills.models import SkillVersion, VersionStatus

    run = begin()
    for version in SkillVersion.objects.filter(status=VersionStatus.ACTIVE):
        SkillVersion.objects.filter(pk=version.pk).update(status=VersionStatus.RETIRED)
        SkillVersion.objects.create(
            skill=version.skill, number=99, status=VersionStatus.ACTIVE, body="New."
        )
    execute(run.pk)
    labels = LLMCall.objects.values_list("skill", flat=True)
    assert labels
    assert not [label for label in labels if label.endswith("@99")]


def test_an_answer_that_code_refused_is_asked_for_again_when_resumed(
    executed: Starter, scripted: SCRIPTED
) -> None:
    def undecided(task: str, answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "allocations": []} if task == "analyze" else answer

    scripted.change = staticmethod(undecided)
    run = executed()
    assert (run.status, "3 are missing" in run.reason) == (RunStatus.FAILED, True)
    scripted.change = staticmethod(lambda task, answer: answer)
    resume_run(None, run, enqueue=False)
    assert go_on(run).status == RunStatus.COMPLETED


def test_a_worker_that_is_ended_leaves_the_run_to_another(
    begin: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the queue ends a task that has taken too long; three times, and it fails aloud."""
    run = begin()

    def too_long(*args: Any) -> Any:
        raise TimeoutException("Task exceeded maximum timeout value (3600 seconds)")

    monkeypatch.setattr(Decompose, "ask", too_long)
    for attempt in range(1, 4):
        with pytest.raises(TimeoutException):
            execute(run.pk)
        run.refresh_from_db()
        assert run.attempts == attempt
        assert run.status == (RunStatus.QUEUED if attempt < 3 else RunStatus.FAILED)
    told = list(run.events.filter(kind="status").values_list("message", flat=True))
    assert len([message for message in told if "exceeded maximum timeout" in message]) == 2
    assert "3 times" in run.reason


def test_a_database_that_was_away_is_waited_for(
    begin: Starter, scripted: SCRIPTED, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin()
    ask, gone = Decompose.ask, [OperationalError("server closed the connection")] * 2

    def away(*args: Any) -> Any:
        if gone:
            raise gone.pop()
        return ask(*args)

    monkeypatch.setattr(Decompose, "ask", away)
    monkeypatch.setattr(executing, "is_away", lambda error: True)
    monkeypatch.setattr("runs.actions.execute.time.sleep", lambda seconds: None)
    assert go_on(run).status == RunStatus.COMPLETED
    assert run.attempts == 1
    tasks = [request["task"] for request in scripted.asked]
    assert tasks.count("analyze") == 1
