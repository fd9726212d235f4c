"""A campaign, paid at a provider: the extraction once, one budget, no run that stops another."""

from collections.abc import Callable
from typing import Any

import pytest

from observability.models import BudgetWindow, Scope
from reqplatform.teams.models import Project
from runs.actions.campaigns import resume_campaign, start_campaign
from runs.actions.execute import execute
from runs.actions.specifications import add_revision
from runs.actions.start import RunOptions
from runs.exports.consolidated import cost_of
from runs.models import Campaign, CampaignState, Run, RunStatus, Subsystem, Tally
from tests.observability.accounts import assert_books_agree
from tests.runs.conftest import CLEAR
from tests.runs.estimated import DOLLAR
from tests.runs.paid import answer_as_analyst, billed_by_node, model, route
from tests.wire import WireServer

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = pytest.mark.django_db(transaction=True)

Begin = Callable[..., Campaign]


@pytest.fixture
def begin(project: Project, wired: WireServer) -> Begin:
    """A campaign for Navigation and Power, whose model answers as the analyst would."""
    answer_as_analyst(wired)
    route(project, model("openai"))

    def begin(**more: Any) -> Campaign:
        revision = add_revision(None, project, filename="spec.txt", content=CLEAR.encode())
        subsystems = list(Subsystem.objects.filter(project=project))
        options = RunOptions(unattended=True)
        return start_campaign(None, revision, subsystems, options, enqueue=False, **more)

    return begin


def runs_of(campaign: Campaign) -> list[Run]:
    return list(campaign.runs.order_by("id"))


def window_of(campaign: Campaign) -> BudgetWindow:
    return BudgetWindow.objects.get(budget__scope=Scope.GROUP, key=campaign.group)


def test_its_cost_is_the_bill_with_the_extraction_once(begin: Begin, wired: WireServer) -> None:
    campaign = begin()
    for run in runs_of(campaign):
        assert execute(run.pk)
    billed = billed_by_node(wired)
    cost = cost_of(campaign)
    assert cost.reading_nusd == billed["extract"] > 0
    assert cost.nusd == sum(billed.values()) == window_of(campaign).spent_nusd
    assert not cost.is_bound
    assert_books_agree()


def test_another_campaign_does_not_pay_for_reading_again(begin: Begin, wired: WireServer) -> None:
    for run in runs_of(begin()):
        assert execute(run.pk)
    again = begin()
    for run in runs_of(again):
        assert execute(run.pk)
    cost = cost_of(again)
    assert (cost.reading_nusd, cost.nusd) == (0, window_of(again).spent_nusd)


def test_its_budget_stops_what_needs_money_and_raising_it_lets_that_go_on(
    begin: Begin, wired: WireServer
) -> None:
    campaign = begin(limit_nusd=DOLLAR)
    first, second = runs_of(campaign)
    assert execute(first.pk)
    window = window_of(campaign)
    BudgetWindow.objects.filter(pk=window.pk).update(max_nusd=window.spent_nusd + 1)
    before = len(wired.requests)
    assert execute(second.pk)
    statuses = [run.status for run in runs_of(campaign)]
    assert statuses == [RunStatus.COMPLETED, RunStatus.OUT_OF_BUDGET]
    assert Tally.of(statuses).state == CampaignState.ENDED
    assert len(wired.requests) == before
    assert window_of(campaign).spent_nusd <= window.spent_nusd + 1
    BudgetWindow.objects.filter(pk=window.pk).update(max_nusd=DOLLAR)
    assert resume_campaign(None, campaign, enqueue=False) == [second]
    assert execute(second.pk)
    assert Tally.of(run.status for run in runs_of(campaign)).state == CampaignState.COMPLETED
    assert_books_agree()
