"""manage.py extract: the requirements of a specification, without a project or a database."""

import csv
import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from runs.console.command import ConsoleCommand
from runs.console.options import read_file
from runs.documents import Document, DocumentRefused, parse_safely
from runs.passages import Passage, locate, requests

CHUNK = 200_000  # characters
COLUMNS = (
    "id", "text", "type", "quality_class", "section", "page", "start", "end", "modal", "confidence",
    "statement", "parts",
)  # fmt: skip


class Command(ConsoleCommand):
    help = "Print the requirements of a specification with their pages and character spans."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("specification", help=".txt, .md, .docx or .pdf")
        parser.add_argument("--format", choices=["json", "csv", "table"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["specification"]
        try:
            document = parse_safely(read_file(name), Path(name).name)
        except DocumentRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        warnings = list(document.warnings)
        rows = extracted(document, warnings)
        if options["format"] == "json":
            _write_json(document, rows, warnings)
            return
        if options["format"] == "csv":
            writer = csv.DictWriter(sys.stdout, COLUMNS, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(_flat(row) for row in rows)
        else:
            _print_table(rows)
        for warning in warnings:
            self.stderr.write(f"! {warning}")


def extracted(document: Document, warnings: list[str]) -> Iterator[dict[str, Any]]:
    """The requirements that the embedded analyst finds, each with its parts, request by request, so
    that a document of any size takes little memory. What had to be left out is appended to
    `warnings`.
    """
    from runs.analyst.extract import extract

    ordinal = 0
    for request in requests(document, CHUNK):
        found, left_out = locate(document, request, extract(request, {}))
        warnings += left_out
        row: dict[str, Any] | None = None
        for passage in found:
            ordinal += 1
            if row is not None and passage.answer.part:
                row["parts"].append(_row(ordinal, passage))
                continue
            if row is not None:
                yield row
            row = {**_row(ordinal, passage), "parts": []}
        if row is not None:
            yield row


def _write_json(document: Document, rows: Iterable[dict[str, Any]], warnings: list[str]) -> None:
    """One object, its requirements a line each; the warnings are complete only after them."""
    head = json.dumps({"document": document.name, "pages": document.pages}, ensure_ascii=False)
    sys.stdout.write(f'{head[:-1]}, "requirements": [')
    for number, row in enumerate(rows):
        sys.stdout.write(",\n" if number else "\n")
        sys.stdout.write(json.dumps(row, ensure_ascii=False))
    sys.stdout.write(f'\n], "warnings": {json.dumps(warnings, ensure_ascii=False)}}}\n')


def _row(ordinal: int, passage: Passage) -> dict[str, Any]:
    lead_in = None
    if passage.lead_in_span:
        start, end = passage.lead_in_span
        lead_in = {"text": passage.lead_in, "start": start, "end": end}
    quality = passage.answer.quality_class
    return {
        "id": passage.answer.identifier or f"SR-{ordinal:03d}",
        "text": passage.text,
        "type": passage.answer.type.value,
        "quality_class": quality.value if quality else "",
        "section": passage.section,
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "modal": passage.answer.modal,
        "confidence": round(passage.answer.confidence, 3),
        "lead_in": lead_in,
        "statement": passage.statement,
    }


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A line of CSV: the parts' texts, one below the other, in the requirement's own cell."""
    return {**row, "parts": "\n".join(part["text"] for part in row["parts"])}


def _print_table(rows: Iterable[dict[str, Any]]) -> None:
    from rich.table import Table

    from runs.console.terminal import terminal

    table = Table()
    for column in ("Id", "Page", "Type", "Requirement"):
        table.add_column(column)
    for row in rows:
        for each in (row, *row["parts"]):
            table.add_row(each["id"], str(each["page"]), each["type"], each["statement"])
    terminal().print(table)
