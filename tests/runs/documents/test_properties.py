"""What holds for any bytes and any text: the spans are right, and only refusals are raised."""

import io
import string
import zipfile

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.documents import Document, DocumentRefused, parse
from runs.documents.document import Block, BlockKind, Cell, Section
from runs.documents.serialise import from_bytes, to_bytes

from .pdf_writer import Page, pdf
from .reading import check

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = st.sampled_from(["a.txt", "a.md", "a.html", "a.pdf", "a.docx", "a", "a.TXT"])
SIGNATURES = st.sampled_from(
    [b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"<html>"]
)
ODD_LINES = [
    ["", " ", "\f", "1. Scope", "1.1 Purpose", "The pump shall run", "and stop.", "- item"],
    ["  a) inner", "REQ-1: The pump shall hum.", "=====", "-----", "| a | b |", "|---|---|"],
    ["+--+--+", "```", "# Title", "Contents ..... 3", "real-", "time", "\u2028", "\u00ad", "\x00"],
    ["•", "[A1] Text", "\tx\ty", "> quoted", "Page 3", "[x](y)", "**b** <i>", "<table><tr><td>"],
    ["</td>", "<li>", "2.5 mm", "ﬁne\u200b", "😀"],
]
LINES = st.sampled_from([line for lines in ODD_LINES for line in lines])


def parsed_or_refused(content: bytes, name: str) -> Document | None:
    try:
        document = parse(content, name)
    except DocumentRefused:
        return None
    check(document)
    return document


@QUICK
@given(SIGNATURES, st.binary(max_size=2_000), NAMES)
def test_any_bytes(signature: bytes, content: bytes, name: str) -> None:
    parsed_or_refused(signature + content, name)


@QUICK
@given(
    st.lists(LINES | st.text(max_size=40), max_size=40),
    st.sampled_from(["a.txt", "a.md", "a.html"]),
)
def test_any_text(lines: list[str], name: str) -> None:
    document = parsed_or_refused("\n".join(lines).encode("utf-8", "replace"), name)
    if document is not None:
        assert from_bytes(to_bytes(document)) == document


@QUICK
@given(
    st.lists(st.text(string.ascii_letters + " ,.", min_size=1, max_size=60), min_size=1, max_size=8)
)
def test_plain_words_are_never_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    document = parsed_or_refused(text.encode(), "a.txt")
    kept = sorted("".join(document.text if document else "").replace(" ", "").replace("\n", ""))
    ink = sorted("".join(text.split()))
    if document is not None and not any(line.count("..") for line in lines):  # no contents' dots
        assert kept == ink


def word_file() -> bytes:
    word = docx.Document()
    word.add_heading("1 Scope", 1)
    word.add_paragraph("The pump shall run.", style="List Bullet")
    word.add_table(rows=2, cols=2).cell(0, 1).text = "The valve shall open."
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def word_with(part: str, change: tuple[int, int]) -> bytes:
    """The Word file with one byte of an unpacked part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WORD)) as source, zipfile.ZipFile(out, "w") as target:
        for entry in source.infolist():
            content = bytearray(source.read(entry))
            if entry.filename == part:
                content[change[0] % len(content)] = change[1]
            target.writestr(entry.filename, bytes(content))
    return out.getvalue()


def pdf_file() -> bytes:
    pages = []
    for number in range(2):
        page = Page()
        page.heading("1 Scope")
        page.paragraph(
            "The pump shall run as long as the tank is full. " * 5, marker="3.1.1", hang=40
        )
        page.grid((72, 120, 520), (300, 280, 260))
        page.text(80, 286, f"{number}.")
        page.text(130, 286, "The valve shall open.")
        pages.append(page)
    return pdf(*pages)


WORD, PDF = word_file(), pdf_file()
SPOTS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6)


@pytest.mark.parametrize(("content", "name"), [(WORD, "a.docx"), (PDF, "a.pdf")])
@QUICK
@given(cut=st.integers(1, 10**6), spots=SPOTS)
def test_damaged_files(content: bytes, name: str, cut: int, spots: list[tuple[int, int]]) -> None:
    damaged = bytearray(content[: cut % len(content) if cut % 3 == 0 else len(content)])
    for at, value in spots if damaged else []:
        damaged[at % len(damaged)] = value
    parsed_or_refused(bytes(damaged), name)


@QUICK
@given(
    part=st.sampled_from(["word/document.xml", "word/styles.xml", "word/numbering.xml"]),
    change=st.tuples(st.integers(0, 10**6), st.integers(0, 255)),
)
def test_damaged_word_parts(part: str, change: tuple[int, int]) -> None:
    parsed_or_refused(word_with(part, change), "a.docx")


SHORT = st.text(max_size=12)
NUMBER = st.integers(0, 10**7)
CELLS = st.none() | st.builds(Cell, NUMBER, NUMBER, NUMBER, SHORT)
KINDS = st.sampled_from(BlockKind)
BLOCKS = st.builds(Block, KINDS, NUMBER, NUMBER, NUMBER, st.integers(-1), NUMBER, SHORT, CELLS)
SECTIONS = st.builds(Section, SHORT, SHORT, NUMBER, NUMBER, NUMBER, NUMBER)


@QUICK
@given(
    st.builds(
        Document,
        name=SHORT,
        media_type=SHORT,
        text=st.text(),
        pages=NUMBER,
        sections=st.lists(SECTIONS, max_size=4).map(tuple),
        blocks=st.lists(BLOCKS, max_size=6).map(tuple),
        page_starts=st.lists(NUMBER, max_size=4).map(tuple),
        language=SHORT,
        warnings=st.lists(SHORT, max_size=3).map(tuple),
    )
)
def test_serialising_is_lossless(document: Document) -> None:
    assert from_bytes(to_bytes(document)) == document


@given(st.binary(max_size=60))
def test_foreign_bytes_are_no_document(content: bytes) -> None:
    with pytest.raises(ValueError, match="document"):
        from_bytes(content)
