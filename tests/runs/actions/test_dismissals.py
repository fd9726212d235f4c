"""Dismissing a finding, and taking it back."""

import pytest

from reqplatform.errors import Conflict, InvalidInput
from runs.actions.dismissals import dismiss, dismissals_to_pin, dismissed_in_project, withdraw
from runs.actions.start import RunOptions, start_run
from runs.models import Dismissal, QualityIssue, Run
from skills.models import SkillSlug
from tests import factories
from tests.conftest import World
from tests.runs.actions import roles


@pytest.fixture
def run(world: World) -> Run:
    return factories.completed_run(world.project)


@pytest.fixture
def issue(run: Run) -> QualityIssue:
    """A finding of the rule vague-term about \u201cNavigation\u201d."""
    return run.quality_issues.get()


@roles.refused
def test_who_may_not(world: World, issue: QualityIssue, who: str, error: type) -> None:
    roles.is_refused(lambda user: dismiss(user, issue, "Clear."), world, who, error)
    assert not Dismissal.objects.exists()


@roles.allowed
def test_words_are_dismissed_with_a_reason(
    world: World, issue: QualityIssue, who: str | None
) -> None:
    made = dismiss(roles.person(world, who), issue, "  It is its\x00 name. ")
    made.refresh_from_db()
    assert (made.rule, made.term, made.reason) == ("vague-term", "navigation", "It is its name.")
    assert made.dismissed_by == roles.person(world, who)
    assert dismissed_in_project(world.project).weights == {"vague-term": 0.9}
    assert dismissed_in_project(world.other_project).weights == {}


def test_a_rule_is_dismissed(world: World, issue: QualityIssue) -> None:
    assert dismiss(None, issue, "Not here.", whole_rule=True).term == ""
    assert dismissed_in_project(world.project).weights == {"vague-term": 0.5}


@pytest.mark.parametrize("reason", ["", " \n", "x" * 2001])
def test_a_reason_is_needed(issue: QualityIssue, reason: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        dismiss(None, issue, reason)
    assert refusal.value.field == "reason"


def test_a_finding_about_no_words_is_dismissed_for_its_rule_only(issue: QualityIssue) -> None:
    issue.quote = " "
    with pytest.raises(InvalidInput, match="only be dismissed for its rule"):
        dismiss(None, issue, "Clear.")
    assert dismiss(None, issue, "Clear.", whole_rule=True).stands


@pytest.mark.parametrize(
    ("values", "said"), [({"source": "judge"}, "judge"), ({"severity": "critical"}, "Critical")]
)
def test_what_cannot_be_dismissed(issue: QualityIssue, values: dict[str, str], said: str) -> None:
    for name, value in values.items():
        setattr(issue, name, value)
    with pytest.raises(Conflict, match=said):
        dismiss(None, issue, "Clear.", whole_rule=True)


def test_the_same_is_dismissed_once(run: Run, issue: QualityIssue) -> None:
    dismiss(None, issue, "Clear.")
    with pytest.raises(Conflict, match="dismissed already"):
        dismiss(None, issue, "Clear.", whole_rule=True)
    issue.pk = None
    issue.save()  # the same words in another place
    with pytest.raises(Conflict, match="dismissed already"):
        dismiss(None, issue, "Clear.")


def test_it_can_be_taken_back_once(world: World, issue: QualityIssue) -> None:
    made = dismiss(None, issue, "Clear.")
    taken_back = withdraw(world.editor, made)
    assert not taken_back.stands
    assert taken_back.withdrawn_by == world.editor
    assert dismissed_in_project(world.project).weights == {}
    with pytest.raises(Conflict, match="withdrawn already"):
        withdraw(world.editor, made)
    assert dismiss(None, issue, "Again.").stands


@roles.refused
def test_who_may_not_take_back(world: World, run: Run, who: str, error: type) -> None:
    made = factories.dismissal(run)
    roles.is_refused(lambda user: withdraw(user, made), world, who, error)
    made.refresh_from_db()
    assert made.stands


def test_a_run_pins_what_is_dismissed_when_it_starts(world: World, run: Run) -> None:
    for slug in SkillSlug:
        factories.skill_version(slug)
    made = factories.dismissal(run)
    started = start_run(None, run.revision, run.subsystem, RunOptions(), enqueue=False)
    withdraw(None, made)
    started.refresh_from_db()
    assert started.dismissals == {"ids": [made.pk], "rows": [["negative", "not"]]}
    assert started.dismissed.covers("negative", "Not")
    assert dismissals_to_pin(world.project) == {}
    assert run.dismissed.weights == {}
