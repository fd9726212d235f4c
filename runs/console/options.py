"""Command-line options: their types, and the refusals every command shows alike."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.core.management.base import CommandError

from reqplatform.errors import ActionError


def decimal(raw: str) -> Decimal:
    """An argparse type for a number; its range is checked by the action."""
    try:
        return Decimal(raw)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{raw!r} is not a number, such as 0.80") from None


def read_file(name: str) -> bytes:
    """The bytes of a file, or of standard input for "-". Raises CommandError."""
    if name == "-":
        return sys.stdin.buffer.read()
    path = Path(name)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise CommandError(f"There is no file {name}. Check the path.") from None
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from None


@contextmanager
def refusals() -> Iterator[None]:
    """Show what an action refused as a message and exit code 1, without a traceback."""
    try:
        yield
    except ActionError as error:
        raise CommandError(error.message) from error
