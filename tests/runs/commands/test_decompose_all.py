"""decompose --all-subsystems: a campaign from the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from reqplatform.teams.models import Project
from runs.models import Campaign, Extraction, Run, RunStatus, Specification, Subsystem
from tests.runs.actions.queue import queued
from tests.runs.commands.test_decompose import decompose
from tests.runs.conftest import CLEAR, ScriptedChatModel
from tests.runs.estimated import priced


@pytest.fixture
def spec(tmp_path: Path, project: Project) -> Path:
    Project.objects.exclude(pk=project.pk).update(archived_at="2020-01-01T00:00Z")
    file = tmp_path / "spec.txt"
    file.write_text(CLEAR)
    return file


def test_every_subsystem_gets_a_run_and_a_folder(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decompose(spec, "--all-subsystems", tmp_path=tmp_path) == 0
    campaign = Campaign.objects.get()
    assert [run.status for run in campaign.runs.all()] == ["completed", "completed"]
    assert Extraction.objects.count() == 1
    assert queued() == []
    shown = capsys.readouterr()
    assert shown.err.count("(read before, shared)") == 1
    assert "2 of 2 completed." in shown.err
    for words in ("Navigation", "Power"):
        assert words in shown.out
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {
        "README.txt", "requirements.csv", "traceability.csv", "coverage.csv", "NAV", "PWR",
    }  # fmt: skip
    assert (out / "NAV" / "results.json").is_file()


def test_json_carries_all_results(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decompose(spec, "--all-subsystems", "--format", "json", tmp_path=tmp_path) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["campaign"] == str(Campaign.objects.get().pk)
    assert [one["subsystem"]["code"] for one in shown["results"]] == ["NAV", "PWR"]
    assert all(Path(name).is_file() for name in shown["files"])


def test_one_that_fails_stops_none_of_the_others(
    spec: Path, tmp_path: Path, scripted: type[ScriptedChatModel]
) -> None:
    failed: list[str] = []

    def fail_once(task: str, answer: dict[str, Any]) -> dict[str, Any]:
        if task == "analyze" and not failed:
            failed.append(task)  # the first run is Navigation's
            raise RuntimeError("no")
        return answer

    scripted.change = staticmethod(fail_once)
    with pytest.raises(CommandError, match=r"1 of 2 completed, 1 not completed\.\nNAV: Failed"):
        decompose(spec, "--all-subsystems", tmp_path=tmp_path)
    statuses = {run.subsystem.code: run.status for run in Run.objects.all()}
    assert statuses == {"NAV": RunStatus.FAILED, "PWR": RunStatus.COMPLETED}
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"PWR", "coverage.csv"}


def test_ctrl_c_leaves_nothing_queued(
    spec: Path, tmp_path: Path, scripted: type[ScriptedChatModel]
) -> None:
    def interrupt(task: str, answer: dict[str, Any]) -> dict[str, Any]:
        raise KeyboardInterrupt

    scripted.change = staticmethod(interrupt)
    assert decompose(spec, "--all-subsystems", tmp_path=tmp_path) == 130
    assert {run.status for run in Run.objects.all()} == {RunStatus.CANCELLED}


def test_queue_leaves_it_to_workers(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("decompose", str(spec), "--all-subsystems", "--queue", "--group", "Tuesday")
    campaign = Campaign.objects.get()
    assert capsys.readouterr().out.strip() == str(campaign.pk)
    assert {run.group for run in campaign.runs.all()} == {"Tuesday"}
    assert queued() == [("runs.tasks.execute_run", (str(campaign.reader_id),))]


def test_an_estimate_stores_nothing(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = priced()
    call_command("decompose", str(spec), "--all-subsystems", "--model", model.key, "--estimate")
    shown = capsys.readouterr().out
    for words in ("By subsystem", "NAV Navigation", "PWR Power", "extraction, which is done once"):
        assert words in shown
    assert not Campaign.objects.exists()
    assert not Specification.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--subsystem", "NAV"), "leave out --subsystem"),
        (("--code", "NAV"), "leave out --subsystem"),
        (("--estimate", "--format", "json"), "the API has it as JSON"),
    ],
)
def test_what_does_not_go_together(spec: Path, arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("decompose", str(spec), "--all-subsystems", *arguments)


def test_a_project_without_subsystems_is_told(spec: Path) -> None:
    Subsystem.objects.all().delete()
    with pytest.raises(CommandError, match="has no subsystem yet"):
        call_command("decompose", str(spec), "--all-subsystems")
