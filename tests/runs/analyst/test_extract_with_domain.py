"""What a project's domain adds to reading a specification: verbs, identifiers, terms."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.analyst.extract import extract
from runs.analyst.project_words import words_of_project
from runs.requests import BlockIn, ExtractedRequirement
from skills.domain import DomainContent, parse
from tests.runs.analyst.blocks import block, extracted, request_of

DOMAIN = parse(
    """# Survey vessel
## Conventions
- Identifier: {CODE}/{NNN}
- Identifier: §{NNN}
- Modal verbs: shall, will, may
## Glossary
- **tow fish**: A body that is towed. (also: fish; not: drone)
- **winch**: It holds the tow fish.
"""
)


def read(*blocks: BlockIn, domain: DomainContent = DOMAIN) -> list[ExtractedRequirement]:
    request = request_of(*blocks).model_copy(update={"domain": domain})
    return extract(request, {}).requirements


def texts(*blocks: BlockIn) -> list[str]:
    return [each.quote.text for each in read(*blocks)]


def test_a_verb_of_the_conventions_binds() -> None:
    said = block(0, "The crew will stow the cable. The cable must be dry.")
    assert [each.quote.text for each in extracted(said)] == ["The cable must be dry."]
    (first, second) = read(said)
    assert (first.modal, first.confidence) == ("will", 0.9)
    assert "of the project's conventions" in first.reason
    assert second.modal == "must"


def test_the_document_cannot_talk_the_projects_verb_away() -> None:
    declared = block(0, 'The word "will" states a fact.')
    said = block(1, "The system will stow the cable.")
    assert extracted(declared, said) == []
    assert texts(declared, said) == ["The system will stow the cable."]


def test_a_verb_that_allows_counts_where_requirements_stand() -> None:
    heading = block(0, "3 Requirements", "heading", level=1)
    said = "The crew may stop the survey."
    assert extracted(heading, block(1, said)) == []
    assert texts(heading, block(1, said)) == [said]
    assert texts(block(1, said)) == []


@pytest.mark.parametrize(
    ("printed", "identifier"),
    [("TOW/017 ", "TOW/017"), ("[TOW/017] ", "TOW/017"), ("§017: ", "§017"), ("§017 - ", "§017")],
)
def test_an_identifier_in_the_projects_form_is_taken_off(printed: str, identifier: str) -> None:
    said = block(0, f"{printed}The cable is kept dry.")
    assert extracted(said) == []
    (found,) = read(said)
    assert (found.identifier, found.quote.text) == (identifier, "The cable is kept dry.")


@pytest.mark.parametrize("text", ["TOW/17 The cable is dry.", "§0178x The cable is dry.", "§017"])
def test_what_only_resembles_the_form_is_none(text: str) -> None:
    assert read(block(0, text)) == []


def test_an_identifier_in_the_margin_or_in_a_table_cell() -> None:
    item = block(0, "The cable shall be dry.", "list_item", marker="§017", level=1)
    assert [each.identifier for each in extracted(item)] == [""]
    assert [each.identifier for each in read(item)] == ["§017"]
    row = [
        block(1, "TOW/018", "table_cell", row=1, table=0, header="A"),
        block(2, "The cable shall be red.", "table_cell", row=1, table=0, header="B"),
    ]
    assert [each.identifier for each in read(*row)] == ["TOW/018"]


def test_a_term_is_a_thing_of_the_system() -> None:
    words = parse("# V\n## Glossary\n- **tow fish**: A body. (also: fish)\n")
    said = block(0, "The tow fish will dive. The herring will flee.")
    assert extracted(said) == []
    assert [each.quote.text for each in read(said, domain=words)] == ["The tow fish will dive."]


def test_what_a_term_means_is_not_required() -> None:
    line = "Tow fish – the body must float behind the winch."
    assert [each.quote.text for each in extracted(block(0, line))] == [line]
    assert texts(block(0, line), block(1, line, "list_item", marker="-", level=1)) == []
    kept = "The tow fish: it must float."  # a requirement by its identifier, whatever it looks like
    assert texts(block(0, f"TOW/001 {kept}")) == [kept]


def test_without_a_domain_nothing_is_known() -> None:
    assert words_of_project(None) is words_of_project(None)
    assert words_of_project(DomainContent(name="Empty")).in_marker("a)") == ""


@given(st.text(max_size=300))
def test_no_text_crashes_it(text: str) -> None:
    for each in read(block(0, text), block(1, text, "list_item", marker=text[:9], level=1)):
        assert each.quote.text in text


def test_long_texts_of_one_kind_take_linear_time() -> None:
    began = time.perf_counter()
    read(block(0, "A" * 200_000), block(1, "§" + "1" * 200_000), block(2, "tow " * 50_000))
    assert time.perf_counter() - began < 3
