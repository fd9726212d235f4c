"""make demo: the example decomposed for every subsystem, once."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from reqplatform.teams.models import User
from runs.examples.example import SUBSYSTEMS
from runs.models import Run, RunStatus


def test_the_demo_decomposes_every_subsystem_and_a_second_one_adds_nothing(
    transactional_db: None,
    settings: LazySettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.chdir(tmp_path)
    call_command("seed_demo")
    shown = capsys.readouterr().out
    runs = Run.objects.all()
    assert {run.subsystem.code for run in runs} == {item.code for item in SUBSYSTEMS}
    assert {run.status for run in runs} == {RunStatus.COMPLETED}
    for run in runs:
        assert (tmp_path / "output" / f"run-{run.short_id}" / "traceability.csv").is_file()
    password = (tmp_path / "demo_password").read_text()
    assert (tmp_path / "demo_password").stat().st_mode & 0o077 == 0
    assert User.objects.get(username="demo").check_password(password)
    for word in ("make serve", "http://127.0.0.1:8000", "demo", password):
        assert word in shown
    call_command("seed_demo")
    assert Run.objects.count() == len(SUBSYSTEMS)
    assert password in capsys.readouterr().out
