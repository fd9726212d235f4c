"""manage.py generate_reports: the reports of the pages, in the terminal or in files."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from ninja.responses import NinjaJSONEncoder

from observability import rollups
from observability.management.projects import find_project, listed
from reqplatform.teams.models import Project
from runs.console.command import ConsoleCommand
from runs.console.options import refusals
from runs.console.report_tables import as_text, print_report
from runs.console.terminal import terminal
from runs.reporting.asking import Words
from runs.reporting.bundles import content_of, file_name
from runs.reporting.files import write_csv
from runs.reporting.making import OF_COSTS, Report, ReportName, make, offered
from runs.routers.report_answers import answer_of

FORMATS = ("table", "csv", "xlsx", "ods", "json", "html")
PRINTED = ("table", "json")
SUFFIXES = {"table": "txt"}
FILTERS = ("subsystem", "person", "node", "model", "source", "skill", "rule")
COST_FILTERS, QUALITY_FILTERS = {"node", "model", "source"}, {"skill", "rule"}


class Command(ConsoleCommand):
    help = (
        "Write the reports on costs, quality, subsystems and energy: to the terminal, or with "
        "--output to files. The figures are those of the pages and of the API."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = [name.value for name in ReportName]
        parser.add_argument("--report", choices=["all", *names], default="all")
        parser.add_argument(
            "--project", metavar="SLUG", help="only this one; without: all that are not archived"
        )
        parser.add_argument("--days", type=int, metavar="N", help="up to today; 30 without a word")
        parser.add_argument("--month", metavar="YYYY-MM", help="a calendar month")
        parser.add_argument("--first", type=date.fromisoformat, metavar="YYYY-MM-DD")
        parser.add_argument("--last", type=date.fromisoformat, metavar="YYYY-MM-DD")
        for name in FILTERS:
            parser.add_argument(f"--{name}", help=_HELP[name])
        parser.add_argument("--format", choices=FORMATS, default="table")
        parser.add_argument("--output", type=Path, metavar="DIR", help="a folder for the files")

    def handle(self, *args: Any, **options: Any) -> None:
        style, output = options["format"], options["output"]
        if output is None and style not in PRINTED:
            raise CommandError(f"{style} is written to files: say where with --output DIR.")
        with refusals():
            projects = _projects(options["project"])
            for project in projects:
                rollups.refresh(project.pk)
            reports = [
                make(name, project, _words(options), timezone.now())
                for project in projects
                for name in _names(options)
            ]
        if output is None:
            self._print(reports, style)
            return
        for path in _write(reports, style, output):
            self.stdout.write(str(path))

    def _print(self, reports: Sequence[Report], style: str) -> None:
        if style == "json":
            self.stdout.write(_dumped(_json(reports)))
            return
        for number, report in enumerate(reports):
            if number:
                terminal().print()
            print_report(report)


_HELP = {
    "subsystem": "its code, or none",
    "person": "a user name, or none",
    "node": "an agent, for the reports on costs and energy",
    "model": "provider/model, for the reports on costs and energy",
    "source": "of the cost, for the reports on costs and energy",
    "skill": "slug@version, for the reports on quality",
    "rule": "runs in which it found something, for the reports on quality",
}


def _projects(slug: str | None) -> list[Project]:
    every = Project.objects.order_by("slug")
    if slug:
        return [find_project(slug, every)]
    found = list(every.filter(archived_at=None))
    if not found:
        raise CommandError(listed(every))
    return found


def _names(options: dict[str, Any]) -> list[ReportName]:
    """Raises CommandError for a filter that the report does not have."""
    chosen = options["report"]
    names = offered() if chosen == "all" else [ReportName(chosen)]
    given = {name for name in FILTERS if options[name]}
    for name in names:
        wrong = given & (QUALITY_FILTERS if name in OF_COSTS else COST_FILTERS)
        if wrong:
            raise CommandError(
                f"The report {name} has no filter --{min(wrong)}. Name the report that has it with "
                f"--report {'quality' if name in OF_COSTS else 'cost'}, or leave it out."
            )
    return names


def _words(options: dict[str, Any]) -> Words:
    return Words(**{name: options[name] for name in ("days", "month", "first", "last", *FILTERS)})


def _json(reports: Sequence[Report]) -> dict[str, dict[str, Any]]:
    """By project and report, as the API answers them."""
    found: dict[str, dict[str, Any]] = {}
    for report in reports:
        answers = found.setdefault(report.project.slug, {})
        answers[report.name] = answer_of(report).model_dump()
    return found


def _dumped(answer: dict[str, Any]) -> str:
    """As the API writes it."""
    return json.dumps(answer, cls=NinjaJSONEncoder, indent=1, ensure_ascii=False)


def _write(reports: Sequence[Report], style: str, folder: Path) -> list[Path]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [path for report in reports for path in _files(report, style, folder)]
    except OSError as error:
        raise CommandError(
            f"{error.filename or folder} cannot be written: {error.strerror}."
        ) from error


def _files(report: Report, style: str, folder: Path) -> list[Path]:
    path = folder / file_name(report, SUFFIXES.get(style, style))
    if style == "csv":
        return write_csv(report.tables, path.with_suffix(""))
    if style == "json":
        path.write_text(f"{_dumped(answer_of(report).model_dump())}\n", "utf-8")
    elif style == "table":
        path.write_text(as_text(report), "utf-8")
    else:
        path.write_bytes(content_of(report, style))
    return [path]
