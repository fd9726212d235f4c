"""manage.py lint: what the quality rules say of requirements in a plain file."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from runs.console.command import ConsoleCommand
from runs.console.options import read_file
from runs.quality.lint import LintResult, lint_all
from runs.quality.reading import StatementsUnreadableError, read_statements


class Command(ConsoleCommand):
    help = "Check requirements, one a line or a CSV with a `text` column, against the rules."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a file, or - for standard input")
        parser.add_argument("--format", choices=["json", "table"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        content = read_file(options["file"])
        name = "standard input" if options["file"] == "-" else options["file"]
        try:
            results = lint_all(read_statements(content, name))
        except StatementsUnreadableError as error:
            raise CommandError(str(error)) from error
        if options["format"] == "json":
            shown = [_shown(result) for result in results]
            self.stdout.write(json.dumps(shown, indent=1, ensure_ascii=False))
        else:
            _print_table(results)


def _shown(result: LintResult) -> dict[str, Any]:
    return {
        "text": result.text,
        "score": None if result.score is None else round(result.score, 4),
        "findings": [
            {
                "rule": finding.rule,
                "dimension": finding.dimension.value,
                "severity": finding.severity.value,
                "start": finding.start,
                "end": finding.end,
                "message": finding.message,
                "suggestion": finding.suggestion,
            }
            for finding in result.findings
        ],
    }


def _print_table(results: list[LintResult]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("Score", "Requirement and findings")
    for result in results:
        lines = [escape(result.text)]
        for finding in result.findings:
            quote = result.text[finding.start : finding.end]
            lines.append(
                f"  [dim]{finding.severity} {finding.rule}[/dim] “{escape(quote)}”: "
                f"{escape(finding.message)} {escape(finding.suggestion)}"
            )
        score = "n/a" if result.score is None else f"{result.score:.2f}"
        table.add_row(score, "\n".join(lines))
    Console(highlight=False, emoji=False).print(table)
