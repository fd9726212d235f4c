"""Word documents: styles, automatic numbers, tables where they stand."""

import io
import zipfile
from typing import Any

import docx
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from runs.documents import Document
from runs.documents.document import BlockKind

from .reading import headings, marked, read, texts

LEVEL = (
    '<w:lvl w:ilvl="{}"><w:start w:val="{}"/><w:numFmt w:val="{}"/><w:lvlText w:val="{}"/></w:lvl>'
)
NUMBERS = (
    "<w:abstractNum {ns} w:abstractNumId='90'>"
    + "".join(
        LEVEL.format(*level)
        for level in [
            (0, 3, "decimal", "%1"),
            (1, 1, "decimal", "%1.%2"),
            (2, 1, "lowerLetter", "%3)"),
            (3, 1, "lowerRoman", "(%4)"),
        ]
    )
    + "</w:abstractNum>"
)


def reading(word: Any) -> Document:
    out = io.BytesIO()
    word.save(out)
    return read(out.getvalue(), "pump.docx")


def with_numbers(word: Any) -> str:
    """Adds a numbering of four levels; gives its id."""
    numbering = word.part.numbering_part.element
    numbering.insert(0, parse_xml(NUMBERS.format(ns=nsdecls("w"))))
    number = numbering.add_num(90)
    return str(number.numId)


def numbered(paragraph: Any, number: str, depth: int) -> None:
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_numId().val = int(number)
    properties.get_or_add_ilvl().val = depth


def test_headings_by_style_and_typed_numbers() -> None:
    word = docx.Document()
    word.add_heading("Pump", 0)
    word.add_heading("1 Scope", 1)
    word.add_heading("1.1 Purpose", 2)
    word.add_paragraph("The pump shall run.")
    document = reading(word)
    assert headings(document) == [(1, "Pump"), (1, "1 Scope"), (2, "1.1 Purpose")]
    assert document.sections[2].number == "1.1"


def test_automatic_numbers_are_printed() -> None:
    word = docx.Document()
    number = with_numbers(word)
    for words, depth in [
        ("Functions", 0),
        ("The pump shall run.", 1),
        ("when full", 2),
        ("and hot", 3),
        ("and wet", 3),
        ("when open", 2),
        ("The pump shall stop.", 1),
        ("when empty", 2),
    ]:
        numbered(word.add_paragraph(words), number, depth)
    assert marked(reading(word)) == [
        ("3", "Functions"),
        ("3.1", "The pump shall run."),
        ("a)", "when full"),
        ("(i)", "and hot"),
        ("(ii)", "and wet"),
        ("b)", "when open"),
        ("3.2", "The pump shall stop."),
        ("a)", "when empty"),
    ]


def test_list_styles_give_items_with_markers() -> None:
    word = docx.Document()
    for words in ("one", "two"):
        word.add_paragraph(words, style="List Number")
    word.add_paragraph("three", style="List Bullet")
    document = reading(word)
    assert [b.kind for b in document.blocks] == [BlockKind.LIST_ITEM] * 3
    assert marked(document) == [("1.", "one"), ("2.", "two"), ("•", "three")]


def test_tables_stand_where_they_stand_and_merged_cells_once() -> None:
    word = docx.Document()
    word.add_paragraph("Before the table.")
    table = word.add_table(rows=3, cols=3)
    rows = [
        ("ID", "Requirement", "Note"),
        ("R-1", "The pump shall run.", "both"),
        ("R-2", "The pump shall stop.", ""),
    ]
    for row, cells in enumerate(rows):
        for column, words in enumerate(cells):
            table.cell(row, column).text = words
    table.cell(1, 2).merge(table.cell(2, 2))
    word.add_paragraph("After the table.")
    document = reading(word)
    assert marked(document) == [
        ("", "Before the table."),
        ("", "ID"),
        ("", "Requirement"),
        ("", "Note"),
        ("R-1", "The pump shall run."),
        ("", "both"),
        ("R-2", "The pump shall stop."),
        ("", "After the table."),
    ]
    run = document.blocks[4].cell
    assert run is not None
    assert (run.table, run.row, run.column, run.header) == (0, 1, 1, "Requirement")


def test_a_cell_with_a_list_keeps_its_items_apart() -> None:
    word = docx.Document()
    table = word.add_table(rows=1, cols=2)
    table.cell(0, 0).text = "7"
    cell = table.cell(0, 1)
    cell.text = "The pump shall log:"
    cell.add_paragraph("every start", style="List Bullet")
    cell.add_paragraph("every stop", style="List Bullet")
    document = reading(word)
    assert marked(document) == [
        ("7", "The pump shall log:"),
        ("•", "every start"),
        ("•", "every stop"),
    ]
    assert {b.cell.row for b in document.blocks if b.cell} == {0}


def test_deleted_and_hidden_text_is_left_out_and_inserted_text_read() -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("The pump shall ")
    inserted, deleted = OxmlElement("w:ins"), OxmlElement("w:del")
    for holder, words in ((inserted, "run"), (deleted, "stop")):
        run = paragraph.add_run(words)
        holder.append(run._r)
        paragraph._p.append(holder)
    paragraph.add_run(" today").font.hidden = True
    paragraph.add_run(".")
    assert texts(reading(word)) == ["The pump shall run."]


def test_headers_and_contents_are_set_aside() -> None:
    word = docx.Document()
    word.sections[0].header.paragraphs[0].text = "Secret header"
    word.add_paragraph("Contents")
    word.add_paragraph("1 Scope\t3")
    style = word.styles.add_style("toc 1", 1)
    word.add_paragraph("2 Pumps 4", style=style)
    word.add_heading("1 Scope", 1)
    word.add_paragraph("The pump shall run.")
    assert texts(reading(word)) == ["Scope", "The pump shall run."]


def test_pages_turn_at_page_breaks() -> None:
    word = docx.Document()
    word.add_paragraph("On the first page.")
    word.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    word.add_paragraph("On the second page.")
    document = reading(word)
    assert [b.page for b in document.blocks] == [1, 2]
    assert document.pages == 2


def test_where_word_broke_the_page_a_paragraph_goes_on() -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("The pump shall run ")
    run = paragraph.add_run()
    run._r.append(OxmlElement("w:lastRenderedPageBreak"))
    run.add_text("until the tank is empty.")
    document = reading(word)
    (block,) = document.blocks
    assert document.slice(block) == "The pump shall run until the tank is empty."
    assert block.page == 1
    assert document.page_at(block.start + len("The pump shall run ")) == 2


def test_an_entity_is_not_resolved() -> None:
    word = docx.Document()
    word.add_paragraph("The pump shall run.")
    out = io.BytesIO()
    word.save(out)
    hostile = io.BytesIO()
    with zipfile.ZipFile(out) as source, zipfile.ZipFile(hostile, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "word/document.xml":
                head, rest = content.split(b"?>", 1)
                rest = rest.replace(b"The pump", b"&file; The pump")
                doctype = b'<!DOCTYPE w [<!ENTITY file SYSTEM "file:///etc/hostname">]>'
                content = head + b"?>" + doctype + rest
            target.writestr(entry, content)
    assert texts(read(hostile.getvalue(), "a.docx")) == ["The pump shall run."]


def test_qualified_names_are_what_the_parser_expects() -> None:
    from runs.documents.word.package import W

    assert qn("w:p") == f"{W}p"


def test_a_short_bold_paragraph_is_a_heading_below_the_last_one() -> None:
    word = docx.Document()
    word.add_heading("Pump", 1)
    word.add_paragraph().add_run("Starting").bold = True
    word.add_paragraph("The pump shall run.")
    word.add_paragraph().add_run("The pump shall never sing.").bold = True
    word.add_paragraph().add_run("2.1 Stopping").bold = True
    assert headings(reading(word)) == [(1, "Pump"), (2, "Starting"), (2, "2.1 Stopping")]


def test_a_tables_first_row_across_all_columns_names_a_section() -> None:
    word = docx.Document()
    word.add_heading("Pump", 1)
    table = word.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Audit module"
    table.cell(1, 0).text, table.cell(1, 1).text = "1.", "The pump shall log every start."
    document = reading(word)
    assert headings(document) == [(1, "Pump"), (2, "Audit module")]
    (cell,) = [block for block in document.blocks if block.cell]
    assert (cell.marker, document.slice(cell)) == ("1.", "The pump shall log every start.")
    assert document.section_of(cell) == document.sections[1]
