"""Specifications as files, and what they say: `parse_safely(content, name) -> Document`."""

from typing import TYPE_CHECKING

from .document import Document
from .errors import DocumentRefused
from .kinds import SUPPORTED_EXTENSIONS

if TYPE_CHECKING:
    from .parsing import parse
    from .sandbox import parse_safely

__all__ = ["SUPPORTED_EXTENSIONS", "Document", "DocumentRefused", "parse", "parse_safely"]


def __getattr__(name: str) -> object:
    """Load the parsing machinery when it is first asked for."""
    if name == "parse":
        from .parsing import parse

        return parse
    if name == "parse_safely":
        from .sandbox import parse_safely

        return parse_safely
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
