#!/usr/bin/env python
"""Django's command-line entry point."""

import os
import select
import sys

READER_LEFT, INTERRUPTED = 1, 130


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reqplatform.settings")
    try:
        try:
            execute()
        finally:
            sys.stdout.flush()  # here, where a reader that left is noticed, not at Python's end
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        if not reader_left():
            raise  # it was another pipe or socket: a fault
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(READER_LEFT)


def execute() -> None:
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit(
            "Django is not installed for this Python. Run 'make setup' and use .venv/bin/python."
        ) from error
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # a setting, which its message names
        raise SystemExit(f"manage.py: {error}") from error


def reader_left() -> bool:
    """Whether nobody reads standard output any more, as in `manage.py extract ... | head`."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)  # errors and hang-ups are told without being asked for
    return bool(poll.poll(0))


if __name__ == "__main__":
    main()
