"""manage.py import_domain: a project's domain from a Markdown file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reqplatform.errors import ActionError
from reqplatform.teams.models import Project
from skills import domain as domains
from skills.actions.domains import save_domain


class Command(BaseCommand):
    help = "Save a Markdown file as a new version of a project's domain, or only check it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="docs/domains.md says how it is written")
        parser.add_argument("--project", help="the project's slug")
        parser.add_argument("--changelog", default="", help="what changed and why")
        parser.add_argument("--check", action="store_true", help="show what it says, save nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = options["file"].read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} can't be read as UTF-8 text: {error}") from error
        try:
            content = domains.parse(text)
        except domains.DomainTextError as error:
            raise CommandError(f"{options['file']} was not taken.\n{error}") from error
        self._show(content)
        if options["check"]:
            return
        project = Project.objects.filter(slug=options["project"] or "").first()
        if project is None:
            raise CommandError("Say which project with --project SLUG, or only --check the file.")
        try:
            version = save_domain(None, project, text, options["changelog"])
        except ActionError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{version} is in use for runs that start from now on.")

    def _show(self, content: domains.DomainContent) -> None:
        self.stdout.write(content.name)
        for title, values in (
            ("Identifiers", content.identifiers),
            ("Modal verbs", content.modals),
            ("Templates", content.templates),
            ("Subsystems", [each.subsystem for each in content.subsystems]),
        ):
            self.stdout.write(f"  {title}: {', '.join(values) or 'none'}")
        self.stdout.write(f"  Examples: {len(content.examples)}")
        self.stdout.write(f"  Terms: {len(content.glossary)}")
        for term in content.glossary:
            instead = f" (not {', '.join(term.forbidden)})" if term.forbidden else ""
            self.stdout.write(f"    {term.name}{instead}")
