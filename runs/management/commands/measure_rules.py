"""manage.py measure_rules: the precision of the quality rules on labelled passages, on record."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from runs.evaluating.smells import LOOKED_AT, precision_of_rules, read_passages
from runs.quality.precision import Measurement, Precision, store


class Command(BaseCommand):
    help = (
        "Measure how often each rule's findings are labelled too, on the documents that nobody "
        "looked at while the rules were written, and keep it in runs/quality/precision.json."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, required=True, help="has smells/ds2.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        file = options["data"] / "smells" / "ds2.csv"
        try:
            passages = read_passages(file)
        except (FileNotFoundError, KeyError) as error:
            raise CommandError(
                f"{file} is missing or has other columns ({error}). runs/evaluating/smells.py says "
                "which it must have."
            ) from error
        unseen = [one for one in passages if one.document not in LOOKED_AT]
        documents = len({one.document for one in unseen})
        rules = {rule: Precision(*counts) for rule, counts in precision_of_rules(unseen).items()}
        basis = f"ARTA DS2: the {len(unseen)} passages of {documents} documents not looked at"
        store(Measurement(timezone.localdate().isoformat(), basis, rules))
        self.stdout.write(basis)
        for rule, precision in sorted(rules.items()):
            self.stdout.write(f"  {rule:28}{precision}")
