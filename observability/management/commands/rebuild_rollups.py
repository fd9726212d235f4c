"""manage.py rebuild_rollups: the sums that reports read, made anew or compared with the books."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from observability import rollups
from observability.management.projects import find_project
from observability.rollups.checking import differences
from reqplatform.teams.models import Project

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Add up all calls and quality records again for the reports, and compare the sums with the "
        "books. Exits with 1 if they differ."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", metavar="SLUG", help="only this one")
        parser.add_argument(
            "--check", action="store_true", help="compare what is there, and make nothing anew"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        projects = list(Project.objects.order_by("slug"))
        if options["project"]:
            projects = [find_project(options["project"], Project.objects.all())]
        wrong = sum(self._one(project, check=options["check"]) for project in projects)
        if wrong:
            raise CommandError(
                f"{wrong} sums are not what the books say. Run 'python manage.py rebuild_rollups' "
                "while no run is at work; if they still differ then, it is a fault of the program."
            )

    def _one(self, project: Project, *, check: bool) -> int:
        if check:
            taken = rollups.refresh(project.pk, wait=True)
            self.stdout.write(f"{project.slug}: {taken} calls and records were due.")
        else:
            taken = rollups.rebuild([project.pk])
            self.stdout.write(f"{project.slug}: {taken} calls and records added up.")
        found = list(differences(project))
        for one in found[:SHOWN]:
            self.stdout.write(f"  {one}")
        if len(found) > SHOWN:
            self.stdout.write(f"  and {len(found) - SHOWN} more")
        if not found:
            self.stdout.write(f"{project.slug}: every sum is what the books say.")
        return len(found)
