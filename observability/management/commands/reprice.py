"""manage.py reprice: what the calls on record would cost at today's prices."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from observability.management.projects import find_project
from observability.money import format_usd
from observability.repricing import Drift, reprice
from reqplatform.teams.models import Project


def day(raw: str) -> datetime:
    """An argparse type for a date, as the beginning of that day in UTC."""
    try:
        return timezone.make_aware(datetime.strptime(raw, "%Y-%m-%d"))  # noqa: DTZ007
    except ValueError:
        raise ArgumentTypeError(f"{raw!r} is no date, such as 2026-11-01") from None


class Command(BaseCommand):
    help = (
        "Compute what every call would cost at today's prices, beside what was booked, which stays "
        "as it is, and show the drift."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=day, metavar="YYYY-MM-DD")
        parser.add_argument("--project", metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        project_id = None
        if options["project"]:
            project_id = find_project(options["project"], Project.objects.all()).pk
        drifts = reprice(options["since"], project_id)
        if not drifts:
            self.stdout.write("No call on record has a price.")
        for drift in drifts:
            self.stdout.write(_told(drift))


def _told(drift: Drift) -> str:
    if drift.why:
        return f"{drift.model}: {drift.calls} calls left as they are. {drift.why}"
    sign = "+" if drift.difference_nusd > 0 else ""
    share = drift.difference_nusd / drift.booked_nusd if drift.booked_nusd else 0.0
    return (
        f"{drift.model}: {drift.calls} calls booked at {format_usd(drift.booked_nusd)}, today "
        f"{format_usd(drift.repriced_nusd)} ({sign}{format_usd(drift.difference_nusd)}, "
        f"{share:+.1%})"
    )
