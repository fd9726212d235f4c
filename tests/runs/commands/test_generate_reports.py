"""manage.py generate_reports: to the terminal and to files."""

import csv
import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from observability import rollups
from runs.models import Run
from tests import factories
from tests.conftest import World
from tests.money import CENT, paid_call


@pytest.fixture
def run(world: World) -> Run:
    done = factories.completed_run(world.project)
    paid_call(done, 3 * CENT)
    rollups.refresh()
    return done


def named(path: Path) -> str:
    """A file's name without the days of its report."""
    return re.sub(r"-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d", "", path.name)


def only(folder: Path, name: str) -> Path:
    (found,) = [path for path in folder.iterdir() if named(path) == name]
    return found


def _all(suffix: str) -> set[str]:
    return {f"survey-{name}.{suffix}" for name in ("cost", "quality", "subsystems", "energy")}


def generate(**options: Any) -> str:
    out = StringIO()
    call_command("generate_reports", stdout=out, **options)
    return out.getvalue()


def test_the_terminal_shows_all_reports(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    generate(project="survey")
    text = capsys.readouterr().out
    for words in (
        "Cost of Survey vessel", "Quality of Survey vessel", "Subsystems compared of Survey vessel",
        "$0.0300", "openai_compatible/gpt-test", "NAV Navigation", "vague-term", "small sample",
    ):  # fmt: skip
        assert words in text, words
    assert max(map(len, text.splitlines())) <= 80


def test_a_project_without_data_says_so(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    generate(project="survey", report="cost", days=7)
    assert "No data in this period." in capsys.readouterr().out


def test_files_of_each_format(run: Run, tmp_path: Path) -> None:
    expected = {
        "table": _all("txt"),
        "xlsx": _all("xlsx"),
        "ods": _all("ods"),
        "json": _all("json"),
        "html": _all("html"),
    }
    for style, names in expected.items():
        folder = tmp_path / style
        said = generate(project="survey", format=style, output=folder)
        assert set(map(named, folder.iterdir())) == names
        assert {named(Path(line)) for line in said.splitlines()} == names
    assert "No data" not in only(tmp_path / "html", "survey-cost.html").read_text("utf-8")
    assert "$0.0300" in only(tmp_path / "table", "survey-cost.txt").read_text("utf-8")
    figures = json.loads(only(tmp_path / "json", "survey-cost.json").read_text("utf-8"))
    assert figures["total"]["cost"] == "0.030000000"
    book = load_workbook(only(tmp_path / "xlsx", "survey-cost.xlsx"))
    assert book.sheetnames[:3] == ["Cost", "By agent", "By model"]


def test_csv_has_a_file_for_each_table(run: Run, tmp_path: Path) -> None:
    generate(project="survey", report="cost", format="csv", output=tmp_path)
    assert "survey-cost-agents.csv" in set(map(named, tmp_path.iterdir()))
    with only(tmp_path, "survey-cost-models.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["key"], row["cost_usd"]) == ("openai_compatible/gpt-test", "0.030000000")


def test_all_projects_at_once(run: Run, world: World) -> None:
    answers = json.loads(generate(format="json", report="cost"))
    assert set(answers) == {"survey", world.other_project.slug}


def test_filters(run: Run) -> None:
    answers = json.loads(generate(format="json", report="cost", node="validate", project="survey"))
    assert answers["survey"]["cost"]["total"]["cost"] == "0.000000000"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"project": "no-such"}, "There are: "),
        ({"format": "xlsx"}, "--output DIR"),
        ({"days": 0}, "1 to 3,660 days"),
        ({"days": 7, "month": "2026-01"}, "Give one period"),
        ({"month": "January"}, "is no month"),
        ({"report": "cost", "rule": "vague-term"}, "has no filter --rule"),
        ({"report": "quality", "node": "validate"}, "has no filter --node"),
        ({"report": "energy", "rule": "vague-term"}, "has no filter --rule"),
        ({"subsystem": "XYZ", "report": "cost", "project": "survey"}, "It has: "),
        ({"node": "nobody", "report": "cost"}, "The agents are"),
        ({"model": "gpt", "report": "cost"}, "provider/model"),
        ({"source": "guess", "report": "cost"}, "sources of a cost"),
    ],
)
def test_what_makes_no_sense(run: Run, options: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        generate(**options)


def test_a_folder_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be written"):
        generate(project="survey", format="html", output=tmp_path / "file")


def test_costs_that_are_hidden(
    run: Run, settings: LazySettings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings.COST_TRACKING_ENABLED = False
    generate(project="survey")
    assert "$" not in capsys.readouterr().out
    generate(project="survey", format="csv", output=tmp_path)
    assert not any("cost" in path.read_text("utf-8-sig").lower() for path in tmp_path.iterdir())
    with pytest.raises(CommandError, match="Costs are hidden"):
        generate(project="survey", report="cost")
