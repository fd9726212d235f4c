"""The command line: results on standard output, messages on standard error, honest exit codes."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command, execute_from_command_line

from reqplatform.teams.models import Project
from runs.actions.specifications import add_revision
from runs.models import Revision, Run, RunStatus, Specification, Subsystem
from tests.runs.conftest import CLEAR, VAGUE, ScriptedChatModel


@pytest.fixture
def spec(tmp_path: Path, project: Project) -> Path:
    Project.objects.exclude(pk=project.pk).update(archived_at="2020-01-01T00:00Z")
    file = tmp_path / "spec.txt"
    file.write_text(CLEAR)
    return file


def decompose(*arguments: object, tmp_path: Path) -> int:
    """The command's exit code, with its files in `tmp_path`/out."""
    try:
        call_command("decompose", *map(str, arguments), "--output", str(tmp_path / "out"))
    except SystemExit as stop:
        return int(str(stop.code))
    return 0


def test_it_prints_a_line_for_each_node_then_tables_and_files(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decompose(spec, "--subsystem", "Navigation", tmp_path=tmp_path) == 0
    shown = capsys.readouterr()
    lines = [line for line in shown.err.splitlines() if line.startswith("✓")]
    assert [line.split()[1] for line in lines] == [
        "Extracted", "Allocated", "Decomposed", "Validated:", "Documented",
    ]  # fmt: skip
    assert lines[0].startswith("✓ Extracted 3 requirements (")
    assert lines[0].endswith("s | $0.00)")
    assert "✓" not in shown.out
    for word in ("NAV-", "Overall", "Cost source", "traceability.csv"):
        assert word in shown.out
    assert {file.name for file in (tmp_path / "out").iterdir()} >= {
        "requirements.md", "traceability.csv", "quality_report.md", "allocation_report.md",
        "README.txt", "results.json",
    }  # fmt: skip


def test_scores_have_the_three_digits_that_the_gates_reason_has(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec.write_text(VAGUE)
    decompose(spec, "--subsystem", "NAV", "--no-review", tmp_path=tmp_path)
    shown = capsys.readouterr().out
    said = re.search(r"overall score (0\.\d{3}) ", shown)
    last = re.search(r"Overall .*(0\.\d{3}) │$", shown, re.MULTILINE)
    assert said is not None
    assert last is not None
    assert said.group(1) == last.group(1)


def test_a_file_that_a_specification_has_already_is_used(
    spec: Path, tmp_path: Path, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    add_revision(None, project, filename="old.txt", content=VAGUE.encode(), title="Vessel")
    add_revision(None, project, filename="vessel.txt", content=CLEAR.encode(), title="Vessel")
    assert decompose(spec, "--subsystem", "NAV", tmp_path=tmp_path) == 0
    assert Run.objects.get().revision.specification.title == "Vessel"
    assert "spec.txt is here already, as revision 2 of Vessel; that is used." in (
        capsys.readouterr().err.splitlines()
    )
    decompose(spec, "--subsystem", "NAV", "--title", "Radio", tmp_path=tmp_path)
    assert set(Specification.objects.values_list("title", flat=True)) == {"Vessel", "Radio"}
    assert "is here already" not in capsys.readouterr().err


def test_of_several_the_specification_that_is_called_like_the_file_is_used(
    spec: Path, project: Project
) -> None:
    content, mine = CLEAR.encode(), "spec.txt"
    named = add_revision(None, project, filename=mine, content=content)
    last = add_revision(None, project, filename=mine, content=content, title="Vessel")
    assert add_revision(None, project, filename=mine, content=content) == named
    assert add_revision(None, project, filename="copy.txt", content=content) == last
    world = Project.objects.exclude(pk=project.pk).get()
    Project.objects.filter(pk=world.pk).update(archived_at=None)
    world.refresh_from_db()
    assert add_revision(None, world, filename=mine, content=content).specification.title == "spec"


def test_json_is_all_that_standard_output_carries(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decompose(spec, "--subsystem", "nav", "--format", "json", tmp_path=tmp_path) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["result"]["run"]["gate_passed"] is True
    assert all(Path(name).is_file() for name in shown["files"])


def test_quiet_says_nothing_but_the_result(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decompose(spec, "--subsystem", "NAV", "--quiet", tmp_path=tmp_path)
    assert capsys.readouterr().err == ""


def test_a_missed_gate_exits_with_2(spec: Path, tmp_path: Path) -> None:
    spec.write_text(VAGUE)
    assert decompose(spec, "--subsystem", "NAV", "--no-review", tmp_path=tmp_path) == 2
    run = Run.objects.get()
    assert (run.status, run.gate_passed) == (RunStatus.COMPLETED, False)


def test_a_review_exits_with_2_and_resume_approves_it(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (spec, "--subsystem", "NAV", "--review-before-decompose")
    assert decompose(*arguments, tmp_path=tmp_path) == 2
    run = Run.objects.get()
    assert run.status == RunStatus.WAITING_REVIEW
    assert f"--resume {run.short_id}" in capsys.readouterr().err
    assert decompose("--resume", run.short_id, tmp_path=tmp_path) == 0


def test_ctrl_c_exits_with_130_and_the_run_can_be_resumed(
    spec: Path, tmp_path: Path, scripted: type[ScriptedChatModel]
) -> None:
    def interrupt(task: str, answer: dict[str, Any]) -> dict[str, Any]:
        raise KeyboardInterrupt

    scripted.change = staticmethod(interrupt)
    assert decompose(spec, "--subsystem", "NAV", tmp_path=tmp_path) == 130
    scripted.change = staticmethod(lambda task, answer: answer)
    assert decompose("--resume", Run.objects.get().pk, tmp_path=tmp_path) == 0


def test_sigterm_exits_with_130_and_the_run_can_be_resumed(
    spec: Path, tmp_path: Path, scripted: type[ScriptedChatModel]
) -> None:
    def terminate(task: str, answer: dict[str, Any]) -> dict[str, Any]:
        os.kill(os.getpid(), signal.SIGTERM)
        return answer

    scripted.change = staticmethod(terminate)
    fallen_through: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: fallen_through.append(number))
    try:
        assert decompose(spec, "--subsystem", "NAV", tmp_path=tmp_path) == 130
        assert not fallen_through
        os.kill(os.getpid(), signal.SIGTERM)
        assert fallen_through  # the command gave the signal back
    finally:
        signal.signal(signal.SIGTERM, before)
    assert Run.objects.get().status == RunStatus.CANCELLED
    scripted.change = staticmethod(lambda task, answer: answer)
    assert decompose("--resume", Run.objects.get().pk, tmp_path=tmp_path) == 0


def test_ctrl_c_before_the_first_node_leaves_no_queued_run(
    spec: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupt(*args: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("runs.actions.execute.execute", interrupt)
        assert decompose(spec, "--subsystem", "NAV", tmp_path=tmp_path) == 130
    run = Run.objects.get()
    assert run.status == RunStatus.CANCELLED
    assert f"--resume {run.short_id}" in capsys.readouterr().err
    assert decompose("--resume", run.short_id, tmp_path=tmp_path) == 0


@pytest.mark.parametrize(("text", "code"), [(CLEAR, 0), (VAGUE, 2)])
def test_resume_of_a_completed_run_writes_its_files_again(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: int
) -> None:
    spec.write_text(text)
    assert decompose(spec, "--subsystem", "NAV", "--no-review", tmp_path=tmp_path) == code
    (tmp_path / "out" / "requirements.md").unlink()
    capsys.readouterr()
    run = Run.objects.get()
    assert decompose("--resume", run.short_id, tmp_path=tmp_path) == code
    assert (tmp_path / "out" / "requirements.md").is_file()
    shown = capsys.readouterr()
    assert "requirements.md" in shown.out
    assert "✓" not in shown.err
    assert Run.objects.get().finished_at == run.finished_at


def test_an_output_that_cannot_be_written_is_told_before_the_run(
    spec: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file, where the folder should be")
    with pytest.raises(CommandError, match=r"can't be written to .*out.*Choose another folder"):
        decompose(spec, "--subsystem", "NAV", tmp_path=tmp_path)
    assert not Run.objects.exists()
    assert not Revision.objects.exists()


def test_a_refused_specification_leaves_no_output_folder(spec: Path, tmp_path: Path) -> None:
    spec.write_text(" ")
    with pytest.raises(CommandError, match="empty"):
        decompose(spec, "--subsystem", "NAV", tmp_path=tmp_path)
    assert not (tmp_path / "out").exists()


def test_files_that_fail_after_the_run_can_be_written_by_resume(spec: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "requirements.md").mkdir(parents=True)
    with pytest.raises(CommandError, match=r"(?s)run is completed.*--output DIR") as caught:
        decompose(spec, "--subsystem", "NAV", tmp_path=tmp_path)
    assert Run.objects.get().short_id in str(caught.value)
    (tmp_path / "out" / "requirements.md").rmdir()
    assert decompose("--resume", Run.objects.get().pk, tmp_path=tmp_path) == 0


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["spec.txt"], "SPEC"),
        (["--subsystem", "NAV"], "--subsystem"),
        (["--code", "NAV"], "--code"),
        (["--title", "Vessel"], "--title"),
        (["--project", "survey"], "--project"),
        (["--quality-threshold", "0"], "--quality-threshold"),
        (["--max-iterations", "0"], "--max-iterations"),
        (["--review-before-decompose"], "--review-before-decompose"),
        (["--no-review", "--code", "NAV"], "--code, --no-review"),
    ],
)
def test_resume_names_the_options_that_it_cannot_take(
    spec: Path, tmp_path: Path, arguments: list[str], named: str
) -> None:
    with pytest.raises(CommandError, match=f"can't take {named}\\. "):
        decompose("--resume", "0123abcd", *arguments, tmp_path=tmp_path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--quality-threshold", "0,8"], "'0,8' is not a number"),
        (["--max-iterations", "x"], "invalid int value: 'x'"),
        (["--format", "xml"], "invalid choice: 'xml'"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_a_wrong_option_exits_with_1_and_the_usage(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        execute_from_command_line(["manage.py", "decompose", "spec.txt", *arguments])
    assert stop.value.code == 1
    shown = capsys.readouterr().err
    assert "usage: manage.py decompose" in shown
    assert said in shown


def test_texts_with_brackets_and_colons_are_shown_as_they_stand(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    spec.write_text(CLEAR.replace("report the position", "report [red] the:key:position"))
    decompose(spec, "--subsystem", "NAV", "--no-review", tmp_path=tmp_path)
    assert "[red] the:key:position" in capsys.readouterr().out


def test_a_reader_of_the_progress_who_leaves_does_not_fail_the_run(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as broken:
        monkeypatch.setattr("sys.stderr", broken)
        assert decompose(spec, "--subsystem", "NAV", tmp_path=tmp_path) == 0


def test_a_code_adds_a_subsystem_that_is_new(spec: Path, tmp_path: Path) -> None:
    decompose(spec, "--subsystem", "Radio", "--code", "RAD", tmp_path=tmp_path)
    assert Subsystem.objects.get(code="RAD").name == "Radio"


def test_queue_leaves_it_to_a_worker(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from django_q.models import OrmQ

    assert decompose(spec, "--subsystem", "NAV", "--queue", tmp_path=tmp_path) == 0
    run = Run.objects.get()
    assert run.status == RunStatus.QUEUED
    assert capsys.readouterr().out.strip() == str(run.pk)
    assert OrmQ.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--subsystem", "Radar"], "no subsystem 'Radar'.*Navigation \\(NAV\\).*--code"),
        (["--subsystem", "NAV", "--quality-threshold", "1.5"], "between 0 and 1"),
        (["--subsystem", "NAV", "--quality-threshold", "nan"], "between 0 and 1"),
        (["--subsystem", "NAV", "--quality-threshold", "x"], "not a number"),
        (["--subsystem", "NAV", "--max-iterations", "0"], "from 1 to 10"),
        (["--subsystem", "NAV", "--max-iterations", "11"], "from 1 to 10"),
        (["--subsystem", "NAV", "--project", "nowhere"], "no project 'nowhere'.*survey"),
        (["--subsystem", "Radar", "--code", "r-1"], "code must be"),
        (["--subsystem", "NAV", "--code", "POS"], "has the code NAV"),
        ([], "--subsystem"),
    ],
)
def test_bad_input_is_refused_and_leaves_nothing(
    spec: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        decompose(spec, *arguments, tmp_path=tmp_path)
    assert not Run.objects.exists()
    assert not Revision.objects.exists()
    assert Subsystem.objects.count() == 2


@pytest.mark.parametrize("content", [b"", b"   \n", b"\x00\x01\x02\x03" * 99, b"%PDF-1.7 broken"])
def test_an_unreadable_specification_leaves_nothing(
    spec: Path, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / ("spec.pdf" if content.startswith(b"%PDF") else "spec.txt")
    file.write_bytes(content)
    with pytest.raises(CommandError):
        decompose(file, "--subsystem", "Radar", "--code", "RAD", tmp_path=tmp_path)
    assert not Run.objects.exists()
    assert not Subsystem.objects.filter(code="RAD").exists()


def test_a_german_specification_is_refused_with_the_reason(spec: Path, tmp_path: Path) -> None:
    spec.write_text(
        "1 Anforderungen\n\nDas System muss die Position alle zwei Sekunden melden. Wenn das "
        "Signal verloren geht, muss das System innerhalb von fünf Sekunden einen Alarm auslösen. "
        "Die Navigation soll alle Werte speichern und sie der Anzeige zur Verfügung stellen.\n"
    )
    with pytest.raises(CommandError, match="German"):
        decompose(spec, "--subsystem", "NAV", tmp_path=tmp_path)


def test_a_missing_file_and_an_unknown_run_are_named(spec: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no file .*missing\.pdf"):
        decompose(tmp_path / "missing.pdf", "--subsystem", "NAV", tmp_path=tmp_path)
    with pytest.raises(CommandError, match="no run 'abc'"):
        decompose("--resume", "abc", tmp_path=tmp_path)


def test_a_database_that_nobody_has_migrated_is_explained(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "decompose", __file__, "--subsystem", "NAV"],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False,
        env=os.environ | {"REQPLATFORM_DATA_DIR": str(tmp_path), "DATABASE_URL": ""},
    )  # fmt: skip
    assert done.returncode == 1
    assert "Run 'make demo'" in done.stderr
    assert "Traceback" not in done.stderr
