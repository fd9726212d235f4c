"""Load the methods of skills/library/ into the database. Safe to repeat."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reqplatform.errors import ActionError
from skills.loading import load_library


class Command(BaseCommand):
    help = "Loads the four methods of the library; repeating it changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_library()
        except ActionError as error:
            raise CommandError(error.message) from error
        for item in loaded:
            if options["verbosity"] > 0:
                self.stdout.write(item.message)
            for warning in item.warnings:
                self.stderr.write(f"{item.version}: {warning}")
