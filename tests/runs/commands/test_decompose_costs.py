"""What a run costs, on the command line: told before it, refused, and where it stops."""

import json
import re
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from observability.models import BudgetWindow, LLMCall, ModelProfile, Node, Route, Scope
from reqplatform.teams.models import Project
from runs.models import Revision, Run, RunStatus, Specification, Subsystem
from tests.runs.conftest import CLEAR
from tests.runs.estimated import DOLLAR, limit, priced
from tests.runs.paid import answer_as_analyst, model
from tests.wire import WireServer, behaviours

pytest_plugins = ["tests.wire.fixtures"]


@pytest.fixture
def spec(tmp_path: Path, project: Project) -> Path:
    Project.objects.exclude(pk=project.pk).update(archived_at="2020-01-01T00:00Z")
    file = tmp_path / "spec.txt"
    file.write_text(CLEAR)
    return file


@pytest.fixture
def writer(project: Project) -> ModelProfile:
    """A model with a price that every agent of the project asks."""
    writer = priced("Writer")
    for node in Node:
        Route.objects.create(project=project, node=node, profile=writer)
    return writer


def decompose(*arguments: object, output: Path) -> int:
    try:
        call_command("decompose", *map(str, arguments), "--output", str(output / "out"))
    except SystemExit as stop:
        return int(str(stop.code))
    return 0


def nothing_was_stored() -> bool:
    models = (Run, Revision, Specification, LLMCall)
    return not any(model.objects.exists() for model in models) and Subsystem.objects.count() == 2


# --estimate


def test_an_estimate_is_printed_and_nothing_is_stored(
    spec: Path, tmp_path: Path, writer: ModelProfile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decompose(spec, "--subsystem", "NAV", "--estimate", output=tmp_path) == 0
    shown = capsys.readouterr()
    for words in (
        writer.key, "Heuristic (±30%)", "Embedded analyst", "fits", "Extract", "Tokens in",
        "guessed from the text", "This run: $5.00 left of $5.00 (tightest)", "metered",
    ):  # fmt: skip
        assert words in re.sub(r"\s+", " ", shown.out), words
    assert shown.err == ""
    assert nothing_was_stored()
    assert not (tmp_path / "out").exists()


def test_a_new_subsystem_is_estimated_and_not_added(
    spec: Path, tmp_path: Path, writer: ModelProfile, capsys: pytest.CaptureFixture[str]
) -> None:
    radio = ("--subsystem", "Radio", "--code", "rad")
    assert decompose(spec, *radio, "--estimate", output=tmp_path) == 0
    assert writer.key in capsys.readouterr().out
    assert nothing_was_stored()


def test_the_estimate_as_json(
    spec: Path, tmp_path: Path, writer: ModelProfile, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (spec, "--subsystem", "NAV", "--group", "Trial", "--max-iterations", "2")
    decompose(*arguments, "--estimate", "--format", "json", output=tmp_path)
    shown = json.loads(capsys.readouterr().out)
    paid, free = shown["routes"]
    assert (paid["models"], paid["fits"]) == ([writer.key], True)
    assert (free["models"], free["expected"]) == (["embedded/analyst-1"], "0.000000000")
    assert 0 < float(paid["expected"]) < float(paid["worst"]) <= 5
    assert [node["node"] for node in paid["nodes"]] == [
        "extract", "analyze", "decompose", "validate",
    ]  # fmt: skip
    assert [budget["scope"] for budget in shown["budgets"]] == [
        "run", "group", "day", "month", "total",
    ]  # fmt: skip
    assert shown["budgets"][4]["max"] is None
    assert (shown["max_iterations"], shown["sources_known"]) == (2, False)


def test_a_stored_revision_is_estimated_by_what_is_known_of_it(
    spec: Path, tmp_path: Path, writer: ModelProfile, capsys: pytest.CaptureFixture[str]
) -> None:
    embedded = ModelProfile.objects.create(
        name="Analyst",
        provider="embedded",
        model="analyst-1",
        context_window=9,
        max_output_tokens=9,
    )
    assert decompose(spec, "--subsystem", "NAV", "--model", "Analyst", output=tmp_path) == 0
    assert Run.objects.get().routes["extract"][0]["profile"] == embedded.pk
    capsys.readouterr()
    decompose(spec, "--subsystem", "NAV", "--estimate", "--format", "json", output=tmp_path)
    shown = json.loads(capsys.readouterr().out)
    assert (shown["sources"], shown["sources_known"]) == (3, True)


def test_what_costs_nothing_is_said_in_a_line(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decompose(spec, "--subsystem", "NAV", "--estimate", output=tmp_path) == 0
    assert capsys.readouterr().out == (
        "Embedded analyst is asked first everywhere: it costs nothing.\n"
    )


def test_an_estimate_says_when_the_run_would_be_refused(
    spec: Path, tmp_path: Path, writer: ModelProfile, capsys: pytest.CaptureFixture[str]
) -> None:
    limit(Project.objects.get(slug="survey"), Scope.RUN, 1_000)
    assert decompose(spec, "--subsystem", "NAV", "--estimate", output=tmp_path) == 0
    assert "Raise the limit under Budgets" in capsys.readouterr().out
    Project.objects.update(cheaper_route=True)
    decompose(spec, "--subsystem", "NAV", "--estimate", output=tmp_path)
    assert "it would start with Embedded analyst" in capsys.readouterr().out


def test_the_budget_that_ends_it_at_worst_is_named(
    spec: Path,
    tmp_path: Path,
    writer: ModelProfile,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    limit(Project.objects.get(slug="survey"), Scope.TOTAL, 4 * DOLLAR // 10)
    decompose(spec, "--subsystem", "NAV", "--estimate", output=tmp_path)
    said = capsys.readouterr().out
    assert "$0.4000, all that Project in total has left" in said
    assert "repaired once; Project in total stops it before that." in said


def test_a_missing_key_is_told_in_the_estimate_and_before_a_run(
    spec: Path,
    tmp_path: Path,
    writer: ModelProfile,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("WRITER_API_KEY", raising=False)
    ModelProfile.objects.update(api_key_env="WRITER_API_KEY")
    decompose(spec, "--subsystem", "NAV", "--estimate", output=tmp_path)
    said = capsys.readouterr().out
    assert "WRITER_API_KEY is not set" in said
    assert "WRITER_API_KEY holds no key in this process" in said
    with pytest.raises(CommandError, match=r"WRITER_API_KEY holds no key.*Nothing was started"):
        decompose(spec, "--subsystem", "NAV", output=tmp_path)
    assert not Run.objects.exists()
    assert decompose(spec, "--subsystem", "NAV", "--queue", output=tmp_path) == 0
    assert Run.objects.get().status == RunStatus.QUEUED  # its worker may have the key


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--subsystem", "Radar"], "no subsystem 'Radar'"),
        (["--subsystem", "NAV", "--model", "openai/nope"], "no model openai/nope"),
        (["--subsystem", "NAV", "--group", "<x>"], "group's name"),
        (["--subsystem", "NAV", "--max-iterations", "0"], "from 1 to 10"),
        ([], "--subsystem"),
    ],
)
def test_an_estimate_of_bad_input_is_refused(
    spec: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        decompose(spec, *arguments, "--estimate", output=tmp_path)
    with pytest.raises(CommandError, match=said):
        decompose(spec, *arguments, output=tmp_path)
    assert nothing_was_stored()


def test_an_estimate_of_an_unreadable_file_is_refused(
    spec: Path, tmp_path: Path, writer: ModelProfile
) -> None:
    spec.write_text(" ")
    with pytest.raises(CommandError, match="empty"):
        decompose(spec, "--subsystem", "NAV", "--estimate", output=tmp_path)


def test_resume_takes_neither_model_nor_group_nor_estimate(spec: Path, tmp_path: Path) -> None:
    for option in (["--model", "x/y"], ["--group", "x"], ["--estimate"]):
        with pytest.raises(CommandError, match=f"can't take {option[0]}\\. "):
            decompose("--resume", "0123abcd", *option, output=tmp_path)


# A run that costs something


@pytest.fixture
def paid(project: Project, wired: WireServer) -> ModelProfile:
    """A model of the local provider, which answers as the analyst would; no agent asks it yet."""
    answer_as_analyst(wired)
    return model("openai")


def test_a_chosen_model_and_its_estimate_are_told_before_the_run(
    spec: Path, tmp_path: Path, paid: ModelProfile, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--subsystem", "NAV", "--model", paid.key, "--group", "Trial")
    assert decompose(spec, *arguments, output=tmp_path) == 0
    run = Run.objects.get()
    assert (run.group, run.status) == ("Trial", RunStatus.COMPLETED)
    assert run.routes["extract"][0]["model"] == paid.key
    first = capsys.readouterr().err.splitlines()[0]
    assert re.fullmatch(
        r"Expected to cost \$0\.\d{4}, Heuristic \(±30%\); at most \$5\.00, its budget; "
        rf"with {paid.key}",
        first,
    ), first


def test_hidden_costs_are_not_told(
    spec: Path,
    tmp_path: Path,
    paid: ModelProfile,
    capsys: pytest.CaptureFixture[str],
    settings: LazySettings,
) -> None:
    settings.COST_TRACKING_ENABLED = False
    decompose(spec, "--subsystem", "NAV", "--model", paid.key, output=tmp_path)
    assert "Expected to cost" not in capsys.readouterr().err
    with pytest.raises(CommandError, match="no estimate is shown"):
        decompose(spec, "--subsystem", "NAV", "--model", paid.key, "--estimate", output=tmp_path)


def test_a_free_run_says_nothing_of_its_cost(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decompose(spec, "--subsystem", "NAV", output=tmp_path)
    assert "Expected to cost" not in capsys.readouterr().err


def test_a_run_that_does_not_fit_is_refused(
    spec: Path, tmp_path: Path, writer: ModelProfile
) -> None:
    limit(Project.objects.get(slug="survey"), Scope.DAY, 1_000)
    with pytest.raises(CommandError, match=r"(?s)is expected to cost.*Nothing was started"):
        decompose(spec, "--subsystem", "NAV", output=tmp_path)
    assert not Run.objects.exists()


@pytest.mark.parametrize("shown", [True, False])
def test_a_cheaper_route_is_told_where_costs_are_shown(
    spec: Path,
    tmp_path: Path,
    writer: ModelProfile,
    capsys: pytest.CaptureFixture[str],
    settings: LazySettings,
    shown: bool,
) -> None:
    settings.COST_TRACKING_ENABLED = shown
    project = Project.objects.get(slug="survey")
    limit(project, Scope.DAY, 1_000)
    Project.objects.filter(pk=project.pk).update(cheaper_route=True)
    assert decompose(spec, "--subsystem", "NAV", output=tmp_path) == 0
    said = capsys.readouterr().err
    assert ("! Started with Embedded analyst" in said) is ("$" in said) is shown


def test_a_run_out_of_budget_exits_with_1_and_says_how_to_go_on(
    spec: Path, tmp_path: Path, paid: ModelProfile, project: Project, wired: WireServer
) -> None:
    wired.default = behaviours.reasoning(6_000)  # more than anybody can estimate
    limit(project, Scope.RUN, 12 * DOLLAR // 100)
    with pytest.raises(CommandError, match=r"(?s)Out of budget.*--resume") as caught:
        decompose(spec, "--subsystem", "NAV", "--model", paid.key, output=tmp_path)
    run = Run.objects.get()
    assert run.status == RunStatus.OUT_OF_BUDGET
    assert f"Go on with: manage.py decompose --resume {run.short_id}" in str(caught.value)
    assert "Raise the limit under Budgets" in str(caught.value)
    limit(project, Scope.RUN, 5 * DOLLAR)
    BudgetWindow.objects.filter(budget__scope=Scope.RUN).update(max_nusd=5 * DOLLAR)
    assert decompose("--resume", run.short_id, output=tmp_path) == 0
