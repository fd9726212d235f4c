"""A file is chosen, looked at and taken in a browser, on a phone and on a desk."""

from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from runs.models import Subsystem
from tests import factories
from tests.browser.chromium import Page
from tests.conftest import World

READABLE = (Path(__file__).parent / "readable.js").read_text("utf-8")
CHOOSE = """(() => {
  const input = document.querySelector("input[type=file]"), files = new DataTransfer();
  files.items.add(new File([TEXT], "parts.csv", { type: "text/csv" }));
  input.files = files.files;
  input.form.submit();
})()"""


def choose(page: Page, text: str, expected: str) -> None:
    page.evaluate(CHOOSE.replace("TEXT", repr(text)))
    page.until(f"!!document.querySelector('#preview')?.innerText.includes({expected!r})")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_a_file_is_looked_at_and_taken(
    live_server: LiveServer, signed_in: Page, world: World, width: int, scheme: str
) -> None:
    factories.subsystem(world.project)
    signed_in.view(width=width, scheme=scheme)
    signed_in.open(f"{live_server.url}/projects/survey/import/subsystems")
    choose(signed_in, "code,name\nN!,Wrong\n", "Nothing was imported")
    assert not signed_in.evaluate(READABLE)
    choose(signed_in, "code,name\nNAV,Navigator\nPWR,Power\n", "Nothing is imported yet")
    assert not signed_in.evaluate(READABLE)
    assert signed_in.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert Subsystem.objects.count() == 1
    signed_in.evaluate("document.querySelector('#preview button').click()")
    signed_in.until("!!document.body?.innerText.includes('1 added, 1 changed, 0 the same.')")
    assert Subsystem.objects.get(code="NAV").name == "Navigator"
    assert [each for each in signed_in.problems if "422" not in each] == []  # the refusal
