"""Every page on a phone and on a desk, in both schemes: it fits and can be read."""

from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from observability import rollups
from observability.budgets import window_of_run
from reqplatform.teams.models import Membership, Role
from runs.actions.dismissals import dismissals_to_pin
from runs.models import EventKind, Review, Run, RunStatus
from runs.models.review import ReviewKind
from runs.records import append_event
from tests import factories, money
from tests.browser.chromium import Page
from tests.conftest import World

READABLE = (Path(__file__).parent / "readable.js").read_text("utf-8")
UNLABELLED = """[...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
  .filter((control) => !control.labels.length).map((control) => control.name)"""

CUT = """[...document.querySelectorAll(".panel:has(> .table), .table-scroll")]
  .filter((panel) => panel.scrollWidth > panel.clientWidth).map((panel) => panel.innerText)"""


def addresses(run: Run) -> list[str]:
    """All pages, for a project with a completed run, one that waits and one that works."""
    slug, of = run.project.slug, run.extraction
    waiting = factories.run(run.project, revision=run.revision, status=RunStatus.WAITING_REVIEW)
    Review.objects.create(run=waiting, kind=ReviewKind.RESULT, iteration=1)
    assert of is not None
    campaign = factories.campaign(run.project, run.revision, name="Sea trial")
    Run.objects.filter(pk=run.pk).update(campaign=campaign)
    factories.run(
        run.project, campaign=campaign, revision=run.revision, status=RunStatus.FAILED,
        subsystem=factories.subsystem(run.project, "PWR", "Power"), reason="Its model is away.",
    )  # fmt: skip
    result = ("", "requirements", "trace", "trace?show=elsewhere", "quality", "issues", "files")
    return [
        "/",
        "/accuracy/",
        "/reports/",
        f"/calls/{money.paid_call(run).pk}/",
        *(
            f"/projects/{slug}/{page}"
            for page in (
                "",
                "members/",
                "budgets/",
                "subsystems/",
                "runs/new",
                "campaigns/",
                "campaigns/new",
                "dismissals/",
                "reports/cost?stack=model",
                "reports/quality",
                "reports/subsystems",
                f"reports/runs?run={run.pk}",
                "exports/",
                "exports/new/runs",
                "import/subsystems",
                "import/requirements",
                "reports/models",
                "reports/energy",
                "reports/begun",
                "reports/judged",
                "reports/mails/",
                "alerts/",
                "calls/",
            )
        ),
        f"/campaigns/{campaign.pk}/",
        f"/projects/{slug}/subsystems/NAV/",
        f"/projects/{slug}/specifications/",
        f"/projects/{slug}/specifications/new",
        f"/specifications/{run.revision.specification_id}/",
        f"/source-requirements/{of.requirements.earliest('ordinal').pk}/",
        *(f"/runs/{run.pk}/{page}" for page in result),
        f"/runs/{waiting.pk}/",
        f"/issues/{run.quality_issues.filter(rule='vague-term').get().pk}/dismiss",
        "/account/tokens/",
        "/accounts/password/change/",
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_pages(
    live_server: LiveServer, signed_in: Page, world: World, scheme: str, width: int
) -> None:
    run = factories.completed_run(world.project, gate_passed=False)
    factories.dismissal(run)
    Run.objects.filter(pk=run.pk).update(dismissals=dismissals_to_pin(run.project))
    money.paid_call(run)
    rollups.refresh()
    signed_in.view(width=width, scheme=scheme)
    for address in addresses(run):
        signed_in.open(live_server.url + address)
        assert not signed_in.evaluate(READABLE), address
        over = signed_in.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, f"{address} is {over} px too wide at {width} px"
        assert signed_in.evaluate(UNLABELLED) == [], address
        assert signed_in.evaluate("document.querySelectorAll('h1').length") == 1, address
    assert signed_in.problems == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (768, "light"), (1280, "light")])
def test_what_owners_do_with_budgets(
    live_server: LiveServer, signed_in: Page, world: World, width: int, scheme: str
) -> None:
    Membership.objects.filter(user=world.editor).update(role=Role.OWNER)
    run = factories.run(world.project, status=RunStatus.OUT_OF_BUDGET)
    call = money.unconfirmed_call(run, 5 * money.CENT)
    money.paid_call(run, 2 * money.DOLLAR, held_nusd=2 * money.DOLLAR)
    window = window_of_run(world.project.pk, run.pk).pk
    figures = {"window": window, "needed_nusd": 4 * money.DOLLAR, "max_nusd": 5 * money.DOLLAR}
    append_event(run.pk, EventKind.STATUS, "Out of budget.", figures=figures)
    signed_in.view(width=width, scheme=scheme)
    for address in (
        "/projects/survey/",
        "/projects/survey/budgets/",
        "/projects/survey/budgets/run/",
        f"/budget-accounts/{window}/",
        f"/calls/{call.pk}/settle",
        f"/runs/{run.pk}/",
    ):
        signed_in.open(live_server.url + address)
        assert not signed_in.evaluate(READABLE), address
        over = signed_in.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, f"{address} is {over} px too wide at {width} px"
        assert signed_in.evaluate(CUT) == [], address
        assert signed_in.evaluate(UNLABELLED) == [], address
    signed_in.evaluate("document.getElementById('raise-stop').value = '7.50'")
    signed_in.evaluate("document.querySelector('.raise button').click()")
    signed_in.until("document.body?.innerText.includes('Raised to $7.50: press Resume.')")
    assert signed_in.problems == []


@pytest.mark.django_db(transaction=True)
def test_tabs_that_do_not_fit_say_so(
    live_server: LiveServer, signed_in: Page, world: World
) -> None:
    more = "document.querySelector('.tabs').dataset.more"
    signed_in.view(width=375, scheme="light")
    signed_in.open(f"{live_server.url}/projects/survey/")
    signed_in.until(f"{more} === 'right'")
    signed_in.open(f"{live_server.url}/projects/survey/members/")
    signed_in.until(f"{more} === 'left'")
    signed_in.view(width=1280, scheme="light")
    signed_in.until(f"{more} === ''")


@pytest.mark.django_db(transaction=True)
def test_the_scheme_switch_is_remembered(live_server: LiveServer, signed_in: Page) -> None:
    signed_in.view(width=1280, scheme="light")
    signed_in.open(live_server.url + "/")
    bright = signed_in.evaluate("getComputedStyle(document.body).backgroundColor")
    signed_in.evaluate("document.querySelector('[data-theme-choice=dark]').click()")
    signed_in.open(live_server.url + "/account/tokens/")
    assert signed_in.evaluate("document.documentElement.dataset.theme") == "dark"
    assert signed_in.evaluate("getComputedStyle(document.body).backgroundColor") != bright
    pressed = "document.querySelector('[data-theme-choice=dark]').getAttribute('aria-pressed')"
    assert signed_in.evaluate(pressed) == "true"
