"""Who may read /metrics, and what happens when it cannot be read."""

import threading
from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.test import Client
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from observability.metrics import exposition
from runs import metrics as runs_metrics
from tests.conftest import World

TOKEN = "a-token-of-the-scraper"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def token(settings: LazySettings) -> None:
    settings.METRICS_TOKEN = TOKEN


@pytest.fixture
def allow(settings: LazySettings) -> None:
    settings.METRICS_ALLOW = [ip_network("10.1.0.0/16"), ip_network("fd00::/8")]


def get(client: Client | None = None, headers: dict[str, str] | None = None, **more: Any) -> Any:
    return (client or Client()).get("/metrics", headers=headers or {}, **more)


@pytest.mark.parametrize("headers", [{}, BEARER])
def test_it_is_not_there_unless_it_is_protected(world: World, headers: dict[str, str]) -> None:
    assert get(headers=headers).status_code == 404
    assert get(world.client(world.owner), headers).status_code == 404


@pytest.mark.usefixtures("token")
def test_the_token_opens_it(world: World) -> None:
    answer = get(headers=BEARER)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert answer.headers["Cache-Control"] == "no-store"
    assert b'reqplatform_runs{project="survey",state="queued"} 0.0\n' in answer.content
    assert b"reqplatform_build_info{version=" in answer.content
    assert "Set-Cookie" not in answer.headers
    assert Client().head("/metrics", headers=BEARER).status_code == 200


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN,
     "Bearer \u00fc\u00fc", f"Token {TOKEN}"],
)  # fmt: skip
def test_another_token_does_not(world: World, given: str) -> None:
    answer = get(headers={"Authorization": given} if given else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert b"reqplatform_" not in answer.content


@pytest.mark.usefixtures("token")
def test_no_session_does_not_even_a_superusers(world: World) -> None:
    world.owner.is_superuser = world.owner.is_staff = True
    world.owner.save()
    assert get(world.client(world.owner)).status_code == 401


@pytest.mark.usefixtures("allow")
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("10.1.255.7", 200),
        ("::ffff:10.1.2.3", 200),
        ("fd00::1", 200),
        ("fd00::1%eth0", 200),
        ("10.2.0.1", 403),
        ("127.0.0.1", 403),
        ("", 403),
        ("/run/socket", 403),
    ],
)
def test_an_allowed_network_needs_no_token(world: World, address: str, status: int) -> None:
    answer = get(REMOTE_ADDR=address)
    assert answer.status_code == status
    assert (b"reqplatform_" in answer.content) == (status == 200)


@pytest.mark.usefixtures("allow")
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_what_a_proxy_passes_on_does(world: World, settings: LazySettings, header: str) -> None:
    passed = {header: "10.1.0.1"}
    assert get(headers=passed, REMOTE_ADDR="10.1.0.1").status_code == 403
    settings.METRICS_TOKEN = TOKEN
    assert get(headers=passed, REMOTE_ADDR="10.1.0.1").status_code == 401
    assert get(headers=passed | BEARER, REMOTE_ADDR="10.1.0.1").status_code == 200


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_is_only_read(world: World, method: str) -> None:
    assert getattr(Client(), method)("/metrics", headers=BEARER).status_code == 405


@pytest.mark.usefixtures("token")
def test_openmetrics_for_who_accepts_it(world: World) -> None:
    asked = BEARER | {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}
    answer = get(headers=asked)
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    text = answer.content.decode()
    assert text.endswith("# EOF\n")
    families = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    assert any(family.name == "reqplatform_runs" for family in families)


@pytest.mark.usefixtures("token")
def test_a_failing_database_gives_no_half_page(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(runs_metrics, "_queue", fail)  # the last that is asked
    answer = get(headers=BEARER)
    assert answer.status_code == 503
    assert b"reqplatform_" not in answer.content
    assert "the server closed the connection" in caplog.text
    monkeypatch.setattr(runs_metrics, "_queue", lambda scrape: ())
    assert get(headers=BEARER).status_code == 200  # the failure was not kept


@pytest.mark.usefixtures("token")
def test_whoever_reads_for_too_long_does_not_hold_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exposition, "WAIT_SECONDS", 0.05)
    with exposition._reading:
        assert get(headers=BEARER).status_code == 503
    assert get(headers=BEARER).status_code == 200


def test_many_scrapers_read_the_database_once(monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[int] = []
    go_on = threading.Event()

    def read() -> list[Any]:
        times.append(1)
        go_on.wait(5)
        return []

    monkeypatch.setattr(exposition, "read", read)
    threads = [threading.Thread(target=exposition.page) for _ in range(8)]
    for thread in threads:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(5)
    assert times == [1]
