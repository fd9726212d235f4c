import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.domain import DomainContent, DomainTextError, Term, parse

TEXT = """# Survey vessel

## Conventions
- Identifier: {CODE}-{TYPE}-{NNN}
- Modal verbs: shall, will
- Template: When <trigger>, the <actor> shall <action>.

## Glossary
- **Seabed depth**: Distance from keel to seabed. (also: depth; not: water depth, sounding)
- **Survey line**: A straight course
  on which depths are recorded.

## System
It surveys harbours.

It carries no crew.

## Subsystem: Navigation
Plans and follows routes.

## Examples
- The Navigation subsystem shall report the seabed depth within 2 s.
"""


def errors_of(text: str) -> list[tuple[int, str]]:
    with pytest.raises(DomainTextError) as refusal:
        parse(text)
    return [(error.line, error.message) for error in refusal.value.errors]


def test_every_part_is_read() -> None:
    content = parse(TEXT)
    assert content.name == "Survey vessel"
    assert content.identifiers == ("{CODE}-{TYPE}-{NNN}",)
    assert content.modals == ("shall", "will")
    assert content.templates == ("When <trigger>, the <actor> shall <action>.",)
    depth, line = content.glossary
    assert depth.definition == "Distance from keel to seabed."
    assert (depth.also, depth.forbidden) == (("depth",), ("water depth", "sounding"))
    assert line.definition == "A straight course on which depths are recorded."
    assert content.system == "It surveys harbours.\nIt carries no crew."
    assert content.overview_of("NAV", "navigation") == "Plans and follows routes."
    assert content.examples[0].startswith("The Navigation subsystem")
    assert DomainContent.model_validate(content.model_dump(mode="json")) == content


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("## Terms", "There is no section “Terms”"),
        ("## Subsystem", "needs its name"),
        ("- Naming: x", "A convention is"),
        ("- Identifier: {WHO}-{NNN}", "An identifier is one word"),
        ("- Modal verbs: shall, ought", "“ought” is no modal verb known here"),
        ("- Template: shall", "A template has 1 to 12 gaps"),
        ("- Template: <a><b> shall", "A template has 1 to 12 gaps"),
        ("shall", "Each line of this section begins"),
        ("# Again", "A domain has one name"),
    ],
)
def test_a_mistake_is_told_with_its_line(line: str, message: str) -> None:
    found = errors_of(f"# Name\n\n## Conventions\n{line}\n")
    assert len(found) == 1
    assert found[0][0] == 4
    assert message in found[0][1]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("- Depth: no stars", "A term is written"),
        ("- **Depth**:", "“Depth” has no definition"),
        ("- **Depth**: x (not: depth)", "“depth” is named twice"),
        ("- **Depth**: x (not: sounding, Sounding)", "“Sounding” is named twice"),
        ("- **Depth**: x (not: line)", "“line” stands for “Line” already"),
        ("- **Depth**: x (not:)", "In brackets stand"),
        ("- **--**: x", "“--” has no letter"),
    ],
)
def test_a_glossary_is_checked(line: str, message: str) -> None:
    found = errors_of(f"# Name\n## Glossary\n- **Line**: A course.\n{line}\n")
    assert [number for number, _ in found] == [4] * len(found)
    assert message in found[0][1]


def test_all_mistakes_are_told_at_once() -> None:
    assert [line for line, _ in errors_of("text\n## Glossary\nno\n- no\n")] == [0, 1, 3, 4]
    assert errors_of("x" * 200_001)[0][0] == 0


def test_a_request_is_shown_the_terms_that_it_uses() -> None:
    content = parse(TEXT)
    shown = content.shown_with(["The water-depth is shown."])
    assert [term.name for term in shown.glossary] == ["Seabed depth"]
    assert shown.subsystems == ()
    many = content.model_copy(
        update={"glossary": tuple(Term(name=f"a{n}", definition="x") for n in range(90))}
    )
    everything = many.shown_with([" ".join(f"a{n}" for n in range(90))])
    assert 40 < len(everything.glossary) < 90
    assert len(everything.model_dump_json()) <= len(many.at_most().model_dump_json())


@given(st.text(alphabet="#- *:()<>{}NnotalsoGlossary\n\t,;", max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(DomainTextError):
        assert parse(f"# N\n## Glossary\n{text}").name == "N"


def test_a_long_text_takes_no_longer_than_its_length() -> None:
    lines = "\n".join(f"- **T{n}**: x {'(also:' * 20} (not: n{n})" for n in range(1000))
    began = time.perf_counter()
    parse(f"# N\n## Glossary\n{lines}")
    assert time.perf_counter() - began < 5
