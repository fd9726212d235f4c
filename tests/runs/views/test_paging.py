"""Lists on pages go by keyset: every row once, in order, with the filters in the links."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext

from observability import rollups
from observability.alerts import raise_alert
from observability.models import AlertCause
from reqplatform.pagination import counted
from runs.models import MailedReport, QualityIssue, ReportSchedule, Run
from runs.views import (
    alerts,
    behind,
    campaigns,
    dismissals,
    exports,
    projects,
    report_mails,
    results,
    specifications,
)
from runs.views.paging import ListPage, page_of
from tests import factories
from tests.conftest import World
from tests.money import paid_call
from tests.runs.views.following import each_page, next_of

SIZE = 2


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    def small(
        request: HttpRequest, rows: QuerySet[Any], by: Sequence[str], limit: int = 0
    ) -> ListPage[Any]:
        return page_of(request, rows, by, SIZE)

    for module in (
        alerts, behind, campaigns, dismissals, exports, projects, report_mails, results,
        specifications,
    ):  # fmt: skip
        monkeypatch.setattr(module, "page_of", small)


@pytest.fixture
def run(world: World) -> Run:
    """A run with five rows in each list of it, in a project with five rows in each of its own."""
    runs = [factories.completed_run(world.project, requirements=5) for _ in range(5)]
    last = runs[-1]
    for number, one in enumerate(runs):
        paid_call(one, number)
        factories.dismissal(one, term=f"not {number % 2}{number}")
        factories.campaign(world.project, one.revision)
        factories.stored_export(world.viewer, world.project)
        raise_alert(world.project.pk, AlertCause.RUN_FAILED, f"run {one.pk}", "It failed.")
    for severity in ("minor", "critical", "major"):
        QualityIssue.objects.create(
            run=last, iteration=1, source="rule", rule="vague-term", dimension="clarity",
            severity=severity, message="Vague.", suggestion="Say.",
        )  # fmt: skip
    schedule = ReportSchedule.objects.create(project=world.project, name="W", reports=["cost"])
    for back in range(5):
        day = date(2026, 11, 23) - timedelta(days=7 * back)
        MailedReport.objects.create(schedule=schedule, due_on=day)
    campaign = factories.campaign(world.project, last.revision)
    Run.objects.filter(pk=last.pk).update(campaign=campaign)
    rollups.refresh()
    last.refresh_from_db()
    return last


def lists(run: Run) -> list[str]:
    project, own = "/projects/survey/", f"/runs/{run.pk}/"
    return [
        project, f"{project}calls/", f"{project}reports/begun", f"{project}reports/judged",
        f"{project}campaigns/", f"{project}exports/", f"{project}specifications/",
        f"{project}dismissals/", f"{project}alerts/", f"{project}reports/mails/",
        f"{own}requirements", f"{own}trace", f"{own}issues", f"/campaigns/{run.campaign_id}/",
        f"/specifications/{run.revision.specification_id}/",
    ]  # fmt: skip


def keys(pages: Sequence[Any]) -> list[Any]:
    return [row.pk for answer in pages for row in answer.context["page"]]


def test_every_list_has_each_row_once_and_counts_none(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.client(world.viewer)
    for path in lists(run):
        with CaptureQueriesContext(connection) as queries:
            pages = list(each_page(client, path))
        assert len(pages) >= 3, path
        assert all(len(answer.context["page"]) == SIZE for answer in pages[:-1]), path
        assert len(set(keys(pages))) == len(keys(pages)), path
        assert [">Newest<" in one.text or ">First page<" in one.text for one in pages] == [
            number > 0 for number in range(len(pages))
        ], path
        assert not [q["sql"] for q in queries if " OFFSET " in q["sql"]], path
        whole = [q["sql"] for q in queries if q["sql"].startswith("SELECT COUNT(*)")]
        uncapped = [sql for sql in whole if "LIMIT 10001" not in sql]
        assert not uncapped or "campaigns" in path, (path, uncapped)  # it counts its own events
        monkeypatch.setattr(f"{__name__}.SIZE", 50)  # all on one page: in the same order
        (one,) = each_page(client, path)
        monkeypatch.setattr(f"{__name__}.SIZE", 2)
        assert keys([one]) == keys(pages), path


def test_the_worst_findings_stand_first(world: World, run: Run) -> None:
    pages = each_page(world.client(world.viewer), f"/runs/{run.pk}/issues")
    found = [issue.severity for answer in pages for issue in answer.context["page"]]
    assert found == ["critical", "major", "major", "minor", "minor"]


def test_filters_stay_in_links_and_a_cursor_belongs_to_them(world: World, run: Run) -> None:
    client, path = world.client(world.viewer), f"/runs/{run.pk}/issues"
    first = client.get(f"{path}?rule=vague-term")
    link = next_of(first)
    assert link is not None
    assert "rule=vague-term" in link
    assert client.get(path + link).context["page"].is_first is False
    other = client.get(path + link.replace("vague-term", "negative"))
    assert other.context["page"].is_first  # it begins again
    assert client.get(f"{path}?after=rubbish").context["page"].is_first
    elsewhere = client.get(f"/runs/{run.pk}/requirements{link}")
    assert elsewhere.context["page"].is_first


def test_rows_that_are_gone_lead_to_the_beginning(world: World, run: Run) -> None:
    client, path = world.client(world.viewer), f"/runs/{run.pk}/issues"
    *_, last = each_page(client, path)
    cursor = last.request["QUERY_STRING"]
    QualityIssue.objects.filter(pk__in=keys([last])).delete()
    assert len(client.get(f"{path}?{cursor}").context["page"]) == SIZE


def test_counts_are_capped(world: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: QuerySet[Model] = Run.objects.all()
    assert counted(rows) == "5"
    monkeypatch.setattr("reqplatform.pagination.CAP", 4)
    assert counted(rows) == "4+"
    text = world.client(world.viewer).get(f"/runs/{run.pk}/issues").text
    assert "4+ of iteration 1" in text
