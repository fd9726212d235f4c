"""Plain text into headings, paragraphs, items and cells."""

from runs.documents.document import BlockKind

from .reading import headings, marked, read, texts


def test_wrapped_lines_are_one_paragraph() -> None:
    document = read("The pump shall start\nwithin 5 s of the\ncommand.\n\nThe pump shall stop.\n")
    assert texts(document) == [
        "The pump shall start within 5 s of the command.",
        "The pump shall stop.",
    ]


def test_one_requirement_per_line_stays_apart() -> None:
    lines = ["The pump shall start.", "The pump shall stop.", "The valve shall open in 2 s."]
    assert texts(read("\n".join(lines))) == lines


def test_numbered_headings_make_nested_sections() -> None:
    document = read(
        "1. Scope\n\nText of the scope.\n\n2. Functions\n2.1 Pumping\n\nThe pump shall run.\n\n"
        "2.2 Draining\n\nThe valve shall drain.\n"
    )
    assert headings(document) == [
        (1, "1. Scope"),
        (1, "2. Functions"),
        (2, "2.1 Pumping"),
        (2, "2.2 Draining"),
    ]
    functions, pumping = document.sections[1], document.sections[2]
    assert functions.start < pumping.start < pumping.end < functions.end == len(document.text)
    last = document.section_of(document.blocks[-1])
    assert last is not None
    assert last.title == "Draining"


def test_underlined_and_capital_lines_are_headings() -> None:
    document = read(
        "Pump station\n============\n\nText here.\n\nValves\n------\n\nMore text.\n\n"
        "SAFETY OF THE OPERATOR\n\nThe guard shall be closed.\n"
    )
    assert headings(document) == [(1, "Pump station"), (2, "Valves"), (1, "SAFETY OF THE OPERATOR")]


def test_a_numbered_requirement_is_no_heading() -> None:
    document = read("3.1.1 The pump shall run.\n\n3.1.2 The pump must stop.\n")
    assert marked(document) == [("3.1.1", "The pump shall run."), ("3.1.2", "The pump must stop.")]
    assert not document.sections


def test_identifiers_are_markers_but_standards_and_quantities_are_not() -> None:
    document = read(
        "REQ-012: The pump shall run.\n\n[SSR5] The pump shall stop.\n\n"
        "FR-7 The pump shall wait.\n\nSHA-256 shall be used.\n\n"
        "2.5 seconds later the pump stops.\n\nIEC 60529 applies to it.\n"
    )
    assert marked(document) == [
        ("REQ-012", "The pump shall run."),
        ("[SSR5]", "The pump shall stop."),
        ("FR-7", "The pump shall wait."),
        ("", "SHA-256 shall be used."),
        ("", "2.5 seconds later the pump stops."),
        ("", "IEC 60529 applies to it."),
    ]


def test_list_items_have_markers_and_levels() -> None:
    document = read(
        "The pump shall log:\n  - every start, with\n    its time\n      a) and its cause\n"
        "  - every stop\n"
    )
    items = [b for b in document.blocks if b.kind is BlockKind.LIST_ITEM]
    assert [(b.marker, b.level, document.slice(b)) for b in items] == [
        ("-", 1, "every start, with its time"),
        ("a)", 2, "and its cause"),
        ("-", 1, "every stop"),
    ]


def test_a_drawn_table_gives_cells_with_headers_and_numbers_as_markers() -> None:
    document = read(
        "+-----+----------------------+\n| No. | Requirement          |\n"
        "+-----+----------------------+\n| 1   | The pump shall start |\n"
        "|     | at once.             |\n+-----+----------------------+\n"
    )
    cell = document.blocks[-1]
    assert (cell.marker, document.slice(cell)) == ("1", "The pump shall start at once.")
    assert cell.cell is not None
    assert (cell.cell.row, cell.cell.column, cell.cell.header) == (1, 1, "Requirement")


def test_a_paragraph_goes_on_over_a_form_feed_without_headers_and_footers() -> None:
    pages = [
        "Pump spec  Issue 2\n\nIntroduction of the pump.\n\nThe pump shall run for\n\nPage 1\n",
        "Pump spec  Issue 2\n\nas long as the tank is full.\n\nThe valve shall open.\n\nPage 2\n",
        "Pump spec  Issue 2\n\nThe end of the text.\n\nPage 3\n",
    ]
    document = read("\f".join(pages))
    assert texts(document) == [
        "Introduction of the pump.",
        "The pump shall run for as long as the tank is full.",
        "The valve shall open.",
        "The end of the text.",
    ]
    assert [block.page for block in document.blocks] == [1, 1, 2, 3]
    run = document.blocks[1]
    assert document.page_at(run.end - 1) == 2


def test_words_broken_at_the_line_end_are_mended_but_real_hyphens_stay() -> None:
    document = read(
        "The naviga-\ntion unit is a real-\ntime system for short-\nand long-term use. Soft\u00ad\n"
        "ware of the navigation unit is age-\nwise and use-wise sorted.\n"
    )
    (text,) = texts(document)
    assert text == (
        "The navigation unit is a real-time system for short- and long-term use. Software of the "
        "navigation unit is age-wise and use-wise sorted."
    )


def test_tables_of_contents_are_set_aside() -> None:
    document = read(
        "Table of Contents\n\n1 Scope ........ 2\n2 Pumps . . . . . 3\n\n1 Scope\n\nThis is it.\n"
    )
    assert texts(document) == ["Scope", "This is it."]


def test_control_characters_and_invisible_ones_disappear() -> None:
    document = read(
        "The pu\u200bmp\0 shall\u2028run \U000e0041and sto\ud83dp.".encode("utf-8", "replace")
    )
    assert texts(document) == ["The pump shall run and sto?p."]
