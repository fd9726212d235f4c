"""manage.py seed_demo: what `make demo` runs after the set-up."""

import os
import secrets
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.db.models import Q

from observability.money import format_usd
from reqplatform.teams.actions.projects import create_project
from reqplatform.teams.models import Project, User
from runs.actions.execute import execute
from runs.actions.specifications import add_revision
from runs.actions.start import RunOptions, start_run
from runs.actions.subsystems import add_subsystem
from runs.console.command import INTERRUPTED, ConsoleCommand
from runs.console.interrupts import leave, sigterm_interrupts
from runs.console.logs import told_once
from runs.console.options import refusals
from runs.console.progress import Progress
from runs.examples.example import PROJECT, SPEC_PDF, SUBSYSTEMS
from runs.models import Revision, Run, RunStatus, Subsystem

USERNAME, EMAIL = "demo", "demo@example.org"
OUTPUT = Path("output")
SERVER = "http://127.0.0.1:8000"


class Command(ConsoleCommand):
    help = "Create the demo project and user and decompose the example for every subsystem."

    def handle(self, *args: Any, **options: Any) -> None:
        progress = Progress()
        call_command("migrate", verbosity=0)
        call_command("load_skills", verbosity=0)
        try:
            with refusals(), sigterm_interrupts(), told_once():
                user, password = demo_user()
                runs = self._runs(user, demo_project(user), progress)
        except KeyboardInterrupt:
            progress.say("Interrupted. 'make demo' again does what is missing.")
            sys.exit(INTERRUPTED)
        self._show(runs)
        if settings.COST_TRACKING_ENABLED:
            self.stdout.write(f"\n{_elsewhere(runs)}")
        self.stdout.write(
            f"\nNext:  make serve\n       {SERVER}  user {USERNAME}  password {password}\n"
        )

    def _runs(self, user: User, project: Project, progress: Progress) -> list[Run]:
        revision = add_revision(
            user, project, filename=SPEC_PDF.name, content=SPEC_PDF.read_bytes(), title="Petrel"
        )
        rows = Subsystem.objects.filter(project=project).order_by("code")
        runs = [self._run(user, revision, row, progress) for row in rows]
        if not runs:
            raise CommandError(
                f"The project {project.name} has no subsystem, so there is nothing to show. "
                "Add one in the admin and run 'make demo' again."
            )
        return runs

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
        try:
            execute(run.pk, progress)
        except KeyboardInterrupt:
            leave(run)
            raise
        run.refresh_from_db()
        if run.status != RunStatus.COMPLETED:
            raise CommandError(f"{row.name}: {run.get_status_display()}. {run.reason}")
        return run

    def _show(self, runs: list[Run]) -> None:
        """One subsystem in full, then all of them in a line each, which stay in sight."""
        from runs import exports
        from runs.console.show import show, show_summary
        from runs.exports.loading import load

        results = [load(run) for run in runs]
        folders = [OUTPUT / exports.folder_name(run) for run in runs]
        for run, folder in zip(runs, folders, strict=True):
            exports.write(run, folder)
        show(runs[0], results[0], files=())
        show_summary(results, folders)


def _elsewhere(runs: list[Run]) -> str:
    """What the demo's work would have cost with models that are paid for."""
    from observability.reports.what_if import elsewhere

    extractions = {run.extraction_id for run in runs if run.extraction_id is not None}
    prices = elsewhere([run.pk for run in runs], extractions)
    listed = ", ".join(f"{one.name} {format_usd(one.cost_nusd)}" for one in prices)
    return (
        "The embedded analyst did this for $0.00. Estimated (±30%), the same work would have\n"
        f"cost: {listed}."
    )


def demo_user() -> tuple[User, str]:
    """The demo user and its password: made up once, and kept in a file only its owner can read.

    The user comes first and the file last: where the file is missing, a demo was interrupted. The
    password of somebody who has signed in, or who is not the demo's, is never touched.
    """
    file = settings.DATA_DIR / "demo_password"
    user = User.objects.filter(username=USERNAME).first()
    if user is not None:
        kept = file.read_text("utf-8") if file.exists() else ""
        if kept and user.check_password(kept):
            return user, kept
        if kept or user.last_login is not None or user.email != EMAIL:
            return user, "(the one that you set)"
    password = secrets.token_urlsafe(12)
    file.unlink(missing_ok=True)
    if user is None:
        user = User.objects.create_superuser(USERNAME, EMAIL, password)
    else:
        user.set_password(password)
        user.save(update_fields=["password"])
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(password)
    return user, password


@transaction.atomic
def demo_project(user: User) -> Project:
    """The demo's project with all its subsystems: what is missing of them is added."""
    project: Project | None = Project.objects.filter(slug=PROJECT.slug).first()
    if project is None:
        project = create_project(slug=PROJECT.slug, name=PROJECT.name, owner=user)
    rows = Subsystem.objects.filter(project=project)
    for item in SUBSYSTEMS:
        if rows.filter(Q(code=item.code) | Q(name__iexact=item.name)).exists():
            continue
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
