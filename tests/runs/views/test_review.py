import pytest

from reqplatform.teams.models import Project
from runs.models import Allocation, Decision, Review, Run, RunStatus, SourceRequirement
from runs.models.review import ReviewKind
from tests import factories
from tests.audience import check_mutation
from tests.conftest import World


@pytest.fixture
def waiting(world: World) -> Run:
    """A run that waits for a review of its strategy."""
    of = factories.completed_run(world.project)
    run = factories.run(
        world.project,
        status=RunStatus.WAITING_REVIEW,
        revision=of.revision,
        extraction=of.extraction,
        strategy={
            "allocation_rules": ["Named <i>subsystems</i> first."],
            "naming": "{CODE}-{TYPE}-{NNN}",
            "max_children_per_parent": 8,
            "acceptance_criteria_required": True,
            "notes": "",
        },
    )
    Allocation.objects.create(
        run=run,
        source=SourceRequirement.objects.get(extraction=of.extraction, ordinal=1),
        allocated=True,
        rule="named",
        rationale="It names <u>it</u>.",
    )
    Review.objects.create(run=run, kind=ReviewKind.STRATEGY, iteration=0)
    return run


def test_the_page_says_what_happens_when_nobody_decides(world: World, waiting: Run) -> None:
    page = world.client(world.reviewer).get(f"/runs/{waiting.pk}/")
    assert "If nobody decides" not in page.text
    Project.objects.update(review_expiry_hours=48)
    page = world.client(world.reviewer).get(f"/runs/{waiting.pk}/")
    assert "the project&#x27;s policy does: the run is cancelled" in page.text.replace(
        "'", "&#x27;"
    )


def test_a_second_reviewer_is_told_who_was_first(world: World, waiting: Run) -> None:
    page = f"/runs/{waiting.pk}/review"
    first = world.client(world.reviewer).post(page, {"decision": "approved"}, follow=True)
    assert "Decided: approved." in first.text
    second = world.client(world.editor).post(page, {"decision": "rejected"}, follow=True)
    assert "This review has been decided already: approved, by reviewer at" in second.text
    assert Review.objects.get().decision == Decision.APPROVED


def test_who_may(world: World, waiting: Run) -> None:
    check_mutation(world, f"/runs/{waiting.pk}/review", least="reviewer")


def test_the_page_shows_strategy_and_allocations(world: World, waiting: Run) -> None:
    text = world.client(world.reviewer).get(f"/runs/{waiting.pk}/").text
    assert "Named &lt;i&gt;subsystems&lt;/i&gt; first." in text
    assert "It names &lt;u&gt;it&lt;/u&gt;." in text
    assert "Approve and go on" in text


def test_a_viewer_sees_it_and_cannot_decide(world: World, waiting: Run) -> None:
    text = world.client(world.viewer).get(f"/runs/{waiting.pk}/").text
    assert "Review of the strategy" in text
    assert "Approve and go on" not in text


@pytest.mark.parametrize(
    ("decision", "feedback", "status"),
    [
        (Decision.APPROVED, "", RunStatus.QUEUED),
        (Decision.CHANGES, "Allocate the radio too.", RunStatus.QUEUED),
        (Decision.REJECTED, "", RunStatus.CANCELLED),
    ],
)
def test_decides(
    world: World, waiting: Run, decision: Decision, feedback: str, status: RunStatus
) -> None:
    client = world.client(world.reviewer)
    client.post(f"/runs/{waiting.pk}/review", {"decision": decision.value, "feedback": feedback})
    waiting.refresh_from_db()
    review = waiting.reviews.get()
    assert waiting.status == status
    assert (review.decision, review.feedback, review.decided_by) == (
        decision,
        feedback,
        world.reviewer,
    )


def test_changes_need_feedback(world: World, waiting: Run) -> None:
    answer = world.client(world.reviewer).post(
        f"/runs/{waiting.pk}/review", {"decision": "changes", "feedback": " "}
    )
    assert answer.status_code == 422
    assert "Say what should change" in answer.text
    assert waiting.reviews.get().decision == Decision.PENDING


@pytest.mark.parametrize("decision", ["pending", "", "maybe"])
def test_a_decision_is_one_of_three(world: World, waiting: Run, decision: str) -> None:
    answer = world.client(world.reviewer).post(f"/runs/{waiting.pk}/review", {"decision": decision})
    assert answer.status_code == 422
    assert waiting.reviews.get().decision == Decision.PENDING


def test_the_second_reviewer_learns_who_was_first(world: World, waiting: Run) -> None:
    url = f"/runs/{waiting.pk}/review"
    world.client(world.reviewer).post(url, {"decision": "approved"})
    answer = world.client(world.owner).post(url, {"decision": "rejected"}, follow=True)
    assert "decided already: approved, by reviewer" in answer.text
    waiting.refresh_from_db()
    assert waiting.status == RunStatus.QUEUED
