"""The reports of a project: cost, quality, subsystems, and the page of all projects."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from observability import rollups
from observability.models import Node, QualityRecord
from runs.models import Run
from runs.views.report_charts import SERIES, cost_stack
from tests import factories
from tests.audience import check_anonymous, check_page
from tests.conftest import World
from tests.money import CENT, paid_call, paid_model, refused_call, unconfirmed_call

BASE = "/projects/survey/reports/"
PAGES = ("cost", "quality", "subsystems", "runs", "models", "energy", "begun", "judged")


@pytest.fixture
def run(world: World) -> Run:
    """A judged run with calls of every kind, added up."""
    done = factories.completed_run(world.project)
    paid_call(done, 3 * CENT)
    paid_call(done, CENT, node=Node.VALIDATE, profile=paid_model("Other", "gpt-other"))
    paid_call(done, 2 * CENT, shared=True)
    unconfirmed_call(done, 5 * CENT)
    refused_call(done)
    rollups.refresh()
    return done


def get(world: World, page: str, query: str = "") -> Any:
    return world.client(world.viewer).get(f"{BASE}{page}{query}")


@pytest.mark.parametrize("page", PAGES)
def test_who_may(world: World, run: Run, page: str) -> None:
    check_page(world, f"{BASE}{page}")


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_project(world: World, page: str) -> None:
    assert get(world, page).status_code == 200


def test_the_first_report_is_that_of_costs(world: World) -> None:
    answer = world.client(world.viewer).get(BASE)
    assert answer.headers["Location"] == f"{BASE}cost"
    assert BASE in world.client(world.viewer).get("/projects/survey/").text


def test_costs_with_their_exact_values(world: World, run: Run) -> None:
    answer = get(world, "cost")
    for words in (
        '<data value="0.110000000">$0.1100</data>',  # all, with the extraction
        '<data value="0.090000000">$0.0900</data>',  # the run's own
        '<data value="0.050000000">$0.0500</data>',  # without an answer
        "and 1 released at no cost",
        "openai_compatible/gpt-other",
        "no subsystem (extraction)",
        "Few runs",
    ):
        assert words in answer.text, words


def test_figures_lead_to_the_calls_behind_them(world: World, run: Run) -> None:
    groups = {word: rows for word, _, rows in get(world, "cost").context["groups"]}
    client = world.client(world.viewer)
    for rows in groups.values():
        for row in rows:
            found = client.get(row.url).context["page"]
            assert sum(call.cost_nusd or 0 for call in found) == row.part.sum.cost_nusd
            assert len(found) == row.part.sum.calls + (
                row.part.sum.released_calls if row.part.key == "released" else 0
            )
            assert client.get(row.only).context["report"].total == row.part.sum
    assert groups["node"][0].label == "Decompose"  # the dearest first


def test_a_filter_of_the_address(world: World, run: Run) -> None:
    answer = get(world, "cost", "?days=7&node=validate")
    assert answer.context["report"].total.cost_nusd == CENT
    assert "their calls of the filter only" in answer.text
    assert answer.context["question"].form["node"].value() == "validate"
    nothing = get(world, "cost", "?first=2020-01-01&last=2020-01-31")
    assert "No data in this period" in nothing.text
    assert "data-chart" not in nothing.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?days=0", "1 to 3,660 days"),
        ("?days=many", "whole number"),
        ("?first=2026-02-30", "valid date"),
        ("?first=2026-02-02&last=2026-01-01", "exchange the days"),
        ("?last=2026-02-02", "with which day the period begins"),
        ("?month=2026-13", "is no month"),
        ("?subsystem=XYZ", "XYZ is not one of the available choices"),
        ("?person=nobody-here", "not one of the available"),
        ("?first=0001-01-01&last=9999-12-31", "years 1970 to 2200"),
        ("?first=1990-01-01&last=2020-01-01", "3,660 at most"),
        ("?month=9999-12", "years 1970 to 2200"),
        ("?first=0001-01-01&last=0001-01-02", "years 1970 to 2200"),
    ],
)
def test_a_question_that_makes_no_sense(world: World, query: str, words: str) -> None:
    for page in ("cost", "quality", "subsystems", "models", "energy", "begun", "judged"):
        answer = get(world, page, query)
        assert answer.status_code == 400, page
        assert words in answer.text, page
        assert "Shown instead: the last 30 days" in answer.text


def test_days_that_were_chosen_count_more_than_a_link(world: World) -> None:
    asked = get(world, "cost", "?days=7&first=2026-01-05&last=2026-01-06").context["question"].asked
    assert (asked.period.first, asked.period.last) == (date(2026, 1, 5), date(2026, 1, 6))
    month = get(world, "cost", "?month=2026-02").context["question"].asked
    assert (month.period.first, month.period.last) == (date(2026, 2, 1), date(2026, 2, 28))


def test_a_stranger_to_the_project_is_no_choice(world: World, run: Run) -> None:
    answer = get(world, "cost")
    assert world.stranger.username not in answer.text


def test_costs_that_are_hidden(world: World, run: Run, settings: LazySettings) -> None:
    settings.COST_TRACKING_ENABLED = False
    for page in ("cost", "begun"):
        assert get(world, page).status_code == 404
    assert world.client(world.viewer).get("/reports/").status_code == 404
    assert world.client(world.viewer).get("/projects/survey/calls/").status_code == 404
    assert world.client(world.viewer).get(BASE).headers["Location"] == f"{BASE}quality"
    for page in ("quality", "subsystems", "runs", "models", "energy"):
        text = get(world, page, f"?run={run.pk}" if page == "runs" else "").text
        assert "$" not in text, page


def test_many_series_are_drawn_as_others(world: World) -> None:
    run = factories.completed_run(world.project)
    for number in range(SERIES + 3):
        paid_call(run, (number + 1) * CENT, profile=paid_model(f"M{number}", f"gpt-{number}"))
    rollups.refresh()
    answer = get(world, "cost", "?stack=model")
    stack = answer.context["stack"]
    assert len(stack.series) == SERIES
    assert stack.series[0] == f"openai_compatible/gpt-{SERIES + 2}"
    assert stack.series[-1] == "others"
    assert stack.total == answer.context["report"].total.cost_nusd == sum(stack.totals)
    assert cost_stack(answer.context["report"], "agent").series == ("Decompose",)


def test_long_periods_are_drawn_by_week(world: World) -> None:
    run = factories.completed_run(world.project)
    for day in (5, 6, 12):  # Thursday, Friday, the Thursday after
        paid_call(run, CENT, at=datetime(2026, 3, day, 12, tzinfo=UTC))
    rollups.refresh()
    answer = get(world, "cost", "?first=2026-01-01&last=2026-06-30")
    stack = answer.context["stack"]
    assert [(day, together) for day, _, together in stack.rows] == [
        (date(2026, 3, 2), 2 * CENT),
        (date(2026, 3, 9), CENT),
    ]
    assert len(answer.context["chart"]["labels"]) == 27


def test_quality_by_its_latest_results(world: World, run: Run) -> None:
    answer = get(world, "quality")
    for words in ('<data value="0.91">0.910</data>', "vague-term", "Small sample: 1 run", "0.79 ("):
        assert words in answer.text, words
    ((finding, url),) = answer.context["findings"]
    assert (finding.findings, finding.runs) == (1, 1)
    found = world.client(world.viewer).get(url).context["page"]
    assert [row.run_id for row in found] == [run.pk]
    assert "rule=vague-term" in world.client(world.viewer).get(url).text


def test_what_allocated_nothing_is_in_no_average(world: World, run: Run) -> None:
    QualityRecord.objects.update(allocated_count=0, is_due=True)
    rollups.refresh()
    answer = get(world, "quality")
    assert answer.context["report"].runs == 0
    assert "1 by definition" in answer.text


def test_versions_of_a_skill_beside_one_another(world: World, run: Run) -> None:
    other = factories.completed_run(world.project, gate_passed=False)
    QualityRecord.objects.filter(run=run).update(
        skill_versions={"decomposition": "decomposition@9"}, is_due=True
    )
    QualityRecord.objects.filter(run=other).update(
        skill_versions={"decomposition": "decomposition@10"}, is_due=True
    )
    rollups.refresh()
    ((slug, points, chart),) = get(world, "quality").context["versions"]
    assert slug == "decomposition"
    assert [point.key for point, _ in points] == ["decomposition@9", "decomposition@10"]
    assert chart["labels"] == ["decomposition@9", "decomposition@10"]
    only = get(world, "quality", "?skill=decomposition@9")
    assert only.context["report"].runs == 1
    assert "Only runs with the skill version" in only.text


def test_subsystems_say_how_little_few_runs_say(world: World, run: Run) -> None:
    (row,) = get(world, "subsystems").context["rows"]
    assert (row.row.runs, row.row.is_small) == (1, True)
    text = get(world, "subsystems").text
    for words in ("heat-8 heat-few", "n = 1", "one run", "small sample", "too few runs to tell"):
        assert words in text, words
    found = world.client(world.viewer).get(row.cells[0].url).context["page"]
    assert [one.run_id for one in found] == [run.pk]


def test_times_are_those_of_the_project(world: World, run: Run) -> None:
    world.project.time_zone = "Pacific/Auckland"
    world.project.save(update_fields=["time_zone"])
    assert "of Pacific/Auckland" in get(world, "cost").text


def test_all_projects_of_a_person(world: World, run: Run) -> None:
    client = world.client(world.viewer)
    answer: Any = client.get("/reports/?days=7")
    assert [row.project for row in answer.context["rows"]] == [world.project]
    assert answer.context["total"].cost_nusd == 11 * CENT
    other: Any = world.client(world.stranger).get("/reports/")
    assert world.project not in [row.project for row in other.context["rows"]]
    check_anonymous("/reports/")


def test_names_are_text(world: World, run: Run) -> None:
    subsystem = run.subsystem
    subsystem.name = '</script><b>"Navi"</b>'
    subsystem.save(update_fields=["name"])
    for page in ("cost", "quality", "subsystems"):
        text = get(world, page).text
        assert "<b>" not in text, page
        assert "&lt;b&gt;" in text, page


def test_queries_do_not_grow(
    world: World, run: Run, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for number in range(4):
        more = factories.completed_run(world.project)
        for day in range(3):
            at = timezone.now() - timedelta(days=day + number)
            paid_call(more, CENT, profile=paid_model(f"M{number}", f"gpt-{number}"), at=at)
    rollups.refresh()
    client = world.client(world.viewer)
    for page, count in (("cost", 31), ("quality", 20), ("subsystems", 20)):
        client.get(f"{BASE}{page}")
        with django_assert_num_queries(count):
            client.get(f"{BASE}{page}")


@pytest.mark.parametrize("style", ["xlsx", "ods", "csv", "html"])
def test_a_report_as_a_file(world: World, run: Run, style: str) -> None:
    for name in ("cost", "quality", "subsystems"):
        check_page(world, f"{BASE}{name}.{style}")
    answer = get(world, f"cost.{style}", "?first=2026-01-01&last=2026-01-31")
    suffix = "zip" if style == "csv" else style
    name = f'attachment; filename="survey-cost-2026-01-01-2026-01-31.{suffix}"'
    assert answer.headers["Content-Disposition"] == name
    assert f"{BASE}cost.{style}?days=7" in get(world, "cost", "?days=7").text


def test_files_that_there_are_not(world: World, run: Run, settings: LazySettings) -> None:
    for address in ("cost.exe", "models.xlsx", "cost.xlsx?days=0", "cost.xlsx?subsystem=XYZ"):
        assert get(world, address).status_code == 404, address
    settings.COST_TRACKING_ENABLED = False
    assert get(world, "cost.xlsx").status_code == 404
    assert get(world, "subsystems.html").status_code == 200
    assert "$" not in get(world, "subsystems.html").text
