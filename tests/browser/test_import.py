"""A file is chosen, looked at and taken in a browser, on a phone and on a desk."""

from pathlib import Path

import pytest
from django.conf import settings
from pytest_django.live_server_helper import LiveServer

from observability.models import ModelProfile
from runs.models import Subsystem
from tests import factories
from tests.admin.test_every_admin import address
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


PRICES = (
    "provider,model,base_url,input_price,output_price,cache_read_price,cache_write_price,"
    "cache_write_1h_price,context_window,max_output_tokens\n"
    "openai_compatible,a-model-with-a-rather-long-name-2026-11-01,http://127.0.0.1:9/v1,"
    "2.512345,10.123456,0.251234,3.123456,5.123456,1048576,128000\n"
)


@pytest.mark.django_db(transaction=True)
def test_prices_in_the_admin_scroll_in_a_frame_of_their_own(
    live_server: LiveServer, browser: Page, world: World
) -> None:
    root = factories.user("root", is_staff=True, is_superuser=True)
    session = world.client(root).cookies[settings.SESSION_COOKIE_NAME].value
    browser.send(
        "Network.setCookie", name=settings.SESSION_COOKIE_NAME, value=session, url=live_server.url
    )
    browser.view(width=1280, scheme="light")
    browser.open(f"{live_server.url}{address(ModelProfile, 'import')}")
    browser.evaluate(
        CHOOSE.replace("TEXT", repr(PRICES)).replace(
            "input.form.submit()", "input.form.format.value = '0'; input.form.submit()"
        )
    )
    browser.until("!!document.querySelector('table[class*=import-preview]')")
    assert browser.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    frame = "document.querySelector('div:has(> .import-preview-table)')"
    assert browser.evaluate(f"{frame}.getBoundingClientRect().right - innerWidth") <= 0
    browser.evaluate(f"{frame}.scrollLeft = 9999")  # the last column can be reached
    last = "document.querySelector('tbody td:last-child').getBoundingClientRect().right"
    assert browser.evaluate(f"{last} - innerWidth") <= 0
