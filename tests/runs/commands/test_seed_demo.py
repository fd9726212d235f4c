"""make demo: the example decomposed for every subsystem, once."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.utils import timezone

from reqplatform.teams.models import Project, User
from runs.examples.example import SUBSYSTEMS
from runs.management.commands.seed_demo import demo_project, demo_user
from runs.models import Run, RunStatus, Subsystem


@pytest.fixture(autouse=True)
def _own_folder(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.chdir(tmp_path)


def test_the_demo_decomposes_every_subsystem_and_a_second_one_adds_nothing(
    transactional_db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("seed_demo")
    shown = capsys.readouterr().out
    assert shown.count("Verification") == 1  # one table in full, the others in a line each
    assert len(shown.splitlines()) < 150
    runs = Run.objects.all()
    assert {run.subsystem.code for run in runs} == {item.code for item in SUBSYSTEMS}
    assert {run.status for run in runs} == {RunStatus.COMPLETED}
    for run in runs:
        assert f"run-{run.short_id}" in shown
        assert (tmp_path / "output" / f"run-{run.short_id}" / "traceability.csv").is_file()
    password = (tmp_path / "demo_password").read_text()
    assert (tmp_path / "demo_password").stat().st_mode & 0o077 == 0
    assert User.objects.get(username="demo").check_password(password)
    for word in ("make serve", "http://127.0.0.1:8000", "demo", password):
        assert word in shown
    call_command("seed_demo")
    assert Run.objects.count() == len(SUBSYSTEMS)
    assert password in capsys.readouterr().out


@pytest.mark.django_db
def test_a_demo_that_fails_between_its_subsystems_leaves_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user, _ = demo_user()
    with monkeypatch.context() as patched:
        patched.setattr("runs.management.commands.seed_demo.SUBSYSTEMS", (SUBSYSTEMS[0], None))
        with pytest.raises(AttributeError):
            demo_project(user)
    assert not Project.objects.exists()
    project = demo_project(user)
    Subsystem.objects.filter(code="NAV").delete()
    Subsystem.objects.filter(code="PWR").update(name="Propulsion", keywords=[])
    Subsystem.objects.filter(code="SUR").update(code="SRV")
    demo_project(user)
    assert list(project.subsystems.order_by("code").values_list("code", "name")) == [
        ("COM", "Communication"), ("NAV", "Navigation"), ("PWR", "Propulsion"),
        ("SRV", "Survey Payload"),
    ]  # fmt: skip


def test_a_demo_without_runs_fails(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.management.commands.seed_demo.SUBSYSTEMS", ())
    with pytest.raises(CommandError, match="no subsystem"):
        call_command("seed_demo")


@pytest.mark.django_db
def test_a_password_that_was_never_written_down_is_made_again(tmp_path: Path) -> None:
    file = tmp_path / "demo_password"
    _, first = demo_user()
    file.unlink()
    user, second = demo_user()
    assert second != first
    assert user.check_password(second)
    assert file.read_text() == second
    file.write_text("")  # stopped between opening and writing it
    user, third = demo_user()
    assert user.check_password(third)
    assert file.read_text() == third
    assert demo_user()[1] == third


@pytest.mark.django_db
def test_the_password_of_whoever_signed_in_or_changed_it_stays(tmp_path: Path) -> None:
    _, first = demo_user()
    User.objects.update(last_login=timezone.now())
    (tmp_path / "demo_password").unlink()
    assert demo_user()[1] == "(the one that you set)"
    assert User.objects.get().check_password(first)
    (tmp_path / "demo_password").write_text("an older one")
    assert demo_user()[1] == "(the one that you set)"
    assert User.objects.get().check_password(first)
    User.objects.update(last_login=None, email="somebody@example.org")
    (tmp_path / "demo_password").unlink()
    assert demo_user()[1] == "(the one that you set)"
    assert User.objects.get().check_password(first)


def test_an_interrupted_demo_leaves_nothing_queued_and_goes_on(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*args: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("runs.management.commands.seed_demo.execute", interrupt)
        # A KeyboardInterrupt that came through would end the whole suite.
        with pytest.raises((SystemExit, KeyboardInterrupt)) as stop:
            call_command("seed_demo")
    assert getattr(stop.value, "code", None) == 130
    assert Run.objects.get().status == RunStatus.CANCELLED
    call_command("seed_demo")
    assert Run.objects.filter(status=RunStatus.COMPLETED).count() == len(SUBSYSTEMS)
