"""The example's figures are equal to the last digit on page, in files, on the command line and in
the API."""

import csv
import io
import json
import zipfile
from decimal import Decimal
from html.parser import HTMLParser
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from observability import rollups
from observability.models import Node
from reqplatform.teams.actions.tokens import issue_token
from runs.actions.execute import execute
from runs.actions.specifications import add_revision
from runs.actions.start import RunOptions, start_run
from runs.examples.example import SPEC_PDF
from runs.models import Run, Subsystem
from tests import factories
from tests.conftest import World
from tests.money import paid_call, paid_model, unconfirmed_call


class Figures(HTMLParser):
    """The exact values of a page, in its order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "data":
            self.values.append(dict(attrs)["value"])


@pytest.fixture
def run(transactional_db: None, world: World) -> Run:
    """The example, decomposed by the embedded analyst, with calls beside it that cost odd sums."""
    call_command("load_skills", verbosity=0)
    revision = add_revision(
        world.owner,
        world.project,
        filename=SPEC_PDF.name,
        content=SPEC_PDF.read_bytes(),
        title="Petrel",
    )
    subsystem = Subsystem.objects.filter(project=world.project).first()
    subsystem = subsystem or factories.subsystem(world.project)
    run = start_run(world.owner, revision, subsystem, RunOptions(unattended=True), enqueue=False)
    execute(run.pk)
    run.refresh_from_db()
    paid_call(run, 12_345_679, more={"energy_low_wh": 0.123, "energy_high_wh": 4.567})
    paid_call(run, 1, node=Node.VALIDATE, profile=paid_model("Other", "gpt-other"))
    paid_call(run, 333_333_333, held_nusd=10**9, shared=True)
    unconfirmed_call(run, 7_777_777)
    rollups.refresh()
    return run


def page(world: World, name: str) -> list[str]:
    answer: Any = world.client(world.viewer).get(f"/projects/survey/reports/{name}")
    return Figures(answer.text).values


def api(world: World, name: str) -> Any:
    token = issue_token(world.viewer, "reports")[1]
    answer = world.client(world.viewer).get(
        f"/api/v1/projects/survey/reports/{name}", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 200
    return answer.json()


def workbook(world: World, name: str) -> dict[str, list[tuple[Any, ...]]]:
    answer = world.client(world.viewer).get(f"/projects/survey/reports/{name}.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def zipped(world: World, name: str) -> dict[str, list[list[str]]]:
    answer = world.client(world.viewer).get(f"/projects/survey/reports/{name}.csv")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        texts = {file: archive.read(file).decode("utf-8-sig") for file in archive.namelist()}
    return {file: list(csv.reader(StringIO(text))) for file, text in texts.items()}


def command(name: str) -> Any:
    out = StringIO()
    call_command("generate_reports", report=name, project="survey", format="json", stdout=out)
    return json.loads(out.getvalue())["survey"][name]


@pytest.mark.django_db(transaction=True)
def test_the_example(world: World, run: Run) -> None:
    costs(world)
    quality(world)
    subsystems(world)
    energy(world)


def costs(world: World) -> None:
    said = api(world, "cost")
    assert command("cost") == said
    assert Decimal(said["total"]["cost"]) == Decimal("0.353456790")
    shown = page(world, "cost")
    book, files = workbook(world, "cost"), zipped(world, "cost")
    assert said["total"]["cost"] in shown
    for part in said["by_node"] + said["by_model"] + said["by_source"]:
        for figure in (part["sum"]["cost"], part["sum"]["usd_per_million_tokens"]):
            assert figure is None or figure in shown, part["key"]
        assert repr(part["share"]) in shown
    for key in ("total", "average", "least", "median", "p95", "most"):
        assert said["per_run"][key] in shown, key
    models = {row[0]: row for row in book["By model"][1:]}
    lines = {row[0]: row for row in files["cost-models.csv"][1:]}
    head = files["cost-models.csv"][0]
    for part in said["by_model"]:
        cost = Decimal(part["sum"]["cost"])
        assert Decimal(lines[part["key"]][head.index("cost_usd")]) == cost
        assert Decimal(repr(models[part["key"]][head.index("cost_usd")])) == cost
        assert models[part["key"]][head.index("calls")] == part["sum"]["calls"]
    summary = {row[0]: row[2] for row in book["Cost"][1:]}
    assert summary["Cost"] == said["total"]["cost"]
    assert summary["A run, on average"] == said["per_run"]["average"]
    assert summary["A run, 95th percentile"] == said["per_run"]["p95"]
    budgets = {row[0]: Decimal(row[1]) for row in files["cost-budgets.csv"][1:]}
    assert list(budgets.values()) == [Decimal(one["spent"]) for one in said["budgets"]]


def quality(world: World) -> None:
    said = api(world, "quality")
    assert command("quality") == said
    shown, book = page(world, "quality"), workbook(world, "quality")
    scores = {row[0]: row for row in book["Scores"][1:]}
    lines = {row[0]: row for row in zipped(world, "quality")["quality-scores.csv"][1:]}
    assert {one["dimension"] for one in said["scores"]} >= {"overall", "clarity"}
    for one in said["scores"]:
        name = one["dimension"].capitalize()
        assert scores[name][2] == one["mean"]
        assert float(lines[name][2]) == one["mean"]
        assert repr(one["mean"]) in shown
    rules = {row[0]: row[1] for row in book["Findings by rule"][1:]}
    assert rules == {one["rule"]: one["findings"] for one in said["findings"]}


def subsystems(world: World) -> None:
    said = api(world, "subsystems")
    assert command("subsystems") == said
    shown, book = page(world, "subsystems"), workbook(world, "subsystems")
    head = zipped(world, "subsystems")["subsystems-subsystems.csv"][0]
    (one,), (row,) = said["subsystems"], book["Subsystems"][1:]
    assert row[head.index("requirements")] == one["requirements"] > 0
    overall = next(score for score in one["scores"] if score["dimension"] == "overall")
    assert row[head.index("overall")] == overall["mean"]
    assert repr(overall["mean"]) in shown
    assert Decimal(repr(row[head.index("usd_per_requirement")])) == Decimal(
        one["usd_per_requirement"]
    )
    assert one["usd_per_requirement"] in shown
    assert one["usd_per_point"] in shown


def energy(world: World) -> None:
    said = api(world, "energy")
    assert command("energy") == said
    assert (said["total"]["low_wh"], said["total"]["high_wh"]) == (0.123, 4.567)
    shown, book = page(world, "energy"), workbook(world, "energy")
    rows = {row[0]: row[1:] for row in book["By model"][1:]}
    for part in said["by_model"]:
        one = part["sum"]
        assert rows[part["key"]] == (
            one["low_wh"], one["high_wh"], one["calls"], one["unknown_calls"], one["output_tokens"],
        )  # fmt: skip
        assert one["high_wh"] is None or repr(one["high_wh"]) in shown
