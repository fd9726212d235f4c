"""manage.py replay_alerts: what would have been told of past days, each by what was known then."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from observability import rollups
from observability.management.projects import find_project
from observability.money import format_usd, to_nusd
from observability.reports.anomalies import (
    LEAST_NUSD,
    CostAnomaly,
    cost_anomalies,
    costs_of,
    judgeable,
)
from observability.reports.asked import MOST_DAYS, Period, today
from observability.reports.cusum import LEAST_RESULTS
from observability.reports.degradation import Degradation, degradations
from observability.reports.names import of_anomalies, of_falls
from observability.reports.weekdays import LEAST_DAYS, LEAST_SPENT
from reqplatform.amounts import MOST_USD
from reqplatform.teams.models import Project


def number_of_days(raw: str) -> int:
    """An argparse type."""
    if not (raw.isascii() and raw.isdigit() and 1 <= int(raw[:9]) <= MOST_DAYS):
        raise ArgumentTypeError(f"{raw!r} is no number of days from 1 to {MOST_DAYS:,}")
    return int(raw)


def dollars(raw: str) -> int:
    """An argparse type for an amount of dollars, as nano-USD."""
    try:
        amount = Decimal(raw)
    except InvalidOperation:
        amount = Decimal(-1)
    if not (amount.is_finite() and 0 <= amount <= MOST_USD):
        raise ArgumentTypeError(f"{raw!r} is no amount of dollars, such as 2.50")
    return to_nusd(amount)


@dataclass(frozen=True, slots=True)
class Told:
    """What would have been told, and on which day of the project."""

    cause: str
    day: date
    message: str
    figures: CostAnomaly | Degradation

    def as_json(self) -> dict[str, Any]:
        return {
            "cause": self.cause,
            "day": self.day,
            "message": self.message,
            "figures": asdict(self.figures),
        }


class Command(BaseCommand):
    help = (
        "Go through the last days of a project, one after the other, and show which alerts of "
        "unusual cost and of falling quality there would have been. Nothing is changed or sent."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", metavar="SLUG", required=True)
        parser.add_argument(
            "--days", metavar="N", type=number_of_days, required=True,
            help="how many days, today among them",
        )  # fmt: skip
        parser.add_argument("--cause", choices=["cost", "quality"], help="only this one")
        parser.add_argument(
            "--least", metavar="USD", type=dollars, default=LEAST_NUSD,
            help="how much above its expectation a day must be (default: "
            f"{format_usd(LEAST_NUSD).removeprefix('$')})",
        )  # fmt: skip
        parser.add_argument("--format", choices=["table", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        project = find_project(options["project"], Project.objects.all())
        replay = Replay(project, options["days"], timezone.now(), options["least"])
        found = replay.told(options["cause"])
        if options["format"] == "json":
            rows = [one.as_json() for one in found]
            self.stdout.write(json.dumps(rows, indent=1, default=str))
            return
        if found:
            self._table(project, found)
        for line in replay.summary(found, options["cause"]):
            self.stdout.write(line)

    def _table(self, project: Project, found: Iterable[Told]) -> None:
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        table = Table(title=f"{escape(project.name)}: what would have been told")
        for column in ("Day", "Cause", "Alert"):
            table.add_column(column, no_wrap=column == "Day")
        for one in found:
            table.add_row(f"{one.day:%Y-%m-%d}", one.cause, escape(one.message))
        console = Console(highlight=False, emoji=False)
        with console.capture() as shown:
            console.print(table)
        self.stdout.write(shown.get())


class Replay:
    """The last days of a project; it reads all of them once."""

    def __init__(self, project: Project, days: int, now: datetime, least_nusd: int) -> None:
        self.project = project
        self.today = today(project, now)
        self.period = Period.of_days(days, self.today)
        self.least_nusd = least_nusd

    def told(self, cause: str | None = None) -> list[Told]:
        """By day; costs before quality."""
        found: list[Told] = []
        if cause != "quality":
            days = cost_anomalies(self.project.pk, self.period, self.today, self.least_nusd)
            names = of_anomalies(self.project.pk, days)
            found += [Told("cost", one.day, one.message(names), one) for one in days]
        if cause != "cost":
            falls = degradations(self.project.pk, self.period)
            known = of_falls(self.project.pk, falls)
            found += [Told("quality", one.day, one.message(known), one) for one in falls]
        return sorted(found, key=lambda one: (one.day, one.cause))

    def summary(self, found: Iterable[Told], cause: str | None) -> Iterable[str]:
        """How much there was to judge, and by what."""
        of = [one.cause for one in found]
        if cause != "quality":
            first, last = self.period.first.toordinal(), self.period.last.toordinal()
            days = judgeable(costs_of(self.project.pk, self.period), first, last)
            yield (
                f"Cost: {of.count('cost')} told, of {days} days that could be judged: those of the "
                f"{self.period.days} that have {LEAST_DAYS} days before them, {LEAST_SPENT} of "
                "which cost anything."
            )
        if cause != "cost":
            yield (
                f"Quality: {of.count('quality')} told. A subsystem is watched from its judged run "
                f"{LEAST_RESULTS + 1} on."
            )
        if due := rollups.due(self.project.pk):
            yield (
                f"{due} calls and records are not in the sums yet and were not counted; a worker "
                "adds them up, or 'python manage.py rebuild_rollups'."
            )
