"""extract, lint, link and show_graph: machine-readable, and without a database."""

import csv
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from runs.documents import parse
from runs.examples.example import SPEC_PDF, SPEC_TXT

Output = pytest.CaptureFixture[str]


def shown(capsys: Output, *arguments: str) -> str:
    call_command(*arguments)
    return capsys.readouterr().out


def test_extract_gives_every_requirement_its_page_and_span(capsys: Output) -> None:
    result = json.loads(shown(capsys, "extract", str(SPEC_PDF), "--format", "json"))
    document = parse(SPEC_PDF.read_bytes(), SPEC_PDF.name)
    assert (result["document"], result["pages"]) == (SPEC_PDF.name, document.pages)
    assert len(result["requirements"]) > 30
    for row in result["requirements"]:
        assert document.text[row["start"] : row["end"]] == row["text"]
        assert document.page_at(row["start"]) == row["page"]
        assert set(row) >= {"id", "text", "type", "section", "modal", "confidence"}
    below = [row for row in result["requirements"] if row["lead_in"]]
    assert below
    for row in below:
        span = row["lead_in"]
        assert document.text[span["start"] : span["end"]] == span["text"]


def test_extract_as_csv_has_a_header_and_the_same_rows(capsys: Output) -> None:
    rows = list(
        csv.DictReader(io.StringIO(shown(capsys, "extract", str(SPEC_TXT), "--format", "csv")))
    )
    result = json.loads(shown(capsys, "extract", str(SPEC_TXT), "--format", "json"))
    assert [row["text"] for row in rows] == [row["text"] for row in result["requirements"]]


def test_extract_refuses_what_it_cannot_read(tmp_path: Path) -> None:
    file = tmp_path / "empty.txt"
    file.write_bytes(b"")
    with pytest.raises(CommandError, match="empty"):
        call_command("extract", str(file))


def test_lint_reads_lines_and_csv(tmp_path: Path, capsys: Output) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("The system shall be fast.\n\nThe system shall reply within 2 s.\n")
    result = json.loads(shown(capsys, "lint", str(lines), "--format", "json"))
    assert [row["text"] for row in result] == [
        "The system shall be fast.",
        "The system shall reply within 2 s.",
    ]
    finding = next(
        f for f in result[0]["findings"] if "fast" in result[0]["text"][f["start"] : f["end"]]
    )
    assert set(finding) == {
        "rule", "dimension", "severity", "start", "end", "message", "suggestion",
    }  # fmt: skip
    assert result[0]["score"] < result[1]["score"]
    table = tmp_path / "table.csv"
    table.write_text('id,text\n1,"The system shall be fast."\n')
    assert json.loads(shown(capsys, "lint", str(table), "--format", "json"))[0] == result[0]


def test_lint_refuses_an_empty_file(tmp_path: Path) -> None:
    file = tmp_path / "none.txt"
    file.write_text("\n")
    with pytest.raises(CommandError, match="no statement"):
        call_command("lint", str(file))


def test_link_reads_folders_and_csv(tmp_path: Path, capsys: Output) -> None:
    parents, children = tmp_path / "parents", tmp_path / "children.csv"
    parents.mkdir()
    (parents / "P1.txt").write_text("The pump controller shall regulate the coolant pressure.")
    (parents / "P2.txt").write_text("The display shall show alarms to the operator.")
    children.write_text(
        "id,text\nC1,The pump controller shall read the coolant pressure sensor every 10 ms.\n"
        "C2,The display shall list every alarm for the operator with its time.\n"
        "C3,The door shall be painted green.\n"
    )
    result = json.loads(
        shown(
            capsys,
            "link",
            "--parents",
            str(parents),
            "--children",
            str(children),
            "--format",
            "json",
        )
    )
    assert {(row["parent"], row["child"]) for row in result} == {("P1", "C1"), ("P2", "C2")}
    assert all(set(row) == {"parent", "child", "score", "relationship"} for row in result)


def test_link_names_the_line_of_a_double_id(tmp_path: Path) -> None:
    file = tmp_path / "items.csv"
    file.write_text("id,text\nA,one\nA,two\n")
    with pytest.raises(CommandError, match="line 3: the id 'A' is used twice"):
        call_command("link", "--parents", str(file), "--children", str(file))


def test_show_graph_draws_the_graph_that_runs(capsys: Output) -> None:
    drawn = shown(capsys, "show_graph")
    assert drawn.startswith("---") or "graph TD" in drawn
    for node in ("extract", "analyze", "review_strategy", "decompose", "validate", "document"):
        assert node in drawn
