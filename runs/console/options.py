"""Command-line options: their types, and the refusals every command shows alike."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError

from reqplatform.errors import ActionError
from runs.console.command import check_database


def decimal(raw: str) -> Decimal:
    """An argparse type for a number; its range is checked by the action."""
    try:
        return Decimal(raw)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{raw!r} is not a number, such as 0.80") from None


def read_file(name: str) -> bytes:
    """The bytes of a file, or of standard input for "-". Raises CommandError, also for more than
    SPECIFICATION_MAX_BYTES, of which no more is read than shows that.
    """
    if name == "-":
        return _limited(sys.stdin.buffer, "Standard input")
    try:
        with Path(name).open("rb") as stream:
            return _limited(stream, name)
    except FileNotFoundError:
        raise CommandError(f"There is no file {name}. Check the path.") from None
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from None


def _limited(stream: BinaryIO, name: str) -> bytes:
    limit = settings.SPECIFICATION_MAX_BYTES
    content = stream.read(limit + 1)
    if len(content) > limit:
        raise CommandError(
            f"{name} is too large: the limit is {limit / 2**20:.0f} MB. Split it into parts, or "
            "save it without pictures."
        )
    return content


@contextmanager
def refusals() -> Iterator[None]:
    """Show what an action refused as a message and exit code 1, without a traceback."""
    try:
        yield
    except ActionError as error:
        raise CommandError(error.message) from error
    except DatabaseError:
        check_database()  # says so if that is only because nobody has migrated it
        raise
