"""Trouble with a model, on the command line: told once, and by the result as well."""

import logging
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from observability.llm import attempt
from observability.models import CallPurpose, LLMCall, Scope
from reqplatform.teams.models import Project
from runs.console.logs import TOLD, told_once
from runs.models import Run, RunStatus
from tests.runs.conftest import CLEAR
from tests.runs.estimated import limit
from tests.runs.paid import answer_as_analyst, model, route
from tests.wire import WireServer, behaviours

pytest_plugins = ["tests.wire.fixtures"]


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "BACKOFF_SECONDS", 0.01)


@pytest.fixture
def spec(tmp_path: Path, project: Project, wired: WireServer) -> Path:
    """A specification whose agents all ask a model of the local provider."""
    answer_as_analyst(wired)
    route(project, model("openai"))
    file = tmp_path / "spec.txt"
    file.write_text(CLEAR)
    return file


def decompose(spec: Path, *arguments: str) -> None:
    where = ("--project", "survey", "--subsystem", "NAV", "--output", str(spec.parent / "out"))
    call_command("decompose", str(spec), *where, *arguments)


def test_whose_answers_they_are_is_told_though_all_else_is_quiet(
    spec: Path,
    wired: WireServer,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    decompose(spec, "--quiet")
    shown = capsys.readouterr()
    answers = LLMCall.objects.filter(purpose=CallPurpose.FALLBACK).count()
    assert answers == 4
    assert (
        "openai/openai-1 gave no answer that could be used: Embedded analyst answered instead "
        "(4 answers)."
    ) in shown.out
    assert shown.err == ""
    assert caplog.records == []


def test_a_failure_is_told_once_for_each_agent(
    spec: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    decompose(spec)
    warnings = [line for line in capsys.readouterr().err.splitlines() if line.startswith("  ! ")]
    assert sum("Tries again" in line for line in warnings) == 1  # it rests after that
    assert sum("Embedded analyst is asked instead" in line for line in warnings) == 4


def test_a_run_whose_models_answer_says_nothing_of_others(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decompose(spec)
    assert "answered instead" not in capsys.readouterr().out


def test_a_stop_is_told_once(
    spec: Path, wired: WireServer, caplog: pytest.LogCaptureFixture
) -> None:
    wired.default = behaviours.error(401)
    with pytest.raises(CommandError, match=r"(?s)Failed: .*--resume"):
        decompose(spec)
    assert Run.objects.get().status == RunStatus.FAILED
    assert caplog.records == []


@pytest.mark.parametrize("shown", [True, False])
def test_warnings_of_budgets_are_told_where_costs_are_shown(
    spec: Path,
    project: Project,
    settings: LazySettings,
    capsys: pytest.CaptureFixture[str],
    shown: bool,
) -> None:
    settings.COST_TRACKING_ENABLED = shown
    limit(project, Scope.RUN, 5 * 10**9)
    project.budgets.filter(scope=Scope.RUN).update(warn_nusd=1)
    decompose(spec)
    assert ("past its warning" in capsys.readouterr().err) is shown


@pytest.mark.parametrize("name", TOLD)
def test_tracebacks_and_errors_are_logged_all_the_same(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger(name)
    with told_once():
        logger.warning("told")
        logger.warning("odd", exc_info=ValueError("why"))
        logger.error("fault")
    logger.warning("later")
    assert [record.message for record in caplog.records] == ["odd", "fault", "later"]
