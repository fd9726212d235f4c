"""manage.py replay_alerts: what the warnings about costs and quality would have said."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from observability import rollups
from observability.called import subsystem
from observability.management.projects import find_project
from observability.reports.anomalies import LEAST_NUSD, History
from observability.reports.asked import MOST_DAYS, today
from observability.reports.degradation import all_degradations
from reqplatform.teams.models import Project

CAUSES = ("cost", "quality")


@dataclass(frozen=True, slots=True)
class Fired:
    day: date
    cause: str
    subject: str
    text: str


class Command(BaseCommand):
    help = (
        "Go over the history of a project, each day with what was known then, and say which days "
        "would have been cost anomalies and when quality would have been found to fall. Changes "
        "nothing."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", metavar="SLUG", required=True)
        parser.add_argument("--days", type=int, default=90, metavar="N", help="up to today")
        parser.add_argument("--cause", choices=["all", *CAUSES], default="all")
        parser.add_argument("--format", choices=["table", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        project = find_project(options["project"], Project.objects.all())
        days, causes = options["days"], options["cause"]
        if not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--days is from 1 to {MOST_DAYS:,}.")
        rollups.refresh(project.pk)
        last = today(project, timezone.now())
        first = last - timedelta(days=days - 1)
        fired: list[Fired] = []
        if causes in ("all", "cost"):
            fired += _costs(project, first, last)
        if causes in ("all", "quality"):
            fired += _quality(project, first, last)
        fired.sort(key=lambda one: (one.day, one.cause, one.subject))
        if options["format"] == "json":
            rows = [
                {"day": str(one.day), "cause": one.cause, "subject": one.subject, "text": one.text}
                for one in fired
            ]
            self.stdout.write(json.dumps(rows, indent=1, ensure_ascii=False))
        else:
            self._table(fired, f"{first} to {last}, {days} days")

    def _table(self, fired: list[Fired], asked: str) -> None:
        from rich.console import Console
        from rich.table import Table

        console = Console(highlight=False, markup=False, emoji=False)
        console.print(asked)
        if not fired:
            console.print("Nothing would have fired.")
            return
        table = Table(box=None, pad_edge=False)
        for title in ("Day", "Warning", "About", "What it would have said"):
            table.add_column(title, overflow="fold")
        for one in fired:
            table.add_row(str(one.day), one.cause, one.subject, one.text)
        console.print(table)


def _costs(project: Project, first: date, last: date) -> Iterator[Fired]:
    days = (last - first).days
    history = History.of(project, last, days)
    for number in range(days + 1):
        day = first + timedelta(days=number)
        found = history.anomaly(day, least_nusd=LEAST_NUSD)
        if found is not None:
            yield Fired(day, "cost", "the day", found.text)


def _quality(project: Project, first: date, last: date) -> Iterator[Fired]:
    """A chart only ever looks back, so one walk over all runs is each day with what was known."""
    for one in all_degradations(project):
        day = today(project, one.told_at)
        if first <= day <= last:
            yield Fired(day, "quality", subsystem(one.subsystem), one.text)
