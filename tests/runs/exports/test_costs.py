"""What a run's files and tables say of its costs."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from rich.console import Console

from observability.models import CallPurpose, CostSource, Node
from runs import exports
from runs.console.progress import Progress
from runs.console.tables import print_nodes, print_summary
from runs.exports.loading import load
from runs.models import EventKind, Run, RunEvent
from tests import factories, money
from tests.conftest import World
from tests.money import CENT

COSTLY = ("README.txt", "quality_report.md")


@pytest.fixture
def run(world: World) -> Run:
    run = factories.completed_run(world.project)
    more = {"energy_low_wh": 1.0, "energy_high_wh": 3.0}
    money.paid_call(run, 3 * CENT, shared=True)
    money.paid_call(run, 2 * CENT, more=more)
    money.paid_call(run, CENT, source=CostSource.ESTIMATED, purpose=CallPurpose.RETRY)
    money.unconfirmed_call(run, 5 * CENT, node=Node.VALIDATE)
    for node in (Node.DECOMPOSE, Node.VALIDATE):
        money.end_node(run, node)
    return run


def text(run: Run, name: str) -> str:
    return exports.render(run, name).decode()


def printed(show: Callable[[Console], None]) -> str:
    out = io.StringIO()
    show(Console(file=out, width=200, highlight=False, markup=False))
    return out.getvalue()


def test_the_report_says_where_each_cost_comes_from(run: Run) -> None:
    page = text(run, "quality_report.md")
    assert "$0.0300 (Heuristic (±30%), metered by the provider; 2 calls)" in page
    assert "up to $0.0500 (unconfirmed: the most it can have cost" in page
    assert "- This run: up to $0.0800 (embedded analyst, Heuristic (±30%), metered" in page
    assert "paid once by the revision and shared: $0.0300 (metered by the provider; 1 call)" in page
    assert "- Figures: heuristic" in page
    assert "estimated: about what a 10 W LED lamp uses in 6 to 18 minutes" in page
    assert page.count("- Heuristic (±30%): Some answers came without usage") == 1


def test_a_run_without_estimates_says_nothing_of_them(world: World) -> None:
    run = factories.completed_run(world.project)
    money.paid_call(run, CENT)
    assert "Heuristic" not in text(run, "quality_report.md")


def test_the_readme_has_the_sums(run: Run) -> None:
    page = text(run, "README.txt")
    assert "Figures               heuristic" in page
    assert "Cost of the run       up to $0.0800" in page
    assert "Energy of the run     1 to 3 Wh" in page


def test_results_for_programs(run: Run) -> None:
    found = json.loads(text(run, "results.json"))
    assert (found["costs_shown"], found["run"]["tracing"]) == (True, "heuristic")
    rows = {row["node"]: row for row in found["costs"]}
    assert rows["decompose"] == {
        "node": "decompose", "label": "Decompose", "iteration": 1, "ended": True, "seconds": 1.2,
        "calls": 2, "calls_by_purpose": {"ask": 1, "retry": 1}, "calls_refused": 0,
        "models": ["openai_compatible/gpt-test"], "input_tokens": 2000, "cache_read_tokens": 160,
        "cache_write_tokens": 40, "output_tokens": 400, "reasoning_tokens": 100,
        "cost_nusd": 3 * CENT, "cost_usd": "0.03", "unconfirmed_nusd": 0,
        "sources": ["estimated", "metered"], "energy_low_wh": 1.0, "energy_high_wh": 3.0,
        "energy_unknown_calls": 1,
    }  # fmt: skip
    assert rows["validate"]["unconfirmed_nusd"] == 5 * CENT
    assert [row["cost_nusd"] for row in found["extraction_costs"]] == [3 * CENT]


@pytest.mark.parametrize("name", COSTLY)
def test_hidden_costs_are_in_no_file(run: Run, settings: LazySettings, name: str) -> None:
    assert "$" in text(run, name)
    settings.COST_TRACKING_ENABLED = False
    page = text(run, name)
    assert "$" not in page
    assert "Heuristic" not in page
    assert "hidden" not in page


def test_hidden_costs_are_null_for_programs(run: Run, settings: LazySettings) -> None:
    settings.COST_TRACKING_ENABLED = False
    found = json.loads(text(run, "results.json"))
    assert found["costs_shown"] is False
    rows = [*found["costs"], *found["extraction_costs"]]
    assert {row["cost_nusd"] for row in rows} == {row["cost_usd"] for row in rows} == {None}
    assert {row["unconfirmed_nusd"] for row in rows} == {None}
    assert sum(row["calls"] for row in rows) > 0


def test_the_table_of_nodes(run: Run) -> None:
    shown = printed(lambda console: print_nodes(console, load(run)))
    assert "up to $0.0500" in shown
    assert "Heuristic (±30%), metered" in shown
    assert "This run: up to $0.0800 (" in shown
    assert "Its extraction: $0.0300 (metered by the provider; 1 call), paid once" in shown
    assert "Figures: heuristic." in shown
    assert "Energy of this run: 1 to 3 Wh, and 2 of the calls unknown, estimated: about" in shown


def test_a_node_that_has_not_ended_says_so(world: World) -> None:
    run = factories.run(world.project)
    money.paid_call(run, 2 * CENT)
    shown = printed(lambda console: print_nodes(console, load(run)))
    assert "not ended" in shown
    assert "$0.0200" in shown


def test_the_summary_of_several_runs(run: Run, tmp_path: Any) -> None:
    shown = printed(lambda console: print_summary(console, [load(run)], [tmp_path / "run-1"]))
    assert "up to $0.0800" in shown
    assert "Heuristic (±30%): Some answers" in shown


def test_hidden_costs_are_in_no_table(run: Run, settings: LazySettings, tmp_path: Any) -> None:
    settings.COST_TRACKING_ENABLED = False
    result = load(run)
    shown = printed(lambda console: print_nodes(console, result))
    shown += printed(lambda console: print_summary(console, [result], [tmp_path / "run-1"]))
    assert "$" not in shown
    assert "Cost" not in shown
    assert "Decompose" in shown


@pytest.mark.parametrize(("tracking", "said"), [(True, "(1.2s | $0.0300)"), (False, "(1.2s)")])
def test_progress(
    settings: LazySettings, capsys: pytest.CaptureFixture[str], tracking: bool, said: str
) -> None:
    settings.COST_TRACKING_ENABLED = tracking
    figures = {"seconds": 1.2, "cost_nusd": 3 * CENT}
    Progress()(RunEvent(kind=EventKind.NODE_FINISHED, message="Wrote 3.", figures=figures))
    assert capsys.readouterr().err == f"✓ Wrote 3. {said}\n"
