"""The base of the commands whose exit codes scripts read."""

import sys
from functools import partial
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

PASSED, FAILED, MISSED, INTERRUPTED = 0, 1, 2, 130


class ConsoleCommand(BaseCommand):
    """A wrong option exits with 1; argparse's own 2 would read as a missed gate."""

    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        if parser.called_from_command_line:  # else Django's own raises CommandError
            parser.error = partial(_refuse, parser)  # type: ignore[method-assign]
        return parser


def _refuse(parser: CommandParser, message: str) -> NoReturn:
    parser.print_usage(sys.stderr)
    parser.exit(FAILED, f"{parser.prog}: error: {message}\n")


def check_queue() -> None:
    """Raise CommandError, with what to do, unless the queue answers."""
    from django_q.brokers import get_broker

    try:
        get_broker().ping()
    except Exception as error:  # whatever its client raises
        raise CommandError(
            f"The queue at REDIS_URL cannot be reached: {error} Start that server, or leave "
            "REDIS_URL empty to keep the queue in the database."
        ) from error


def check_database() -> None:
    """Raise CommandError, with what to do, unless all migrations have been applied."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(
            "The database is not up to date. Run 'make demo' for a first look, or "
            "'python manage.py migrate' and 'python manage.py load_skills'."
        )
