"""Numbered headings and identifiers in plain text that no blank line sets off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.documents.document import BlockKind
from runs.documents.parsers.plain import pieces

from .reading import headings, marked, read, texts


def test_a_heading_between_sentences_ends_the_section_before() -> None:
    document = read(
        "1 Hoist\n\nThe crane shall lift 40 t.\nThe hoist shall stop.\n2 Control\n"
        "The panel shall light.\n"
    )
    assert headings(document) == [(1, "1 Hoist"), (1, "2 Control")]
    assert texts(document, BlockKind.PARAGRAPH) == [
        "The crane shall lift 40 t.",
        "The hoist shall stop.",
        "The panel shall light.",
    ]
    assert [block.section for block in document.blocks] == [0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("1 Hoist\nIt shall lift.\n2 Panel\nIt shall light.\n", ["1 Hoist", "2 Panel"]),
        ("1. Hoist\nIt shall lift.\n2. Panel\nIt shall light.\n", ["1. Hoist", "2. Panel"]),
        ("1 Hoist\n\nIt shall lift.\n2 Panel\n\nIt shall light.\n", ["1 Hoist", "2 Panel"]),
        ("1 Hoist\n\nIt takes 230 V.\n2 Panel\nIt is lit.\n", ["1 Hoist", "2 Panel"]),
        ("1 Hoist\n\nIt shall lift. (M)\n2 Panel\nIt is lit.\n", ["1 Hoist", "2 Panel"]),
        ("1 Hoist\n1.1 Crane\nIt lifts.\n1.2 Brake\nIt holds.\n2 Panel\n2.1 Lamp\nIt is lit.\n",
         ["1 Hoist", "1.1 Crane", "1.2 Brake", "2 Panel", "2.1 Lamp"]),
        ("1 Hoist\n1.1 The crane shall lift.\n1.2 Brake\nIt holds.\n", ["1 Hoist", "1.2 Brake"]),
        ("Annex A\n\nText of it.\nA.1 Wires\nThey hold.\nA.2 Fuses\nThey blow.\n",
         ["Annex A", "A.1 Wires", "A.2 Fuses"]),
        ("1 Hoist\n\nIt lifts.\n2 Panel\nREQ-7 The lamp is lit.\n", ["1 Hoist", "2 Panel"]),
    ],
)  # fmt: skip
def test_a_heading_carries_on_the_count(text: str, labels: list[str]) -> None:
    assert [label for _, label in headings(read(text))] == labels


@pytest.mark.parametrize(
    "below",
    [
        "The hoist shall stop within\n2 s of the command.\n",
        "Der Kran hält nach\n2 Sekunden\nBetrieb an.\n",
        "The crane weighs approx.\n2 Tonnes\nWithout its load.\n",
        "The lamp is lit at:\n2 Panels\nNorth and south.\n",
        "It stops.\n2 GHz Band\nThe radio.\n",
        "It stops.\n3 Panels\nThe number jumps.\n",
        "It stops.\n1 Panel\nThe number was there.\n",
        "It stops.\n2 Panels shall light\nThe lamp.\n",
        "It stops.\n2 Panels and lamps.\nThe lamp.\n",
        "It stops.\n2 Panels feed the\nlamp.\n",
        "It stops.\n2 valves feed it\nNorth of the quay.\n",
        "It stops.\n   2 Panels\nThe lamps.\n",
        "It stops.\n2. Panel\nThe chapters have no full stops.\n",
        "Follow the steps.\n1 Open the valve.\n2 Wait\nThe valve is open.\n",
        "Der Kran hebt alle Lasten\nim Hafen von Nord nach Süd.\n2 Lampen beleuchten das\n"
        "Nordfeld und den Kai.\n",
    ],
)
def test_a_number_at_the_begin_of_a_line_is_no_heading(below: str) -> None:
    assert headings(read("1 Hoist\n\n" + below)) == [(1, "1 Hoist")]


def test_a_list_below_text_does_not_begin_the_count() -> None:
    assert not read("Follow the steps.\n1. Open\nThe valve opens.\n").sections


def test_a_paragraph_over_a_page_break_is_not_cut_by_its_number() -> None:
    pages = [
        "Crane spec\n\n1 Hoist\n\nIt shall stop after\n\n",
        "Crane spec\n\n2 Sekunden\nBetrieb.\n\n",
        "Crane spec\n\nThe end of it.\n",
    ]
    document = read("\f".join(pages))
    assert headings(document) == [(1, "1 Hoist")]


WORDS = st.sampled_from(
    [
        "The",
        "the",
        "pump",
        "within",
        "2",
        "s.",
        "1 command",
        "2 valves",
        "1.1 mm",
        "load.",
        "2 V",
        "2.",
    ]
)


@given(st.lists(WORDS, min_size=1, max_size=60), st.integers(12, 72))
def test_wrapped_prose_makes_no_heading(words: list[str], width: int) -> None:
    words = [part for word in words for part in word.split()]
    lines = ["The"]
    for word in [*words, "there."]:
        if len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] += f" {word}"
    found = pieces("1 Hoist\n\n" + "\n".join(lines) + "\n")
    assert [each.text for each in found if each.kind is BlockKind.HEADING] == ["Hoist"]


@pytest.mark.parametrize(
    ("line", "marker", "rest"),
    [
        ("REQ-10 The station shall run", "REQ-10", "The station shall run"),
        ("REQ-10 - The station shall run", "REQ-10", "The station shall run"),
        ("[REQ-11] the hoist shall stop", "[REQ-11]", "the hoist shall stop"),
        ("SYS-1: the panel shall light", "SYS-1", "the panel shall light"),
    ],
)
def test_an_identifier_begins_a_paragraph(line: str, marker: str, rest: str) -> None:
    document = read(f"The crane shall lift 40 t\n{line}\n")
    assert marked(document) == [("", "The crane shall lift 40 t"), (marker, rest)]
