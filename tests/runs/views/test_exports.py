"""Lists as spreadsheets from the pages, and the page of stored ones."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from observability import rollups
from reqplatform.teams.models import Membership
from runs.actions.exports_writing import write_export
from runs.models import ExportState, Run, StoredExport
from runs.sheets.listings import LISTINGS
from tests import factories, money
from tests.audience import check_csrf, check_page
from tests.conftest import World
from tests.runs.sheets.reading import read


@pytest.fixture
def run(world: World) -> Run:
    done = factories.completed_run(world.project, requirements=3)
    money.paid_call(done)
    return done


def sheet(name: str, style: str = "csv") -> str:
    return reverse("runs:sheet", args=["survey", name, style])


def test_who_may_download(world: World, run: Run) -> None:
    for name in LISTINGS:
        check_page(world, f"{sheet(name)}?run={run.pk}")


def test_who_may_see_the_pages(world: World, run: Run) -> None:
    check_page(world, reverse("runs:exports", args=["survey"]))
    check_page(world, reverse("runs:export_events", args=["survey"]))
    check_page(world, reverse("runs:export_new", args=["survey", "runs"]))
    check_csrf(world, reverse("runs:export_new", args=["survey", "runs"]))


def test_a_file_is_for_its_owner_alone(world: World, run: Run) -> None:
    export = factories.stored_export(world.viewer, world.project, b"id\r\nx\r\n")
    page = reverse("runs:export_download", args=[export.pk])
    answer: Any = world.client(world.viewer).get(page)
    assert b"".join(answer.streaming_content) == b"id\r\nx\r\n"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in answer["Content-Disposition"]
    for other in (world.owner, world.editor, world.stranger):
        assert world.client(other).get(page).status_code == 404
    assert world.client(None).get(page).status_code == 302
    Membership.objects.filter(user=world.viewer).delete()
    assert world.client(world.viewer).get(page).status_code == 404


@pytest.mark.parametrize(
    ("page", "name", "query"),
    [
        ("requirements", "requirements", {"type": "PERF", "text": "position 2"}),
        ("trace", "trace", {"show": "elsewhere"}),
        ("issues", "issues", {"severity": "major"}),
        ("quality", "quality", {}),
    ],
)
def test_pages_of_a_run_link_to_what_they_show(
    world: World, run: Run, page: str, name: str, query: dict[str, str]
) -> None:
    client = world.client(world.viewer)
    shown = client.get(reverse(f"runs:{page}", args=[run.pk]), query | {"after": ""})
    links = shown.context["links"]
    assert [style for style, _ in links] == ["xlsx", "csv", "ods"]
    for style, url in links:
        assert parse_qs(urlsplit(url).query) == {
            key: [value] for key, value in {**query, "run": str(run.pk)}.items()
        }
        answer = client.get(url)
        assert answer.status_code == 200
        assert len(read(answer.content, style)) == 2 if name != "quality" else 2
        assert answer["Content-Disposition"].startswith("attachment")


def test_pages_of_a_project_link_to_what_they_show(world: World, run: Run) -> None:
    client = world.client(world.viewer)
    queued = factories.run(world.project)
    shown = client.get(reverse("runs:project", args=["survey"]), {"status": "queued"})
    url = dict(shown.context["links"])["csv"]
    rows = read(client.get(url).content, "csv")
    assert [row[0] for row in rows[1:]] == [str(queued.pk)]
    shown = client.get(reverse("runs:calls", args=["survey"]), {"node": "decompose"})
    url = dict(shown.context["links"])["csv"]
    asked = parse_qs(urlsplit(url).query)
    assert asked["node"] == ["decompose"]
    assert {"first", "last"} <= set(asked)
    rows = read(client.get(url).content, "csv")
    assert [row[rows[0].index("cost_usd")] for row in rows[1:]] == ["0.010000000"]


def test_judged_runs_are_downloaded_as_the_page_shows_them(world: World, run: Run) -> None:
    other = factories.completed_run(world.project, requirements=1)
    other.quality_records.update(overall=0.5)
    rollups.refresh()
    client = world.client(world.viewer)
    page = reverse("runs:judged", args=["survey"])
    shown = client.get(page, {"days": "7", "subsystem": "NAV"})
    for style, url in shown.context["links"]:
        rows = read(client.get(url).content, style)
        ids = [row[0] for row in rows[1:]]
        assert ids == [str(row.run_id) for row in shown.context["page"]], style
        assert set(ids) == {str(run.pk), str(other.pk)}
    head = rows[0]
    assert "overall" in head
    shown = client.get(page, {"rule": "no-such-rule"})
    assert "links" not in shown.context  # nothing to download
    none = client.get(sheet("judged"), {"rule": "no-such-rule"})
    assert read(none.content, "csv")[1:] == []


def test_a_period_that_a_link_gave_can_be_downloaded(world: World, run: Run) -> None:
    client = world.client(world.viewer)
    for period in ({"days": "7"}, {"month": f"{timezone.localdate():%Y-%m}"}):
        shown = client.get(reverse("runs:calls", args=["survey"]), period)
        answer = client.get(dict(shown.context["links"])["csv"])
        assert len(read(answer.content, "csv")) == 2


def test_what_no_page_links_to_is_not_there(world: World, run: Run) -> None:
    client = world.client(world.viewer)
    theirs = factories.completed_run(world.other_project)
    for url in (
        sheet("people"),
        sheet("runs", "pdf"),
        sheet("trace"),
        f"{sheet('requirements')}?run=nonsense",
        f"{sheet('requirements')}?run={theirs.pk}",
    ):
        assert client.get(url).status_code == 404, url


def test_hidden_costs_stay_hidden(world: World, run: Run, settings: LazySettings) -> None:
    settings.COST_TRACKING_ENABLED = False
    client = world.client(world.viewer)
    assert client.get(sheet("calls")).status_code == 404
    assert "usd" not in client.get(sheet("runs")).content.decode()


def test_many_rows_are_asked_for_and_then_there(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.sheets.listings.AT_ONCE", 2)
    client = world.client(world.viewer)
    answer = client.get(f"{sheet('requirements', 'xlsx')}?run={run.pk}&type=PERF")
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    assert "3 rows" in page.content.decode()
    asked = client.post(answer["Location"], {"format": "csv"})
    assert asked["Location"] == reverse("runs:exports", args=["survey"])
    export = StoredExport.objects.get()
    assert (export.owner, export.format, export.asked["type"]) == (world.viewer, "csv", "PERF")
    exports = client.get(asked["Location"])
    assert exports.context["working"] is True
    seen = exports.context["changes"]
    events = reverse("runs:export_events", args=["survey"])
    assert client.get(events, {"after": seen}).json()["events"] == []
    write_export(export.pk)
    news = client.get(events, {"after": seen}).json()
    assert news["working"] is False
    assert news["events"][0]["seq"] > seen
    page = client.get(asked["Location"])
    assert reverse("runs:export_download", args=[export.pk]) in page.content.decode()
    assert str(export) not in world.client(world.owner).get(asked["Location"]).content.decode()


def test_one_that_is_not_written_yet_is_cancelled(world: World, run: Run) -> None:
    export = factories.stored_export(world.viewer, world.project)
    cancel, page = f"/exports/{export.pk}/cancel", reverse("runs:exports", args=["survey"])
    client = world.client(world.viewer)
    assert cancel not in client.get(page).text  # it is ready
    assert "nothing to stop" in client.post(cancel, follow=True).text
    StoredExport.objects.update(state=ExportState.QUEUED)
    assert cancel in client.get(page).text
    for other in (world.owner, world.stranger):
        assert world.client(other).post(cancel).status_code == 404
    assert world.client(None).post(cancel).status_code == 302
    check_csrf(world, cancel)
    assert client.get(cancel).status_code == 405
    assert "Runs (csv) is cancelled." in client.post(cancel, follow=True).text
    shown = client.get(page)
    assert "Cancelled" in shown.text
    assert shown.context["working"] is False
    assert client.get(f"/exports/{export.pk}/download").status_code == 409


def test_what_is_refused_is_told(world: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.sheets.listings.AT_ONCE", 2)
    client = world.client(world.viewer)
    page = f"{reverse('runs:export_new', args=['survey', 'requirements'])}?run={run.pk}"
    answer = client.post(page, {"format": "ods"}, follow=True)
    assert "Choose csv or xlsx" in answer.content.decode()
    assert not StoredExport.objects.exists()


def test_a_file_that_is_not_there_answers_with_why(world: World, run: Run) -> None:
    export = factories.stored_export(world.viewer, world.project)
    StoredExport.objects.update(state=ExportState.FAILED, reason="It lost its worker 3 times.")
    client = world.client(world.viewer)
    answer = client.get(reverse("runs:export_download", args=[export.pk]))
    assert answer.status_code == 409
    assert "It lost its worker 3 times." in answer.content.decode()
    assert (
        "It lost its worker"
        in client.get(reverse("runs:exports", args=["survey"])).content.decode()
    )


def test_the_page_asks_as_often_for_many_as_for_few(world: World) -> None:
    page = reverse("runs:exports", args=["survey"])
    client = world.client(world.viewer)
    counts = []
    for _ in range(2):
        for _ in range(4):
            factories.stored_export(world.viewer, world.project)
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9
