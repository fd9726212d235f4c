"""A file's bytes into a `Document`, in this process. Servers use `sandbox.parse_safely`."""

import logging
from dataclasses import replace

from .document import Document
from .errors import DocumentRefused
from .kinds import Kind, kind_of
from .languages import judge
from .limits import MAX_BYTES
from .parsers import Source, parser_for

logger = logging.getLogger(__name__)


def parse(content: bytes, name: str) -> Document:
    """Read a specification. `name` is the file's name; its extension must fit the content.

    Raises nothing but DocumentRefused, whose codes are: empty, too_large, unsupported_extension,
    wrong_type, encrypted, corrupt, unreadable_encoding, too_many_pages, too_many_parts,
    too_complex, no_text, not_english (and time_limit from `parse_safely`).
    """
    check_size(content)
    kind = kind_of(content, name)
    try:
        document = parser_for(kind).parse(Source(content, name, kind.value))
    except DocumentRefused:
        raise
    except (MemoryError, RecursionError) as error:
        raise DocumentRefused(
            "too_complex",
            "Reading the document takes more memory than one document may use here. Remove large "
            "pictures or split it into several documents.",
        ) from error
    except Exception as error:
        logger.exception("the %s parser failed on %d bytes", kind.name, len(content))
        raise DocumentRefused(
            "corrupt",
            "The file is damaged: it could not be read to its end. Open it in the program that "
            "made it, save it again under a new name and upload that.",
        ) from error
    _check_content(document, kind)
    language, warnings = judge(document)
    return replace(document, language=language, warnings=document.warnings + warnings)


def check_size(content: bytes) -> None:
    """Refuse what need not even be looked at."""
    if not content or content.isspace():
        raise DocumentRefused(
            "empty", "The file is empty. Check that the right file was chosen and upload it again."
        )
    if len(content) > MAX_BYTES:
        raise DocumentRefused(
            "too_large",
            f"The file has {len(content) / 2**20:.1f} MB; the limit is {MAX_BYTES // 2**20} MB. "
            "Split the specification, or save it without pictures.",
        )


def _check_content(document: Document, kind: Kind) -> None:
    if document.blocks:
        return
    if kind is Kind.PDF:
        raise DocumentRefused(
            "no_text",
            "The PDF holds no text, only pictures of pages: it was probably scanned. Run text "
            "recognition (OCR) on it, or upload the document that it was printed from.",
        )
    raise DocumentRefused(
        "no_text",
        "The file holds no readable text. Check that the right file was chosen; text in pictures "
        "cannot be read.",
    )
