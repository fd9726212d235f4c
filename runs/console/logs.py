"""What a command tells by itself is not logged to the same terminal as well."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

# Failures of calls, which are events of the run, and stops of a run, which a command ends with.
TOLD = ("observability.llm.attempt", "runs.actions.execute")


def _has_more_to_say(record: logging.LogRecord) -> bool:
    """A traceback, or an error, is told by the log alone."""
    return record.levelno >= logging.ERROR or bool(record.exc_info)


@contextmanager
def told_once() -> Iterator[None]:
    """Within, warnings of what a command tells are not logged, unless they carry a traceback."""
    loggers = [logging.getLogger(name) for name in TOLD]
    for logger in loggers:
        logger.addFilter(_has_more_to_say)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(_has_more_to_say)
