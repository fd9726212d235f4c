"""manage.py replay_alerts: what would have been told, by what was known then."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from observability.management.commands.replay_alerts import Replay
from observability.models import LLMCall, PayerCost, RunFigures, SpanCost
from runs.models import Run
from tests import factories
from tests.conftest import World
from tests.money import DOLLAR, paid_call
from tests.observability.history import NOW, TODAY, Spent, before, judged, uneven, write

SPIKED = TODAY - timedelta(days=3)
FALL = [0.9, 0.88, 0.92] * 14 + [0.7] * 10


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return factories.run(world.project, subsystem=factories.subsystem(world.project))


@pytest.fixture
def history(run: Run, world: World) -> Run:
    """A spike three days ago, and a fall of quality in September."""
    spiked = {SPIKED: Spent(calls=45, person=world.editor)}
    write(run, uneven(before(TODAY, 90), Spent(person=world.editor)) | spiked)
    judged(run.project, FALL, versions=["3"] * 42 + ["4"] * 10)
    return run


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("replay_alerts", "--project", "survey", *arguments, stdout=out)
    return out.getvalue()


def test_a_table(history: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    text = " ".join(said("--days", "90").replace("│", " ").split())
    assert "Survey vessel: what would have been told" in text
    assert f"{SPIKED:%Y-%m-%d} cost 17 Nov 2026 cost $" in text
    assert "more calls (" in text
    assert "NAV Navigation (100%), editor (100%)" in text
    assert "2026-09-04 quality The quality of NAV Navigation has fallen since 4 Sep 2026" in text
    assert "skill decomposition@3 to decomposition@4" in text
    assert "Cost: 1 told, of 63 days that could be judged: those of the 90 that have 28" in text
    assert "Quality: 2 told." in text  # of the score and of passes
    assert "not in the sums" not in text


def test_json(history: Run) -> None:
    rows = json.loads(said("--days", "90", "--format", "json"))
    assert [(row["cause"], row["day"]) for row in rows] == [
        ("quality", "2026-09-04"), ("quality", "2026-09-05"), ("cost", "2026-11-17"),
    ]  # fmt: skip
    figures = rows[-1]["figures"]
    assert sum(part["nusd"] for part in figures["because"]) == (
        figures["actual_nusd"] - figures["expected_nusd"]
    )
    assert figures["because"][0]["reason"] == "calls"
    assert rows[0]["figures"]["changes"][0]["after"] == "decomposition@4"


@pytest.mark.parametrize(("cause", "found"), [("cost", {"cost"}), ("quality", {"quality"})])
def test_one_cause(history: Run, cause: str, found: set[str]) -> None:
    rows = json.loads(said("--days", "90", "--cause", cause, "--format", "json"))
    assert {row["cause"] for row in rows} == found
    assert (f"{cause.capitalize()}:" in said("--days", "90", "--cause", cause)) is True
    other = "Cost:" if cause == "quality" else "Quality:"
    assert other not in said("--days", "90", "--cause", cause)


def test_days_before_are_not_told(history: Run) -> None:
    assert json.loads(said("--days", "3", "--format", "json")) == []
    assert len(json.loads(said("--days", "4", "--format", "json"))) == 1


def test_the_least_excess(history: Run) -> None:
    rows = json.loads(said("--days", "9", "--least", "500", "--format", "json"))
    assert rows == []


def test_each_day_is_told_as_it_was_then(history: Run) -> None:
    """What was told with the later days not there yet."""
    replay = Replay(history.project, 90, NOW, DOLLAR)
    later = [one for one in replay.told() if one.day <= TODAY - timedelta(days=2)]
    LLMCall.objects.filter(created_at__gte=NOW - timedelta(days=1)).delete()
    SpanCost.objects.filter(days=1, day__gt=TODAY - timedelta(days=2)).delete()
    then = Replay(history.project, 88, NOW - timedelta(days=2), DOLLAR).told()
    assert [one.message for one in then] == [one.message for one in later]
    assert len(then) == 3


def test_nothing_is_changed(history: Run) -> None:
    def rows() -> list[Any]:
        tables: tuple[Any, ...] = (LLMCall, PayerCost, SpanCost, RunFigures)
        return [list(table.objects.order_by("pk").values()) for table in tables]

    paid_call(history)
    kept = rows()
    assert "1 calls and records are not in the sums yet" in said("--days", "90")
    assert rows() == kept


def test_queries_do_not_grow_with_days(
    history: Run, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    for days in ("90", "900"):
        with django_assert_max_num_queries(14):
            said("--days", days)


def test_a_specification_is_told_by_its_title(run: Run) -> None:
    judged(run.project, [0.9, 0.88, 0.92] * 14, revision=factories.revision(run.project, "Old"))
    begin = NOW - timedelta(days=30)
    judged(run.project, [0.7] * 9, revision=factories.revision(run.project, "New"), begin=begin)
    rows = json.loads(said("--days", "90", "--format", "json"))
    assert "specification Old to New on" in rows[0]["message"]


def test_no_history_is_no_error(run: Run) -> None:
    text = said("--days", "30")
    assert "Cost: 0 told, of 0 days that could be judged: those of the 30" in text


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--days", "0"], "no number of days from 1 to 3,660"),
        (["--days", "3661"], "no number of days from 1 to 3,660"),
        (["--days", "-3"], "no number of days"),
        (["--days", "many"], "no number of days"),
        (["--days", "9", "--least", "-1"], "no amount of dollars"),
        (["--days", "9", "--least", "NaN"], "no amount of dollars"),
        (["--days", "9", "--least", "much"], "no amount of dollars"),
        (["--days", "9", "--cause", "weather"], "invalid choice: 'weather'"),
        ([], "--days"),
    ],
)
def test_bad_arguments(run: Run, arguments: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        said(*arguments)


def test_an_unknown_project(world: World) -> None:
    with pytest.raises(CommandError, match="There is no project 'nowhere'"):
        call_command("replay_alerts", "--project", "nowhere", "--days", "9")


def test_the_clock_is_the_projects(history: Run) -> None:
    """At 23:00 UTC it is tomorrow in Auckland: the spike is one more day ago."""
    assert timezone.now() == NOW
    replay = Replay(history.project, 4, NOW, DOLLAR)
    assert (replay.period.last, len(replay.told("cost"))) == (TODAY, 1)
    history.project.time_zone = "Pacific/Auckland"
    late = NOW + timedelta(hours=11)
    assert Replay(history.project, 4, late, DOLLAR).period.last == TODAY + timedelta(days=1)
