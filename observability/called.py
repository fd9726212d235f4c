"""What things of the room above are called; that room hands the names in."""

from collections.abc import Callable

_subsystem: Callable[[int], str] | None = None


def register_subsystem(name: Callable[[int], str]) -> None:
    """By the id of a subsystem, "NAV Navigation"."""
    global _subsystem
    _subsystem = name


def subsystem(pk: int | None) -> str:
    if pk is None:
        return "No subsystem"
    return _subsystem(pk) if _subsystem is not None else f"Subsystem {pk}"
