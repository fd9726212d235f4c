"""Markdown and HTML into the same pieces as every other kind."""

from runs.documents.document import BlockKind
from runs.documents.parsers.markdown import chunks

from .reading import headings, marked, read, texts

MARKDOWN = """---
title: Pump
---
# Pump *specification*

## Contents
- [Starting](#starting)

## 1.2 Starting

The **pump** shall run for
<xx> hours, see [the manual](http://example.org/a_b) & more.

1. The `valve_1` shall open.
   - at once
2. The valve shall close.

FR-1: The pump shall hum.
FR-2: The pump shall not sing.

| No. | Requirement |
|-----|-------------|
| 1   | The tank shall hold 5 l \\| 9 l. |

<!-- The author shall not be read. -->
"""


def test_markdown_structure() -> None:
    document = read(MARKDOWN, "pump.md")
    assert headings(document) == [(1, "Pump specification"), (2, "1.2 Starting")]
    assert marked(document)[2:8] == [
        ("", "The pump shall run for <xx> hours, see the manual & more."),
        ("1.", "The valve_1 shall open."),
        ("-", "at once"),
        ("2.", "The valve shall close."),
        ("FR-1", "The pump shall hum."),
        ("FR-2", "The pump shall not sing."),
    ]
    items = [b for b in document.blocks if b.kind is BlockKind.LIST_ITEM]
    assert [item.level for item in items] == [1, 2, 1]


def test_markdown_table_cells_know_their_header() -> None:
    document = read(MARKDOWN, "pump.md")
    cell = document.blocks[-1]
    assert (cell.marker, document.slice(cell)) == ("1", "The tank shall hold 5 l | 9 l.")
    assert cell.cell is not None
    assert (cell.cell.row, cell.cell.column, cell.cell.header) == (1, 1, "Requirement")


def test_setext_headings() -> None:
    assert headings(read("Pump\n====\n\nText.\n\nValve\n-----\n\nText.\n", "a.md")) == [
        (1, "Pump"),
        (2, "Valve"),
    ]


def test_big_markdown_is_cut_before_headings_but_not_inside_code() -> None:
    section = "# A\n\n```\n# no heading\n```\n\n" + "The pump shall run. " * 400 + "\n\n"
    text = section * 100
    parts = list(chunks(text))
    assert "".join(parts) == text
    assert len(parts) > 1
    assert all(part.startswith("# A\n") for part in parts)


def test_html_structure() -> None:
    document = read(
        "<!DOCTYPE html><html><head><title>no</title><style>p {}</style></head><body>"
        "<nav><a>Menu</a></nav><h1>1 Pump</h1><p>The pump<br>shall <b>run</b> for 5&nbsp;h."
        "<script>alert('shall')</script><ol><li>one<li>two</ol>"
        "<table><tr><th>ID<th>Text<tr><td rowspan=2>R-1<td>The pump shall hum.<tr><td>And sing."
        "</table></body></html>",
        "pump.html",
    )
    assert headings(document) == [(1, "1 Pump")]
    assert marked(document) == [
        ("1", "Pump"),
        ("", "The pump shall run for 5 h."),
        ("1.", "one"),
        ("2.", "two"),
        ("", "ID"),
        ("", "Text"),
        ("R-1", "The pump shall hum."),
        ("", "And sing."),
    ]
    last = document.blocks[-1].cell
    assert last is not None
    assert (last.row, last.column, last.header) == (2, 1, "Text")


def test_html_without_any_tag_is_text() -> None:
    assert texts(read("The pump shall run.", "a.htm")) == ["The pump shall run."]
