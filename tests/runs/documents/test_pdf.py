"""PDFs: lines into paragraphs, over pages, without headers; tables with and without numbers."""

from runs.documents.document import BlockKind

from .pdf_writer import LEFT, RIGHT, Page, pdf, wrapped
from .reading import headings, marked, read, texts

LONG = (
    "The pump shall run as long as the tank holds more than ten litres of water and the valve at "
    "its lower end is open, unless the operator has pressed the switch that stops it or the "
    "temperature of the motor has risen above the limit that the maker states in the manual"
)


def with_furniture(page: Page, number: int) -> Page:
    page.text(LEFT, 815, "Pump specification, issue 2", 9)
    page.text(LEFT, 30, f"Page {number} of 4", 9)
    return page


def test_lines_are_joined_and_headings_found_by_their_type() -> None:
    page = Page()
    page.heading("1 Scope")
    page.paragraph(LONG + ".")
    page.heading("1.1 Limits", 12)
    page.paragraph("The pump shall hum.")
    document = read(pdf(page), "a.pdf")
    assert headings(document) == [(1, "1 Scope"), (2, "1.1 Limits")]
    assert texts(document, BlockKind.PARAGRAPH) == [LONG + ".", "The pump shall hum."]


def test_numbers_in_the_margin_are_markers() -> None:
    page = Page()
    page.paragraph(LONG + ". (M)", marker="3.9.1.1", hang=60)
    page.paragraph("The valve shall open. (O)", marker="4.2.1i", hang=60)
    document = read(pdf(page), "a.pdf")
    assert marked(document) == [
        ("3.9.1.1", LONG + ". (M)"),
        ("4.2.1i", "The valve shall open. (O)"),
    ]


def test_a_paragraph_goes_on_over_the_page_break() -> None:
    rows = wrapped(LONG + ".", RIGHT - LEFT)
    first, second = Page(), Page()
    first.paragraph("The text begins here.")
    for number, row in enumerate(rows[:2]):
        first.text(LEFT, 73 - 13 * number, row)
    second.text(LEFT, 780, rows[2])
    for number, row in enumerate(rows[3:]):
        second.text(LEFT, 767 - 13 * number, row)
    second.y = 700
    second.paragraph("The valve shall open.")
    third, fourth = Page(), Page()
    third.paragraph("The third page says this.")
    fourth.paragraph("The fourth page says that.")
    pages = [with_furniture(page, n) for n, page in enumerate((first, second, third, fourth), 1)]
    document = read(pdf(*pages), "a.pdf")
    assert texts(document) == [
        "The text begins here.",
        LONG + ".",
        "The valve shall open.",
        "The third page says this.",
        "The fourth page says that.",
    ]
    assert [block.page for block in document.blocks] == [1, 1, 2, 3, 4]
    long = document.blocks[1]
    turn = document.page_starts[1]
    assert long.start < turn < long.end
    assert document.text[turn : long.end] == " ".join(rows[2:])


def test_a_new_sentence_on_the_next_page_is_a_new_paragraph() -> None:
    first, second = Page(), Page()
    first.paragraph("The pump shall run.")
    second.paragraph("The valve shall open.")
    assert texts(read(pdf(first, second), "a.pdf")) == [
        "The pump shall run.",
        "The valve shall open.",
    ]


def test_list_items_hang_and_nest() -> None:
    page = Page()
    page.paragraph("The pump shall log:")
    page.paragraph(f"every start, because {LONG};", LEFT + 18, marker="-", hang=12)
    page.paragraph("its time", LEFT + 40, marker="a)", hang=16)
    page.paragraph("every stop.", LEFT + 18, marker="-", hang=12)
    document = read(pdf(page), "a.pdf")
    items = [b for b in document.blocks if b.kind is BlockKind.LIST_ITEM]
    assert [(b.marker, b.level) for b in items] == [("-", 1), ("a)", 2), ("-", 1)]
    assert document.slice(items[0]) == f"every start, because {LONG};"


def number_table(page: Page, rows: list[tuple[str, list[str]]], top: float) -> None:
    """A ruled table of numbers and texts; the number stands half way down its row."""
    ys = [top]
    for number, lines in rows:
        bottom = ys[-1] - 8 - 13 * len(lines)
        if number:
            page.text(80, (ys[-1] + bottom) / 2 - 4, number)
        for at, line in enumerate(lines):
            page.text(128, ys[-1] - 14 - 13 * at, line)
        ys.append(bottom)
    page.grid((LEFT, 120, RIGHT), ys)


def test_a_ruled_table_gives_each_cell_whole_with_its_number() -> None:
    page = Page()
    rows = wrapped(LONG + ".", 380)
    number_table(page, [("1.", rows), ("2.", ["The valve shall open."])], 780)
    document = read(pdf(page), "a.pdf")
    assert marked(document) == [("1.", LONG + "."), ("2.", "The valve shall open.")]
    assert [b.kind for b in document.blocks] == [BlockKind.TABLE_CELL] * 2


def test_a_row_cut_by_the_page_break_is_one_cell() -> None:
    rows = wrapped(LONG + ".", 380)
    first, second = Page(), Page()
    number_table(first, [("1.", ["The valve shall open."]), ("2.", rows[:2])], 130)
    number_table(second, [("", rows[2:]), ("3.", ["The valve shall close."])], 800)
    document = read(pdf(first, second), "a.pdf")
    assert marked(document) == [
        ("1.", "The valve shall open."),
        ("2.", LONG + "."),
        ("3.", "The valve shall close."),
    ]
    assert [block.page for block in document.blocks] == [1, 1, 2]
    assert document.page_at(document.blocks[1].end - 1) == 2


def test_a_table_repeats_its_header_only_on_paper() -> None:
    pages = []
    for number in (1, 2):
        page = Page()
        page.grid((LEFT, 160, RIGHT), (780, 760, 740, 600))
        page.text(80, 766, "ID")
        page.text(170, 766, "Requirement")
        page.text(80, 746, f"R-{number}")
        page.text(170, 746, f"The pump shall run {number} times.")
        page.text(170, 700, f"The valve shall close {3 * number} times.")
        pages.append(page)
    document = read(pdf(*pages, Page(), Page()), "a.pdf")
    assert marked(document) == [
        ("", "ID"),
        ("", "Requirement"),
        ("R-1", "The pump shall run 1 times."),
        ("", "The valve shall close 3 times."),
        ("R-2", "The pump shall run 2 times."),
        ("", "The valve shall close 6 times."),
    ]
    assert {b.cell.header for b in document.blocks if b.marker and b.cell} == {"Requirement"}


def test_a_note_number_does_not_change_a_number() -> None:
    page = Page()
    page.text(LEFT, 700, "The pump shall comply with ISO 9001")
    page.text(LEFT + 184.5, 705, "4", 6)
    page.text(LEFT + 190, 700, "and hum.")
    (text,) = texts(read(pdf(page), "a.pdf"))
    assert text == "The pump shall comply with ISO 9001⁴ and hum."


def test_contents_are_set_aside() -> None:
    page = Page()
    page.text(LEFT, 780, "Table of Contents", 14, bold=True)
    page.text(LEFT, 750, "1 Scope " + "." * 60 + " 3")
    page.text(LEFT, 737, "2 Limits " + "." * 60 + " 4")
    page.y = 700
    page.heading("1 Scope")
    page.paragraph("The pump shall run.")
    assert texts(read(pdf(page), "a.pdf")) == ["Scope", "The pump shall run."]


def test_a_page_printed_sideways_is_read_upright() -> None:
    page = Page(rotate=90)
    for number, row in enumerate(wrapped(LONG + ".", 400)):
        page.operators.append(f"BT /F1 11 Tf 0 1 -1 0 {100 + 13 * number} 72 Tm ({row}) Tj ET")
    assert texts(read(pdf(page), "a.pdf")) == [LONG + "."]


def test_pages_without_words_count_and_keep_the_others_numbers() -> None:
    last = Page()
    last.paragraph("The pump shall run.")
    document = read(pdf(Page(), Page(), last, Page()), "a.pdf")
    assert document.pages == 4
    assert [block.page for block in document.blocks] == [3]


def test_columns_without_lines_are_a_table() -> None:
    page = Page()
    page.paragraph("The limits are these:")
    rows = [
        ("ID", "Requirement", "Limit", "Unit"),
        ("R-1", "The pump shall deliver water.", "12", "l/min"),
        ("R-2", "The pump shall hum softly when", "40", "dB"),
        ("", "the operator stands beside it.", "", ""),
        ("R-3", "The pump shall start quickly.", "2", "s"),
    ]
    for number, row in enumerate(rows):
        for x, words in zip((72, 130, 350, 430), row, strict=True):
            if words:
                page.text(x, 720 - 14 * number, words)
    page.y = 620
    page.paragraph("The valve shall open.")
    document = read(pdf(page), "a.pdf")
    assert marked(document)[5:] == [
        ("R-1", "The pump shall deliver water."),
        ("", "12"),
        ("", "l/min"),
        ("R-2", "The pump shall hum softly when the operator stands beside it."),
        ("", "40"),
        ("", "dB"),
        ("R-3", "The pump shall start quickly."),
        ("", "2"),
        ("", "s"),
        ("", "The valve shall open."),
    ]
    assert document.blocks[6].cell is not None
    assert document.blocks[6].cell.header == "Limit"


def test_a_table_of_contents_without_dots_is_no_table() -> None:
    page = Page()
    page.text(LEFT, 780, "Contents", 14, bold=True)
    for number, title in enumerate(("Scope", "Limits", "Safety", "Tests")):
        page.text(LEFT, 750 - 14 * number, f"1.{number + 1}")
        page.text(LEFT + 40, 750 - 14 * number, title)
        page.text(RIGHT, 750 - 14 * number, str(3 + number))
    page.y = 640
    page.heading("1 Scope")
    page.paragraph("The pump shall run.")
    assert texts(read(pdf(page), "a.pdf")) == ["Scope", "The pump shall run."]
