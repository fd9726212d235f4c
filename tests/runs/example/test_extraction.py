"""What the product reads from the three forms of the example is what a careful reader reads."""

from pathlib import Path

import pytest

from runs.analyst import extract
from runs.documents import parse
from runs.examples.example import SPEC_DOCX, SPEC_PDF, SPEC_TXT

from .golden import HOSTILE, NOT_REQUIREMENTS, OVER_THE_PAGE_BREAK, REQUIREMENTS
from .reading import Found, bare, extract_request, extracted, found_in, parameters, parsed

FORMS = pytest.mark.parametrize("path", [SPEC_TXT, SPEC_DOCX, SPEC_PDF], ids=lambda p: p.suffix)
METHOD = parameters("requirement-extraction")
EXPECTED = [
    Found(e.identifier, bare(e.text), bare(e.lead_in), e.type, e.section) for e in REQUIREMENTS
]


@FORMS
def test_finds_every_requirement_and_nothing_else(path: Path) -> None:
    assert [item.text for item in found_in(path)] == [item.text for item in EXPECTED]


@FORMS
def test_identifiers_lead_ins_types_and_sections_are_right(path: Path) -> None:
    found = {item.text: item for item in found_in(path)}
    expected = {item.text: item for item in EXPECTED}
    wrong = {text: found.get(text) for text, item in expected.items() if found.get(text) != item}
    assert wrong == {}


@FORMS
def test_takes_nothing_that_only_explains(path: Path) -> None:
    taken = [item.text for item in found_in(path)]
    passages = (*NOT_REQUIREMENTS, HOSTILE)
    assert [p for p in passages if any(text in p or p in text for text in taken)] == []


@FORMS
def test_every_quote_stands_in_its_block_letter_by_letter(path: Path) -> None:
    document = parsed(path)
    for requirement in extracted(path).requirements:
        for quote in filter(None, (requirement.quote, requirement.lead_in)):
            assert quote.text in document.slice(document.blocks[quote.block])


def test_requirement_over_the_page_break_is_whole_and_stands_on_both_pages() -> None:
    document = parsed(SPEC_PDF)
    wanted = OVER_THE_PAGE_BREAK["identifier"]
    requirement = next(r for r in extracted(SPEC_PDF).requirements if r.identifier == wanted)
    block = document.blocks[requirement.quote.block]
    start = document.text.index(requirement.quote.text, block.start)
    end = start + len(requirement.quote.text)
    assert document.page_at(start) == OVER_THE_PAGE_BREAK["first_page"]
    assert document.page_at(end - 1) == OVER_THE_PAGE_BREAK["last_page"]


def test_instructions_in_the_text_change_nothing_that_is_extracted() -> None:
    """The remark of a reader is left out, and put into every note: the same is found."""
    original = SPEC_TXT.read_text(encoding="utf-8")
    without = original.replace(f"Remark of a reader: {HOSTILE}\n", "")
    repeated = original.replace("NOTE: ", f"NOTE: {HOSTILE.capitalize()} ")
    assert original != without
    assert original != repeated
    expected = [(r.quote.text, r.type, r.confidence) for r in extracted(SPEC_TXT).requirements]
    for text in (without, repeated):
        answer = extract.extract(extract_request(parse(text.encode(), "example.txt")), METHOD)
        assert [(r.quote.text, r.type, r.confidence) for r in answer.requirements] == expected
