"""manage.py evaluate: the embedded analyst's accuracy on labelled data."""

import json
from argparse import ArgumentParser
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from runs.evaluating.record import Accuracy, Part, store
from runs.evaluating.scores import Score
from runs.evaluating.sections import SECTIONS, Measured, measured


class Command(BaseCommand):
    help = "Measure the embedded analyst on a folder of labelled data."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, required=True, help="see docs/cli.md")
        parser.add_argument("--only", choices=list(SECTIONS))
        parser.add_argument(
            "--record",
            action="store_true",
            help="keep the figures in runs/evaluating/accuracy.json",
        )
        parser.add_argument("--output", type=Path, help="also write the figures as JSON here")

    def handle(self, *args: Any, **options: Any) -> None:
        figures: dict[str, Measured] = {}
        missing: list[FileNotFoundError] = []
        for name, section in SECTIONS.items():
            if options["only"] in {None, name}:
                try:
                    figures[name] = measured(section, options["data"])
                    self._print(name, figures[name])
                except FileNotFoundError as error:
                    missing.append(error)
                    self.stdout.write(f"{name}: not measured, {error.filename} is missing")
        if not figures:
            raise CommandError(
                f"{missing[0].filename} is missing. --data must have the layout that "
                "docs/cli.md describes."
            )
        if options["record"]:
            self._record(figures)
        if options["output"]:
            shown = {name: _shown(found) for name, found in figures.items()}
            options["output"].write_text(json.dumps(shown, indent=1) + "\n")

    def _record(self, figures: dict[str, Measured]) -> None:
        if set(figures) != set(SECTIONS):
            left_out = ", ".join(sorted(set(SECTIONS) - set(figures)))
            raise CommandError(f"Not recorded: {left_out} was not measured.")
        parts = {
            name: Part(section.title, section.data, section.limits, found.rows, found.averages)
            for name, section in SECTIONS.items()
            for found in [figures[name]]
        }
        store(Accuracy(timezone.localdate().isoformat(), version("reqplatform"), parts))

    def _print(self, name: str, found: Measured) -> None:
        self.stdout.write(
            f"{name:24}{'hits':>7}{'found':>7}{'expected':>10}{'P':>7}{'R':>7}{'F1':>7}"
        )
        for row in found.rows:
            self.stdout.write(
                f"  {row.name:22}{row.hits:7}{row.found:7}{row.expected:10}"
                f"{row.precision:7.3f}{row.recall:7.3f}{row.f1:7.3f}"
            )
        for average, value in found.averages.items():
            self.stdout.write(f"  {average:60}{value:7.3f}")


def _shown(found: Measured) -> dict[str, Any]:
    return {
        "rows": [_row(row) for row in found.rows],
        "averages": {name: round(value, 4) for name, value in found.averages.items()},
    }


def _row(row: Score) -> dict[str, Any]:
    return {
        "name": row.name,
        "hits": row.hits,
        "found": row.found,
        "expected": row.expected,
        "precision": round(row.precision, 4),
        "recall": round(row.recall, 4),
        "f1": round(row.f1, 4),
    }
