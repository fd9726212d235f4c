"""manage.py evaluate: the embedded analyst's accuracy on labelled documents."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from runs.evaluation import Score, allocation, extraction, total, trace

PARTS = {"extraction": extraction, "trace": trace, "allocation": allocation}


class Command(BaseCommand):
    help = "Measure extraction, trace links and allocation on a folder of labelled documents."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, required=True, help="see docs/cli.md")
        parser.add_argument("--only", choices=sorted(PARTS))
        parser.add_argument("--output", type=Path, help="also write the figures as JSON here")

    def handle(self, *args: Any, **options: Any) -> None:
        figures: dict[str, list[Score]] = {}
        for part, measure in PARTS.items():
            if options["only"] in {None, part}:
                try:
                    figures[part] = list(measure(options["data"]))
                except FileNotFoundError as error:
                    raise CommandError(
                        f"{error.filename} is missing. --data must have the layout that "
                        "docs/cli.md describes."
                    ) from error
                self._print(part, figures[part])
        if options["output"]:
            shown = {part: [_shown(row) for row in rows] for part, rows in figures.items()}
            options["output"].write_text(json.dumps(shown, indent=1))

    def _print(self, part: str, scores: list[Score]) -> None:
        self.stdout.write(
            f"{part:24}{'hits':>7}{'found':>7}{'expected':>10}{'P':>7}{'R':>7}{'F1':>7}"
        )
        for row in [*scores, total(scores)]:
            self.stdout.write(
                f"  {row.name:22}{row.hits:7}{row.found:7}{row.expected:10}"
                f"{row.precision:7.3f}{row.recall:7.3f}{row.f1:7.3f}"
            )


def _shown(row: Score) -> dict[str, Any]:
    return {
        "name": row.name,
        "hits": row.hits,
        "found": row.found,
        "expected": row.expected,
        "precision": round(row.precision, 4),
        "recall": round(row.recall, 4),
        "f1": round(row.f1, 4),
    }
