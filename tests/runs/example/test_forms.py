"""The three forms of the example say the same, and say what the golden file quotes.

Read here with plain XML and PDF text extraction, not with the product's own parsers, so that a
fault in those can't hide a fault in the files.
"""

import re
import zipfile
from collections.abc import Callable
from xml.etree import ElementTree

import pypdfium2
import pytest

from runs.examples.example import SPEC_DOCX, SPEC_PDF, SPEC_TXT, SUBSYSTEMS

from .golden import BUDGETS, HOSTILE, NOT_REQUIREMENTS, OVER_THE_PAGE_BREAK, REQUIREMENTS, VAGUE

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
CODES = {subsystem.code for subsystem in SUBSYSTEMS}


def words(text: str) -> str:
    return " ".join(text.split())


def pdf_pages() -> list[str]:
    """Text of each page without its header and footer lines."""
    with pypdfium2.PdfDocument(str(SPEC_PDF)) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    edge = re.compile(r"^(Petrel Harbour Survey Vessel - |PHV-SRS-004 Issue C|Page \d+$)")
    return [
        words(" ".join(line for line in text.splitlines() if not edge.match(line.strip())))
        for text in texts
    ]


def txt_words() -> str:
    return words(SPEC_TXT.read_text(encoding="utf-8"))


def docx_words() -> str:
    with zipfile.ZipFile(SPEC_DOCX) as archive:
        body = ElementTree.fromstring(archive.read("word/document.xml"))  # noqa: S314 - our own file
    paragraphs = ["".join(t.text or "" for t in p.iter(f"{WORD}t")) for p in body.iter(f"{WORD}p")]
    return words(" ".join(paragraphs))


def pdf_words() -> str:
    return words(" ".join(pdf_pages()))


FORMS = [txt_words, docx_words, pdf_words]


@pytest.mark.parametrize("read", FORMS)
def test_every_requirement_stands_in_the_form_once(read: Callable[[], str]) -> None:
    text = read()
    counts = {expected.text: text.count(expected.text) for expected in REQUIREMENTS}
    assert {quote: count for quote, count in counts.items() if count != 1} == {}


@pytest.mark.parametrize("read", FORMS)
def test_requirements_stand_in_the_order_of_the_golden_file(read: Callable[[], str]) -> None:
    text = read()
    places = [text.index(expected.text) for expected in REQUIREMENTS]
    assert places == sorted(places)


@pytest.mark.parametrize("read", FORMS)
def test_every_identifier_stands_before_its_requirement(read: Callable[[], str]) -> None:
    text = read()
    for expected in REQUIREMENTS:
        if expected.identifier:
            before = text[: text.index(expected.text)].rstrip(" |")
            assert before.endswith(expected.identifier)


@pytest.mark.parametrize("read", FORMS)
def test_what_is_no_requirement_stands_there_too(read: Callable[[], str]) -> None:
    text = read()
    assert [passage for passage in (*NOT_REQUIREMENTS, HOSTILE) if passage not in text] == []


@pytest.mark.parametrize("read", FORMS)
def test_every_shall_is_accounted_for(read: Callable[[], str]) -> None:
    """A "shall" that the golden file knows nothing of would be a requirement it forgot."""
    text = read()
    known = {item for expected in REQUIREMENTS for item in (expected.text, expected.lead_in)}
    for passage in sorted(known | set(NOT_REQUIREMENTS), key=len, reverse=True):
        if passage:
            text = text.replace(passage, "")
    assert re.findall(r".{30}\bshall\b.{30}", text) == []


@pytest.mark.parametrize("read", FORMS)
def test_sections_of_the_golden_file_are_headings_of_the_form(read: Callable[[], str]) -> None:
    text = read()
    assert [e.section for e in REQUIREMENTS if e.section not in text] == []


def test_one_requirement_runs_over_a_page_break_of_the_pdf() -> None:
    pages = pdf_pages()
    first, last = OVER_THE_PAGE_BREAK["first_page"], OVER_THE_PAGE_BREAK["last_page"]
    text = next(e.text for e in REQUIREMENTS if e.identifier == OVER_THE_PAGE_BREAK["identifier"])
    assert text not in pages[first - 1]
    assert text not in pages[last - 1]
    assert text in f"{pages[first - 1]} {pages[last - 1]}"


def test_golden_file_is_consistent_in_itself() -> None:
    identifiers = [e.identifier for e in REQUIREMENTS if e.identifier]
    by_identifier = {e.identifier: e for e in REQUIREMENTS}
    assert len(set(identifiers)) == len(identifiers)
    assert {code for e in REQUIREMENTS for code in e.subsystems} == CODES
    assert {e.type for e in REQUIREMENTS} == {"FUNC", "PERF", "CONS", "INTF"}
    assert [e.identifier for e in REQUIREMENTS if not e.subsystems] == ["SYS-039"]
    for identifier, term in VAGUE.items():
        assert term in by_identifier[identifier].text
    for budget in BUDGETS:
        parent = by_identifier[budget.parent]
        assert f"{budget.quantity} {budget.unit}" in parent.text
        assert budget.subsystems == parent.subsystems
        assert budget.parts_sum_to == budget.quantity


def test_overview_describes_every_subsystem_of_the_demo_project() -> None:
    text = txt_words()
    for subsystem in SUBSYSTEMS:
        assert f"{subsystem.name} ({subsystem.code})" in text
        assert 2 <= len(subsystem.code) <= 5
        assert subsystem.keywords
        assert subsystem.interfaces


def test_every_keyword_of_a_subsystem_means_only_that_subsystem() -> None:
    """A keyword that two subsystems shared would allocate by chance."""
    keywords = [keyword for subsystem in SUBSYSTEMS for keyword in subsystem.keywords]
    assert len(set(keywords)) == len(keywords)
