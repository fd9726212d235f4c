"""manage.py serve: the web server and the workers together, on one machine."""

import socket
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from observability import langsmith
from runs.console.command import check_database, check_queue
from runs.serving import children
from runs.serving.children import Child
from runs.serving.together import run_together

DRAIN_SECONDS = 15.0


class Command(BaseCommand):
    help = "Serve the pages and the API, and execute runs. Ctrl-C stops both."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        check_database()
        check_queue()
        check_port(host, port)

        def begin() -> Iterator[Child]:
            yield children.web_server(host, port)
            yield from children.clusters()
            self.stderr.write(f"ReqPlatform is at http://{host}:{port}  (Ctrl-C stops it)")
            self.stderr.write(f"Costs: {langsmith.mode_line()}")

        run_together(self.stderr, begin, drain_seconds=DRAIN_SECONDS)


def check_port(host: str, port: int) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"{host}:{port} cannot be used: {error.strerror}. Stop what uses it, or give "
                "another port: python manage.py serve --port 8001"
            ) from error
