"""What the tests ask of every document, and short ways to look at one."""

from runs.documents import Document, parse
from runs.documents.document import BlockKind


def read(text: str | bytes, name: str = "spec.txt") -> Document:
    """Parsed and checked for what must hold of any document."""
    document = parse(text.encode() if isinstance(text, str) else text, name)
    check(document)
    return document


def check(document: Document) -> None:
    """The promises of `Document`: spans, order, pages, clean text."""
    before = 0
    assert len(document.page_starts) == document.pages
    assert list(document.page_starts) == sorted(document.page_starts)
    for block in document.blocks:
        words = document.slice(block)
        assert before <= block.start < block.end <= len(document.text)
        assert words == words.strip()
        assert words.splitlines() == [words]
        assert "\0" not in words
        assert not any("\ud800" <= character <= "\udfff" for character in words)
        assert document.page_at(block.start) == block.page
        assert -1 <= block.section < len(document.sections)
        before = block.end
    for section in document.sections:
        assert 0 <= section.start < section.end <= len(document.text)


def texts(document: Document, *kinds: BlockKind) -> list[str]:
    return [document.slice(b) for b in document.blocks if not kinds or b.kind in kinds]


def marked(document: Document) -> list[tuple[str, str]]:
    """(marker, text) of each block."""
    return [(block.marker, document.slice(block)) for block in document.blocks]


def headings(document: Document) -> list[tuple[int, str]]:
    """(level, "number title") of each section."""
    return [(section.level, section.label) for section in document.sections]
