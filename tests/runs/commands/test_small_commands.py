"""extract, lint, link and show_graph: machine-readable, and without a database."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command, execute_from_command_line

from reqplatform.teams.models import Project
from runs.documents import parse
from runs.examples.example import SPEC_PDF, SPEC_TXT
from skills.actions.domains import save_domain

ROOT = Path(__file__).resolve().parents[3]
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
    keys = {"parent", "child", "score", "confidence", "relationship", "words"}
    assert all(set(row) == keys for row in result)
    assert "coolant" in result[0]["words"]


def test_link_takes_the_names_that_mean_the_same(tmp_path: Path, capsys: Output) -> None:
    parents, children, names = (tmp_path / name for name in ("p.csv", "c.csv", "names.csv"))
    parents.write_text("id,text\nP1,The inertial unit shall be aligned.\nP2,The door shall open.\n")
    children.write_text("id,text\nC1,Gyro boxes settle in one minute.\n")
    files = ("--parents", str(parents), "--children", str(children), "--format", "json")
    assert json.loads(shown(capsys, "link", *files)) == []
    names.write_text("term,other_name\ninertial unit,gyro box\n")
    found = json.loads(shown(capsys, "link", *files, "--glossary", str(names)))
    assert [(row["parent"], row["child"]) for row in found] == [("P1", "C1")]
    domain = tmp_path / "domain.md"
    domain.write_text("# D\n## Glossary\n- **inertial unit**: It turns. (not: gyro box)\n")
    assert json.loads(shown(capsys, "link", *files, "--glossary", str(domain))) == found
    domain.write_text("# D\n## Glossary\nnothing\n")
    with pytest.raises(CommandError, match="Line 3"):
        call_command("link", *files, "--glossary", str(domain))
    names.write_text("term,other_name\ninertial unit,\n")
    with pytest.raises(CommandError, match=r"names\.csv, line 2: both columns must be filled"):
        call_command("link", *files, "--glossary", str(names))
    names.write_text("term\ninertial unit\n")
    with pytest.raises(CommandError, match="must have the columns term and other_name"):
        call_command("link", *files, "--glossary", str(names))


def test_link_says_that_it_found_nothing(tmp_path: Path, capsys: Output) -> None:
    for name, text in (("parents", "The unit shall report its position."), ("children", "Blue.")):
        (tmp_path / f"{name}.csv").write_text(f"id,text\n1,{text}\n")
    files = (
        "--parents",
        str(tmp_path / "parents.csv"),
        "--children",
        str(tmp_path / "children.csv"),
    )
    call_command("link", *files)
    assert capsys.readouterr().out == ("No child is near enough to a parent to propose a link.\n")
    call_command("link", *files, "--format", "json")
    assert json.loads(capsys.readouterr().out) == []


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


@pytest.mark.parametrize(
    "arguments",
    [
        ["extract", "spec.txt", "--format", "xml"],
        ["lint", "lines.txt", "--format", "csv"],
        ["lint"],
        ["link", "--parents", "a"],
        ["seed_demo", "--what"],
    ],
)
def test_a_wrong_option_exits_with_1_or_raises(arguments: list[str], capsys: Output) -> None:
    with pytest.raises(SystemExit) as stop:
        execute_from_command_line(["manage.py", *arguments])
    assert stop.value.code == 1
    assert f"usage: manage.py {arguments[0]}" in capsys.readouterr().err
    with pytest.raises((CommandError, TypeError)):
        call_command(*arguments)


class Endless(io.RawIOBase):
    """Gives zeros as long as anybody reads, up to what nobody should ask for."""

    given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self.given += len(buffer)
        assert self.given < 100_000
        return len(buffer)


def test_no_more_is_read_than_the_limit(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SPECIFICATION_MAX_BYTES = 1000
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BufferedReader(Endless())))
    with pytest.raises(CommandError, match="Standard input is too large"):
        call_command("lint", "-")
    file = tmp_path / "lines.txt"
    file.write_text("x" * 1001)
    with pytest.raises(CommandError, match=r"lines\.txt is too large"):
        call_command("lint", str(file))
    file.write_text("The system shall reply within 2 s.".ljust(1000))
    call_command("lint", str(file))


@pytest.mark.parametrize("style", ["json", "csv", "table"])
def test_a_reader_who_leaves_sees_no_traceback(style: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as broken:
        process = subprocess.run(
            [sys.executable, "manage.py", "extract", str(SPEC_TXT), "--format", style],
            cwd=ROOT, stdout=broken, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert (process.returncode, process.stderr) == (1, b"")


def test_ctrl_c_while_python_still_imports_shows_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time\ntime.sleep(30)\n"
    )
    process = subprocess.run(
        [sys.executable, "manage.py", "show_graph"],
        cwd=ROOT, capture_output=True, check=False,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "slow", "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert (process.returncode, process.stderr) == (128 + signal.SIGINT, b"")


@pytest.mark.django_db
def test_lint_knows_a_project(tmp_path: Path, capsys: Output) -> None:
    call_command("load_skills", verbosity=0)
    capsys.readouterr()
    project = Project.objects.create(slug="survey", name="Survey")
    save_domain(None, project, "# S\n## Glossary\n- **horn**: It sounds. (not: hooter)\n")
    lines = tmp_path / "lines.txt"
    lines.write_text("The hooter shall sound for 5 s.\nThe hooter shall sound for 5 s.\n")
    alone = json.loads(shown(capsys, "lint", str(lines), "--format", "json"))
    result = json.loads(
        shown(capsys, "lint", str(lines), "--project", "survey", "--format", "json")
    )
    rules = {finding["rule"] for row in result for finding in row["findings"]}
    assert rules >= {"forbidden-synonym", "duplicate"}
    assert not {finding["rule"] for row in alone for finding in row["findings"]} & rules
    assert all(finding["weight"] == 1 for row in result for finding in row["findings"])
    assert "hooter" in shown(capsys, "lint", str(lines), "--project", "survey")
    with pytest.raises(CommandError, match="no project"):
        call_command("lint", str(lines), "--project", "none")
