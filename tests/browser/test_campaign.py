"""A campaign's page follows its runs, and its form's estimate follows what is chosen."""

import pytest
from pytest_django.live_server_helper import LiveServer

from runs.models import EventKind, Run, RunStatus
from runs.records import append_event, transition
from skills.models import SkillSlug
from tests import factories
from tests.browser.chromium import Page
from tests.conftest import World
from tests.runs.estimated import priced, stored

SAYS = "document.getElementById('{part}').innerText.includes('{text}')"


@pytest.mark.django_db(transaction=True)
def test_the_page_follows_all_runs(live_server: LiveServer, signed_in: Page, world: World) -> None:
    campaign = factories.campaign(world.project, name="Sea trial")
    first = factories.run(world.project, campaign=campaign, revision=campaign.revision)
    power = factories.subsystem(world.project, "PWR", "Power")
    second = factories.run(
        world.project, campaign=campaign, revision=campaign.revision, subsystem=power
    )
    append_event(first.pk, EventKind.STATUS, "Queued.")
    signed_in.open(f"{live_server.url}/campaigns/{campaign.pk}/")
    signed_in.until(SAYS.format(part="campaign-lede", text="2 at work or queued"))
    for run, status in ((first, RunStatus.FAILED), (second, RunStatus.CANCELLED)):
        transition(run.pk, RunStatus.QUEUED, status, "It ended.", reason="Because it had to.")
        ended = Run.objects.filter(status__in=[RunStatus.FAILED, RunStatus.CANCELLED]).count()
        signed_in.until(SAYS.format(part="campaign-lede", text=f"{ended} not completed"))
    signed_in.until(SAYS.format(part="campaign-actions", text="Resume 2 runs"))
    assert signed_in.problems == []


@pytest.mark.django_db(transaction=True)
def test_the_estimate_follows_the_form(
    live_server: LiveServer, signed_in: Page, world: World
) -> None:
    for slug in SkillSlug:
        factories.skill_version(slug)
    stored(world.project)
    factories.subsystem(world.project)
    factories.subsystem(world.project, "PWR", "Power")
    writer = priced("Writer")
    for width, scheme in ((390, "light"), (1280, "dark")):
        signed_in.view(width=width, scheme=scheme)
        signed_in.open(f"{live_server.url}/projects/survey/campaigns/new")
        signed_in.until(SAYS.format(part="estimate", text="costs nothing"))
        signed_in.evaluate(
            f"(() => {{ const field = document.getElementById('id_model'); field.value = "
            f"'{writer.pk}'; field.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()"
        )
        signed_in.until(SAYS.format(part="estimate", text="By subsystem"))
        shares = "document.querySelectorAll('#estimate details:last-of-type tbody tr').length"
        signed_in.until(f"{shares} === 2")
        signed_in.evaluate("document.getElementById('id_subsystems_1').click()")
        signed_in.until(f"{shares} === 1")
        over = signed_in.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0
    assert signed_in.problems == []
