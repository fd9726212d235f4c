"""manage.py link: propose trace links between two sets that exist already."""

import csv
import io
import json
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from runs.console.command import ConsoleCommand
from runs.console.options import read_file
from skills.domain import DomainTextError, parse


class Command(ConsoleCommand):
    help = "Propose parent-child links between two sets of requirements."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kind = "a folder of <id>.txt files, or a CSV with the columns id and text"
        parser.add_argument("--parents", required=True, help=kind)
        parser.add_argument("--children", required=True, help=kind)
        parser.add_argument(
            "--glossary",
            help="a CSV with the columns term and other_name, or a domain as Markdown (.md)",
        )
        parser.add_argument("--format", choices=["json", "table"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        from runs.analyst.link import link

        links = link(
            read_items(options["parents"]),
            read_items(options["children"]),
            read_glossary(options["glossary"]) if options["glossary"] else None,
        )
        rows = [
            {
                "parent": item.parent,
                "child": item.child,
                "score": item.score,
                "confidence": item.confidence,
                "relationship": item.relationship,
                "words": list(item.words),
            }
            for item in links
        ]
        if options["format"] == "json":
            self.stdout.write(json.dumps(rows, indent=1, ensure_ascii=False))
        elif rows:
            _print_table(rows)
        else:
            self.stdout.write("No child is near enough to a parent to propose a link.")


def read_items(name: str) -> dict[str, str]:
    """id -> text of a folder or a CSV file. Raises CommandError."""
    path = Path(name)
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.is_file() and file.name[0] != ".")
        items = {file.name.removesuffix(".txt"): _decoded(read_file(str(file))) for file in files}
    else:
        items = _from_csv(_decoded(read_file(name)), name)
    if not items:
        raise CommandError(f"{name} holds no items: put one <id>.txt file for each in a folder.")
    return items


def read_glossary(name: str) -> Mapping[str, Sequence[str]]:
    """term -> its other names. Raises CommandError."""
    if name.endswith(".md"):
        try:
            return parse(_decoded(read_file(name))).other_names()
        except DomainTextError as error:
            raise CommandError(f"{name} was not taken.\n{error}") from error
    reader = csv.DictReader(io.StringIO(_decoded(read_file(name))))
    if not {"term", "other_name"} <= set(reader.fieldnames or []):
        raise CommandError(f"{name} must have the columns term and other_name in its first line.")
    glossary: dict[str, list[str]] = {}
    for row in reader:
        term, other = (row["term"] or "").strip(), (row["other_name"] or "").strip()
        if not term or not other:
            raise CommandError(f"{name}, line {reader.line_num}: both columns must be filled.")
        glossary.setdefault(term, []).append(other)
    return glossary


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _from_csv(text: str, name: str) -> dict[str, str]:
    reader = csv.DictReader(io.StringIO(text))
    if not {"id", "text"} <= set(reader.fieldnames or []):
        raise CommandError(f"{name} must have the columns id and text in its first line.")
    items: dict[str, str] = {}
    for row in reader:
        key = (row["id"] or "").strip()
        if not key or key in items:
            problem = "is used twice" if key else "is empty"
            raise CommandError(f"{name}, line {reader.line_num}: the id {key!r} {problem}.")
        items[key] = row["text"] or ""
    return items


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from runs.console.terminal import terminal

    table = Table("Parent", "Child", "Confidence", "Relationship", "Because of")
    for row in rows:
        table.add_row(
            row["parent"],
            row["child"],
            f"{row['confidence']:.2f}",
            row["relationship"],
            ", ".join(row["words"]),
        )
    terminal().print(table)
