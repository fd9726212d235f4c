"""The estimate on the start page follows what is chosen, without the page being loaded again."""

import pytest
from pytest_django.live_server_helper import LiveServer

from observability.models import Scope
from runs.models import Run
from skills.models import SkillSlug
from tests import factories
from tests.browser.chromium import Page
from tests.conftest import World
from tests.runs.estimated import limit, priced, stored

CHOOSE = """(() => {{ const field = document.getElementById('{field}');
  field.value = '{value}'; field.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()"""
CLIPPED = "[...document.querySelectorAll('#estimate .table-scroll')]\
.filter(table => table.scrollWidth > table.clientWidth).length"
SAYS = "document.getElementById('estimate').innerText.includes('{text}')"


@pytest.mark.django_db(transaction=True)
def test_the_estimate_follows_the_form(
    live_server: LiveServer, signed_in: Page, world: World
) -> None:
    for slug in SkillSlug:
        factories.skill_version(slug)
    stored(world.project)
    factories.subsystem(world.project)
    writer = priced("Writer")
    unbroken = "organisation/Unbroken_Model.Name:70b_instruct_q4_K_M"
    wordy = priced("Wordy", model=unbroken, max_output_tokens=100_000)
    limit(world.project, Scope.RUN, 10**9)
    for width, scheme in ((390, "light"), (1090, "light"), (1280, "dark")):
        signed_in.view(width=width, scheme=scheme)
        signed_in.open(f"{live_server.url}/projects/survey/runs/new")
        signed_in.until(SAYS.format(text="costs nothing"))
        signed_in.evaluate("window.loadedOnce = true")
        signed_in.evaluate(CHOOSE.format(field="id_model", value=writer.pk))
        signed_in.until(SAYS.format(text=writer.key))
        signed_in.until(SAYS.format(text="Heuristic (±30%)"))
        signed_in.evaluate(CHOOSE.format(field="id_model", value=wordy.pk))
        signed_in.until(SAYS.format(text="lower its output cap"))
        signed_in.evaluate(CHOOSE.format(field="id_max_iterations", value="99"))
        signed_in.until(SAYS.format(text="from 1 to 10"))
        over = signed_in.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0
        signed_in.evaluate(CHOOSE.format(field="id_max_iterations", value="3"))
        signed_in.until(SAYS.format(text="Does not fit"))
        signed_in.until(CLIPPED + " === 0")
        signed_in.evaluate("document.querySelector('#estimate summary').click()")
        signed_in.evaluate(CHOOSE.format(field="id_max_iterations", value="2"))
        signed_in.evaluate(CHOOSE.format(field="id_max_iterations", value="4"))  # before the answer
        signed_in.until(SAYS.format(text="of at most 4 iterations"))
        assert signed_in.evaluate("document.querySelector('#estimate details').open")
        assert signed_in.evaluate("window.loadedOnce")
    assert signed_in.problems == []
    assert not Run.objects.exists()
