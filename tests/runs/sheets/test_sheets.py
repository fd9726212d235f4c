"""Lists as spreadsheets: the same rows in each format, and nothing that runs in one."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from observability import rollups
from observability.models import LLMCall
from reqplatform.errors import Conflict, InvalidInput, NotFound
from runs.actions.exports import wanted, write_now
from runs.models import Requirement, RequirementVersion, Run, Subsystem
from runs.reporting.table import Column, Kind
from runs.sheets import listings
from runs.sheets.asked import Asked
from runs.sheets.cells import CUT, as_text, cell, fitting, written
from runs.sheets.listings import LISTINGS, OF_MODELS
from runs.sheets.reading import chunks, keep_keys
from runs.sheets.writing import MEDIA_TYPES, write
from tests import factories, money
from tests.conftest import World
from tests.runs.sheets.reading import formulas, read, texts

TEXT, MONEY = Column("text", "Text"), Column("cost", "Cost", Kind.MONEY)
DANGEROUS = [
    '=HYPERLINK("http://x.example","click")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\tx",
    "\r=1",
    "\n=1",
    "＝1+1",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_begins_as_a_formula(text: str) -> None:
    assert str(cell(text, TEXT, "UTC")).startswith("'")


def test_what_no_file_can_hold_is_replaced() -> None:
    assert written("a\x00b\ud800c\x0bd\ufffe") == "a\ufffdb\ufffdc\ufffdd\ufffd"
    assert written("a\r\nb\rc") == "a\nb\nc"


def test_money_is_exact_and_times_say_their_zone() -> None:
    assert cell(1, MONEY, "UTC") == Decimal("0.000000001")
    assert as_text(cell(1, MONEY, "UTC")) == "0.000000001"
    assert as_text(cell(123_456_789_012, MONEY, "UTC")) == "123.456789012"
    assert as_text(cell(None, MONEY, "UTC")) == ""
    at = datetime(2026, 7, 1, 12, tzinfo=UTC)
    moment = Column("at", "At", Kind.MOMENT)
    assert cell(at, moment, "Europe/Berlin") == "2026-07-01T14:00:00+02:00"


def test_a_text_that_no_cell_of_excel_takes_is_cut_and_says_so(tmp_path: Path) -> None:
    long = "x" * 40_000
    assert len(str(fitting(long))) == 32_767
    assert str(fitting(long)).endswith(CUT)
    assert fitting("x" * 32_767) == "x" * 32_767
    done = write("xlsx", tmp_path / "a.xlsx", "A", ["text"], [[long], ["short"]])
    assert (done.rows, done.cut) == (2, 1)
    done = write("csv", tmp_path / "a.csv", "A", ["text"], [[long], ["short"]])
    assert (done.rows, done.cut) == (2, 0)
    assert long in (tmp_path / "a.csv").read_text()


def test_a_title_that_no_sheet_can_have(tmp_path: Path) -> None:
    write("xlsx", tmp_path / "a.xlsx", "a/b:c*d?[e]" + "x" * 40, ["text"], [])
    assert load_workbook(tmp_path / "a.xlsx").sheetnames == [("abcde" + "x" * 40)[:31]]


@pytest.fixture
def run(world: World) -> Run:
    done = factories.completed_run(world.project, requirements=3)
    money.paid_call(done, 1_500_001)
    money.unconfirmed_call(done)
    rollups.refresh()
    return done


def exported(world: World, name: str, extension: str, **asked: Any) -> bytes:
    what = wanted(world.viewer, world.project, name, Asked.of(asked), extension)
    return write_now(world.project, what)


@pytest.mark.parametrize("name", sorted(LISTINGS))
def test_all_formats_say_the_same(world: World, run: Run, name: str) -> None:
    RequirementVersion.objects.filter(ordinal=1).update(
        text='=HYPERLINK("x")\r\nmore', rationale="-"
    )
    asked = {"run": str(run.pk)} if LISTINGS[name].needs_run else {}
    files = {each: exported(world, name, each, **asked) for each in MEDIA_TYPES}
    rows = {each: texts(read(content, each)) for each, content in files.items()}
    assert len(rows["csv"]) > 1
    assert rows["csv"] == rows["xlsx"] == rows["ods"]
    assert [formulas(content, each) for each, content in files.items()] == [0, 0, 0]


@pytest.mark.parametrize("extension", sorted(MEDIA_TYPES))
def test_names_that_people_gave_are_harmless(world: World, run: Run, extension: str) -> None:
    for text in DANGEROUS:
        RequirementVersion.objects.filter(ordinal=1).update(text=text)
        content = exported(world, "requirements", extension, run=str(run.pk))
        said = read(content, extension)[1][1]
        assert said.startswith("'"), (text, said)
        assert formulas(content, extension) == 0


def test_a_call_without_a_known_cost_is_empty_and_never_zero(world: World, run: Run) -> None:
    money.held_call(run)
    rows = read(exported(world, "calls", "csv"), "csv")
    cost, state = rows[0].index("cost_usd"), rows[0].index("state")
    known = {row[state]: row[cost] for row in rows[1:]}
    assert known == {
        "settled": "0.001500001",
        "unconfirmed": "0.050000000",  # the most it can have cost, as everywhere
        "held": "",
    }


def test_neither_prompts_nor_answers_are_read(world: World, run: Run) -> None:
    LLMCall.objects.update(prompt=[{"content": "the secret prompt"}], answer="the secret answer")
    with CaptureQueriesContext(connection) as queries:
        content = exported(world, "calls", "csv").decode()
    assert "secret" not in content
    assert not any('"prompt"' in query["sql"] for query in queries)
    columns = {column.name for sheet in OF_MODELS.values() for column in sheet.columns()}
    assert not columns & {"prompt", "answer", "raw_usage", "api_key_env", "request_key"}


def test_costs_can_be_left_out(world: World, run: Run) -> None:
    what = wanted(world.viewer, world.project, "calls", Asked(), "csv", costs=False)
    header = read(write_now(world.project, what), "csv")[0]
    assert not [name for name in header if name.endswith("_usd")]


def test_the_rows_are_those_of_the_filter(world: World, run: Run) -> None:
    first = Requirement.objects.get(identifier="NAV-PERF-001")
    RequirementVersion.objects.filter(requirement=first).update(type="FUNC")

    def rows(name: str, **asked: Any) -> list[list[str]]:
        return read(exported(world, name, "csv", run=str(run.pk), **asked), "csv")[1:]

    assert [row[0] for row in rows("requirements")] == [f"NAV-PERF-00{n}" for n in (1, 2, 3)]
    assert [row[0] for row in rows("requirements", type="FUNC")] == ["NAV-PERF-001"]
    assert [row[0] for row in rows("requirements", text="position 2")] == ["NAV-PERF-002"]
    assert [row[3] for row in rows("requirements", text="position 2")] == ["SYS-002"]
    assert [row[0] for row in rows("trace", show="elsewhere")] == ["SYS-004"]
    assert [row[8] for row in rows("trace")] == [f"NAV-PERF-00{n}" for n in (1, 2, 3)]
    assert rows("trace", show="gaps") == []
    assert rows("issues", severity="minor") == []
    assert len(rows("issues", severity="major")) == 1


def test_calls_are_those_behind_a_figure_of_a_report(world: World, run: Run) -> None:
    money.paid_call(run, at=datetime(2026, 1, 5, 12, tzinfo=UTC))

    def number(**asked: Any) -> int:
        return len(read(exported(world, "calls", "csv", **asked), "csv")) - 1

    assert number() == 3
    assert number(first="2026-01-01", last="2026-01-31") == 1
    assert number(month="2026-01", node="extract") == 0
    assert number(days=30, source="unconfirmed") == 1


def test_relative_days_are_pinned_when_an_export_is_asked_for(world: World, run: Run) -> None:
    what = wanted(world.viewer, world.project, "calls", Asked(days=30), "csv")
    assert what.asked.days is None
    assert what.asked.first is not None
    assert what.asked.last is not None


def test_what_makes_no_sense_is_refused(world: World, run: Run) -> None:
    for name, asked, format_ in (
        ("requirements", {"severity": "major"}, "csv"),
        ("runs", {"run": str(run.pk)}, "csv"),
        ("trace", {}, "csv"),
        ("requirements", {"run": "no id"}, "csv"),
        ("requirements", {"nonsense": "1"}, "csv"),
        ("runs", {}, "pdf"),
        ("calls", {"subsystem": "XYZ"}, "csv"),
    ):
        with pytest.raises(InvalidInput):
            exported(world, name, format_, **asked)
    with pytest.raises(NotFound):
        exported(world, "users", "csv")


def test_nothing_of_another_project_by_any_filter(world: World, run: Run) -> None:
    """A run or a subsystem of another project, named in a filter, gives nothing away."""
    theirs = factories.completed_run(world.other_project)
    money.paid_call(theirs)
    subsystem = Subsystem.objects.get(project=world.other_project)
    for name, listing in LISTINGS.items():
        if "run" in listing.by:
            with pytest.raises(NotFound):
                exported(world, name, "csv", run=str(theirs.pk))
    assert read(exported(world, "runs", "csv", subsystem=str(subsystem.pk)), "csv")[1:] == []
    for name, listing in LISTINGS.items():
        if not listing.needs_run:
            assert str(theirs.pk) not in exported(world, name, "csv").decode(), name
    with pytest.raises(NotFound):
        wanted(world.stranger, world.project, "runs", Asked(), "csv")


def test_too_many_rows_are_not_waited_for(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "AT_ONCE", 2)
    with pytest.raises(Conflict, match="stored export"):
        exported(world, "requirements", "csv", run=str(run.pk))


def test_a_list_asks_as_often_for_many_rows_as_for_few(world: World) -> None:
    few = factories.completed_run(world.project, requirements=2)
    many = factories.completed_run(world.project, requirements=20)
    for name, listing in LISTINGS.items():
        if listing.needs_run or name == "requirements":
            counts = []
            for each in (few, many):
                with CaptureQueriesContext(connection) as queries:
                    exported(world, name, "csv", run=str(each.pk))
                counts.append(len(queries))
            assert counts[0] == counts[1], name


def test_every_sheet_can_be_read_of_its_model(world: World, run: Run) -> None:
    for model, row_sheet in OF_MODELS.items():
        rows = model._default_manager.all()
        for row in row_sheet.prepared(rows):
            cells = row_sheet.reader(row_sheet.columns(), "UTC")(row)
            assert len(cells) == len(row_sheet.columns())


def test_chunks_read_each_row_once_in_order_and_none_that_comes_later(
    world: World, tmp_path: Path
) -> None:
    for _ in range(7):
        factories.run(world.project)
    keys = tmp_path / "keys"
    rows = Run.objects.for_user(world.viewer).order_by("-pk")
    expected = [row.pk for row in rows]
    assert keep_keys(rows, keys) == 7
    found = []
    for part in chunks(Run._default_manager.all(), keys, 3):
        found += [row.pk for row in part]
        factories.run(world.project)
    assert found == expected
    assert keep_keys(Run.objects.none(), keys) == 0
    assert list(chunks(Run._default_manager.all(), keys)) == []
