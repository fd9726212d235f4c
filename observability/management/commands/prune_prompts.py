"""manage.py prune_prompts: remove prompts and answers that are old enough."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from observability import retention
from reqplatform.teams.models import Project


class Command(BaseCommand):
    help = (
        "Remove the prompts and answers of calls that are older than their project keeps them. "
        "What they cost and took stays. Workers do the same every day."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        for project in Project.objects.order_by("slug"):
            days = retention.days_of(project)
            kept = f"kept for {days} days" if days else "kept forever"
            count = retention.due(project, now).count()
            self.stdout.write(f"{project.slug}: {kept}; {count} calls to be pruned")
        if not options["dry_run"]:
            self.stdout.write(f"Pruned {retention.prune(now)} calls.")
