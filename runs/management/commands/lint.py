"""manage.py lint: what the quality rules say of requirements in a plain file."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandError

from runs.console.command import ConsoleCommand
from runs.console.options import read_file
from runs.quality.finding import Finding
from runs.quality.lint import LintResult, lint_all
from runs.quality.lint_set import Weighed, WeighedResult
from runs.quality.reading import StatementsUnreadableError, read_statements


class Command(ConsoleCommand):
    help = "Check requirements, one a line or a CSV with a `text` column, against the rules."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a file, or - for standard input")
        parser.add_argument(
            "--project", metavar="SLUG", help="with its domain, its dismissals and its terms"
        )
        parser.add_argument("--format", choices=["json", "table"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        content = read_file(options["file"])
        name = "standard input" if options["file"] == "-" else options["file"]
        try:
            texts = read_statements(content, name)
        except StatementsUnreadableError as error:
            raise CommandError(str(error)) from error
        slug = options["project"]
        results: Sequence[LintResult | WeighedResult] = (
            _in_project(slug, texts) if slug else lint_all(texts)
        )
        if options["format"] == "json":
            shown = [_shown(result) for result in results]
            self.stdout.write(json.dumps(shown, indent=1, ensure_ascii=False))
        else:
            _print_table(results)


def _in_project(slug: str, texts: list[str]) -> list[WeighedResult]:
    from runs.actions.linting import lint_in_project
    from runs.console.finding import find_project
    from runs.console.options import refusals

    with refusals():
        return lint_in_project(find_project(slug), texts)


def _shown(result: LintResult | WeighedResult) -> dict[str, Any]:
    return {
        "text": result.text,
        "score": None if result.score is None else round(result.score, 4),
        "findings": [_shown_finding(each) for each in result.findings],
    }


def _shown_finding(found: Finding | Weighed) -> dict[str, Any]:
    """With its weight where a project gives it one."""
    finding = found.finding if isinstance(found, Weighed) else found
    shown = {
        "rule": finding.rule,
        "dimension": finding.dimension.value,
        "severity": finding.severity.value,
        "start": finding.start,
        "end": finding.end,
        "message": finding.message,
        "suggestion": finding.suggestion,
    }
    return {**shown, "weight": found.weight} if isinstance(found, Weighed) else shown


def _said_of_weight(found: Finding | Weighed) -> str:
    if not isinstance(found, Weighed) or found.weight == 1:
        return ""
    return " (dismissed here)" if not found.weight else f" (weighs {found.weight:.2f} here)"


def _print_table(results: Sequence[LintResult | WeighedResult]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("Score", "Requirement and findings")
    for result in results:
        lines = [escape(result.text)]
        for found in result.findings:
            finding = found.finding if isinstance(found, Weighed) else found
            quote = result.text[finding.start : finding.end]
            lines.append(
                f"  [dim]{finding.severity} {finding.rule}[/dim] “{escape(quote)}”: "
                f"{escape(finding.message)} {escape(finding.suggestion)}"
                f"{_said_of_weight(found)}"
            )
        score = "n/a" if result.score is None else f"{result.score:.2f}"
        table.add_row(score, "\n".join(lines))
    Console(highlight=False, emoji=False).print(table)
