"""manage.py seed_demo: what `make demo` runs after the set-up."""

import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from reqplatform.teams.actions.projects import create_project
from reqplatform.teams.models import Project, User
from runs.actions.execute import execute
from runs.actions.specifications import add_revision
from runs.actions.start import RunOptions, start_run
from runs.actions.subsystems import add_subsystem
from runs.console.options import refusals
from runs.console.progress import Progress
from runs.examples.example import PROJECT, SPEC_PDF, SUBSYSTEMS
from runs.models import Revision, Run, RunStatus, Subsystem

USERNAME = "demo"
SERVER = "http://127.0.0.1:8000"


class Command(BaseCommand):
    help = "Create the demo project and user and decompose the example for every subsystem."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        progress = Progress()
        call_command("migrate", verbosity=0)
        call_command("load_skills", verbosity=0)
        with refusals():
            user, password = demo_user()
            project = demo_project(user)
            revision = add_revision(
                user, project, filename=SPEC_PDF.name, content=SPEC_PDF.read_bytes(), title="Petrel"
            )
            runs = [self._run(user, revision, row, progress) for row in _subsystems(project)]
        self._show(runs)
        self.stdout.write(
            f"\nNext:  make serve\n       {SERVER}  user {USERNAME}  password {password}\n"
        )

    def _run(self, user: User, revision: Revision, row: Subsystem, progress: Progress) -> Run:
        """The demo's run of a subsystem: the one there is, else a new one."""
        done: Run | None = Run.objects.filter(
            revision=revision, subsystem=row, status=RunStatus.COMPLETED
        ).first()
        if done is not None:
            progress.say(f"{row.name}: decomposed before (run {done.short_id})")
            return done
        progress.say(f"{row.name}:")
        run = start_run(user, revision, row, RunOptions(unattended=True), enqueue=False)
        execute(run.pk, progress)
        run.refresh_from_db()
        if run.status != RunStatus.COMPLETED:
            raise CommandError(f"{row.name}: {run.get_status_display()}. {run.reason}")
        return run

    def _show(self, runs: list[Run]) -> None:
        from rich.console import Console

        from runs import exports
        from runs.console.show import show
        from runs.exports.loading import load

        console = Console(highlight=False)
        for run in runs:
            console.rule(f"{run.subsystem.code} · {run.subsystem.name}")
            show(load(run), exports.write(run, Path("output") / exports.folder_name(run)))


def _subsystems(project: Project) -> list[Subsystem]:
    return list(Subsystem.objects.filter(project=project).order_by("code"))


def demo_user() -> tuple[User, str]:
    """The demo user and its password: made up once, and kept in a file only its owner can read."""
    file = settings.DATA_DIR / "demo_password"
    user = User.objects.filter(username=USERNAME).first()
    if user is None:
        password = secrets.token_urlsafe(12)
        user = User.objects.create_superuser(USERNAME, "demo@example.org", password)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(password)
        return user, password
    return user, file.read_text("utf-8") if file.exists() else "(the one that you set)"


def demo_project(user: User) -> Project:
    project: Project | None = Project.objects.filter(slug=PROJECT.slug).first()
    if project is not None:
        return project
    project = create_project(slug=PROJECT.slug, name=PROJECT.name, owner=user)
    for item in SUBSYSTEMS:
        add_subsystem(
            user,
            project,
            code=item.code,
            name=item.name,
            description=item.description,
            interfaces=item.interfaces,
            keywords=item.keywords,
        )
    return project
