"""manage.py work: workers without a web server, for machines beside the one that serves pages."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from observability import langsmith
from runs.console.command import check_database, check_queue
from runs.serving import children
from runs.serving.together import run_together


class Command(BaseCommand):
    help = (
        "Execute runs and what belongs to them. SIGTERM drains: each worker finishes the node that "
        "it is at and leaves its run to another; a second signal ends it at once."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--drain",
            type=float,
            default=600,
            metavar="SECONDS",
            help="how long the workers may take to finish their nodes (600)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        check_database()
        check_queue()
        self.stderr.write(f"Workers are up (Ctrl-C stops them). Costs: {langsmith.mode_line()}")
        run_together(
            self.stderr,
            children.clusters,
            drain_seconds=options["drain"],
        )
