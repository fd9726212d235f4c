"""What `decompose` prints of a paid run, beside what the provider bills; and models that change
between its stop and its resumption."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from observability.models import BudgetWindow, ModelProfile, Scope
from observability.money import format_usd
from observability.reports.costs import costs_of
from observability.shown import energy_text
from reqplatform.teams.models import Project
from runs.console.tables import ROUNDED
from runs.models import Run, RunStatus
from tests.observability.accounts import assert_books_agree
from tests.runs.commands.process import decompose
from tests.runs.conftest import CLEAR, VAGUE
from tests.runs.estimated import DOLLAR, limit
from tests.runs.paid import LIST, answer_as_analyst, billed_by_node, booked_by_node, model, route
from tests.wire import Prices, WireServer, behaviours

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = pytest.mark.django_db(transaction=True)

NODES = ("Extract", "Analyze", "Decompose", "Validate")


@pytest.fixture
def paid(project: Project, wired: WireServer) -> WireServer:
    """Every node asks OpenAI first and Anthropic next, and both answer as the analyst would."""
    answer_as_analyst(wired)
    route(project, model("openai"), model("anthropic"))
    return wired


def printed(wire: WireServer, folder: Path, *arguments: str) -> str:
    process = decompose(wire, folder, *arguments)
    out, err = process.communicate(timeout=120)
    assert process.returncode in {0, 2}, err
    return out


def by_node(result: dict[str, Any]) -> dict[str, int]:
    costs: dict[str, int] = defaultdict(int)
    for row in (*result["costs"], *result["extraction_costs"]):
        costs[row["node"]] += row["cost_nusd"]
    return {node: nusd for node, nusd in costs.items() if nusd}


def row_of(table: str, node: str) -> str:
    return next(line for line in table.splitlines() if re.match(rf"│ {node} ", line))


def test_the_costs_that_it_prints_are_those_of_the_bill(paid: WireServer, tmp_path: Path) -> None:
    spec = tmp_path / "spec.txt"
    spec.write_text(CLEAR)
    table = printed(paid, tmp_path, str(spec), "--project", "survey", "--subsystem", "NAV")
    billed = billed_by_node(paid)
    assert set(billed) == {"extract", "analyze", "decompose", "validate"}
    for node in NODES:
        assert f" {format_usd(billed[node.lower()])} " in row_of(table, node)
    own = sum(nusd for node, nusd in billed.items() if node != "extract")
    assert f"This run: {format_usd(own)} (metered" in table
    assert f"Its extraction: {format_usd(billed['extract'])} (metered" in table
    assert ROUNDED in table
    shown = json.loads(
        printed(paid, tmp_path, "--resume", Run.objects.get().short_id, "--format", "json")
    )
    assert by_node(shown["result"]) == billed
    assert_books_agree()


def test_who_finds_the_revision_read_shows_no_cost_of_it(paid: WireServer, tmp_path: Path) -> None:
    spec = tmp_path / "spec.txt"
    spec.write_text(CLEAR)
    first = printed(paid, tmp_path, str(spec), "--project", "survey", "--subsystem", "NAV")
    assert "metered" in row_of(first, "Extract")
    asked = len(paid.requests)
    again = printed(paid, tmp_path, str(spec), "--project", "survey", "--subsystem", "PWR")
    row = row_of(again, "Extract")
    assert "read before" in row
    assert "$0.00" in row
    own = sum(line.nusd for line in paid.bill.lines[asked:])
    assert f"This run: {format_usd(own)} (metered" in again
    assert "paid once by the revision" in again


def test_its_energy_is_that_of_the_runs_page(paid: WireServer, tmp_path: Path) -> None:
    ModelProfile.objects.update(energy_wh_per_1k_output=100)
    spec = tmp_path / "spec.txt"
    spec.write_text(CLEAR)
    table = printed(paid, tmp_path, str(spec), "--project", "survey", "--subsystem", "NAV")
    run = Run.objects.get()
    costs = costs_of(run.pk, run.extraction_id)
    assert costs.extraction is not None
    assert costs.extraction.taken.energy_high_wh
    own = energy_text(costs.total.energy_low_wh, costs.total.energy_high_wh)
    assert f"Energy of this run: {own}, estimated" in table


def test_through_revisions_retries_repairs_and_fallbacks(paid: WireServer, tmp_path: Path) -> None:
    paid.script(
        behaviours.rate_limited(), behaviours.normal(), behaviours.not_json(),
        behaviours.not_json(), model="openai-1",
    )  # fmt: skip
    spec = tmp_path / "spec.txt"
    spec.write_text(VAGUE)
    arguments = (str(spec), "--project", "survey", "--subsystem", "NAV", "--no-review")
    shown = json.loads(printed(paid, tmp_path, *arguments, "--format", "json"))
    assert shown["result"]["run"]["iteration"] > 1
    assert by_node(shown["result"]) == billed_by_node(paid)
    assert BudgetWindow.objects.get(budget__scope=Scope.TOTAL).spent_nusd == paid.bill.nusd
    assert_books_agree()


# A profile that changes while the run stands still


@pytest.fixture
def stopped(project: Project, wired: WireServer, tmp_path: Path) -> Run:
    """A run out of budget, with nobody to fall back to; the budget has been raised since."""
    answer_as_analyst(wired)
    route(project, model("openai"))
    Project.objects.update(embedded_fallback=False)
    spec = tmp_path / "spec.txt"
    spec.write_text(CLEAR)
    wired.default = behaviours.reasoning(6_000)  # more than anybody can estimate
    limit(project, Scope.RUN, 12 * DOLLAR // 100)
    with pytest.raises(CommandError, match="Out of budget"):
        call_command(
            "decompose", str(spec), "--project", "survey", "--subsystem", "NAV",
            "--output", str(tmp_path / "out"),
        )  # fmt: skip
    wired.default = behaviours.normal()
    limit(project, Scope.RUN, 5 * DOLLAR)
    BudgetWindow.objects.filter(budget__scope=Scope.RUN).update(max_nusd=5 * DOLLAR)
    return Run.objects.get()


def resume(run: Run, folder: Path) -> None:
    call_command("decompose", "--resume", run.short_id, "--output", str(folder / "out"))
    run.refresh_from_db()


def test_a_profile_that_became_another_model_is_refused(
    stopped: Run, wired: WireServer, tmp_path: Path
) -> None:
    asked = len(wired.requests)
    ModelProfile.objects.update(model="openai-2")
    with pytest.raises(
        CommandError,
        match=r"was openai/openai-1 when the run was started and is openai/openai-2 now.*"
        r"Start a new run",
    ):
        resume(stopped, tmp_path)
    assert len(wired.requests) == asked
    stopped.refresh_from_db()
    assert stopped.status == RunStatus.FAILED


def test_a_price_that_changed_is_paid_as_of_today(
    stopped: Run, wired: WireServer, tmp_path: Path
) -> None:
    before = wired.bill.nusd
    dear = Prices(input=3 * LIST.input, output=5 * LIST.output)
    wired.bill.prices = dear
    ModelProfile.objects.update(input_price=dear.input, output_price=dear.output)
    resume(stopped, tmp_path)
    assert stopped.status == RunStatus.COMPLETED
    later = wired.bill.lines[-1]
    assert later.nusd > 3 * LIST.cost(later.tokens) * 10**9
    assert booked_by_node(stopped) == billed_by_node(wired)
    assert wired.bill.nusd > before
    assert_books_agree()
