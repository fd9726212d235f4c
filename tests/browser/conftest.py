"""A browser that is signed in. Without Chromium on the machine these tests are skipped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django.live_server_helper import LiveServer

from tests.browser import chromium
from tests.conftest import World


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[chromium.Page]:
    if chromium.executable() is None:
        pytest.skip("There is no Chromium on this machine.")
    with chromium.page(tmp_path / "profile") as page:
        yield page


@pytest.fixture
def signed_in(live_server: LiveServer, browser: chromium.Page, world: World) -> chromium.Page:
    """The browser with the session of the project's editor."""
    session = world.client(world.editor).cookies[settings.SESSION_COOKIE_NAME].value
    browser.send(
        "Network.setCookie", name=settings.SESSION_COOKIE_NAME, value=session, url=live_server.url
    )
    return browser
