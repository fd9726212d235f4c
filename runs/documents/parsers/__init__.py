"""One module per kind of file, behind one Protocol; each is imported when it is first needed."""

from importlib import import_module

from ..kinds import Kind
from .protocol import Parser, Source

__all__ = ["Parser", "Source", "parser_for"]

_MODULES = {
    Kind.TEXT: "plain",
    Kind.MARKDOWN: "markdown",
    Kind.HTML: "html",
    Kind.PDF: "pdf",
    Kind.WORD: "word",
}


def parser_for(kind: Kind) -> Parser:
    """The parser that reads files of `kind`."""
    module = import_module(f"{__name__}.{_MODULES[kind]}")
    parser: Parser = module.PARSER
    return parser
