"""manage.py reconcile: set LangSmith's account of a run beside ours, now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from observability import langsmith
from runs.console.command import ConsoleCommand
from runs.console.finding import find_run
from runs.console.options import refusals


class Command(ConsoleCommand):
    help = "Ask LangSmith what a run's calls used, and settle by that what is unconfirmed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", metavar="RUN", help="its id, or the end of it")

    def handle(self, *args: Any, **options: Any) -> None:
        from runs.actions.reconcile import in_words, reconcile

        if not langsmith.is_on():
            raise CommandError(f"Nothing is traced ({langsmith.mode_line()}).")
        with refusals():
            report = reconcile(find_run(options["run"]).pk, already=99)
        self.stdout.write(in_words(report))
