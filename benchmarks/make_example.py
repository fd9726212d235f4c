"""Make runs/examples/example.docx and example.pdf from runs/examples/example.txt.

For development only: the three files are committed, and nothing that runs needs this script.
It needs reportlab beside the project's own dependencies (reportlab 5.1.0 made the committed PDF):

    python -m venv /tmp/example && /tmp/example/bin/pip install reportlab python-docx pypdfium2
    /tmp/example/bin/python benchmarks/make_example.py

The text is the one source, so the three forms say the same. Its layout is a small fixed grammar:
numbered headings, "- " items, one "| a | b |" table, a title of three lines, paragraphs between
blank lines. The same source gives the same bytes, so a change shows in the diff only if it is one.
"""

import io
import re
import sys
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "runs" / "examples"
HEADER = "Petrel Harbour Survey Vessel - System Requirements Specification"
STAMP = datetime(2026, 3, 12, 9, 0, 0)  # noqa: DTZ001 - Word keeps naive times; any fixed one will do
HEADING = re.compile(r"^(\d+(?:\.\d+)*) ([A-Z].*)$")
IDENTIFIER = re.compile(r"^(SYS-\d{3}) ")
OVER_THE_BREAK = "SYS-006"  # the requirement that has to run from one page of the PDF to the next


@dataclass(frozen=True)
class Part:
    kind: str  # title, heading, paragraph, item, table
    text: str = ""
    level: int = 0
    rows: list[list[str]] = field(default_factory=list)


def read(source: str) -> list[Part]:
    """The source's parts in their order; line breaks within a part become spaces."""
    parts: list[Part] = []
    for chunk in re.split(r"\n\s*\n", source.strip()):
        text = " ".join(chunk.split())
        if heading := HEADING.match(text):
            parts.append(Part("heading", text, level=heading[1].count(".") + 1))
        elif text.startswith("- "):
            parts.append(Part("item", text[2:]))
        elif text.startswith("|"):
            parts.append(Part("table", rows=table_rows(chunk)))
        else:
            parts.append(Part("paragraph" if len(parts) > 2 else "title", text))
    return parts


def table_rows(chunk: str) -> list[list[str]]:
    lines = [line.strip().strip("|") for line in chunk.splitlines()]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return [row for row in rows if set("".join(row)) != {"-"}]


# Word


def write_docx(parts: list[Part], pages: dict[str, int], target: Path) -> None:
    """`pages`: heading -> page, for the printed table of contents."""
    import docx

    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author = HEADER, "Petrel project"
    properties.created = properties.modified = STAMP
    section = document.sections[0]
    section.header.paragraphs[0].text = HEADER
    footer = section.footer.paragraphs[0]
    footer.add_run("PHV-SRS-004 Issue C\tPage ")
    add_field(footer, "PAGE", "1")
    in_title = True
    for part in parts:
        if in_title and part.kind != "title":
            add_contents(document, parts, pages)
            in_title = False
        add_part(document, part)
    buffer = io.BytesIO()
    document.save(buffer)
    target.write_bytes(with_fixed_times(buffer.getvalue()))


def add_part(document: Any, part: Part) -> None:
    if part.kind == "title":
        document.add_paragraph(part.text, style="Title" if part.text in HEADER else "Subtitle")
    elif part.kind == "heading":
        document.add_heading(part.text, level=part.level)
    elif part.kind == "item":
        document.add_paragraph(part.text, style="List Bullet")
    elif part.kind == "table":
        table = document.add_table(rows=0, cols=len(part.rows[0]), style="Table Grid")
        for row in part.rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    else:
        paragraph = document.add_paragraph()
        identifier = IDENTIFIER.match(part.text)
        if identifier:
            paragraph.add_run(identifier[1]).bold = True
        paragraph.add_run(part.text[len(identifier[1]) if identifier else 0 :])


def add_contents(document: Any, parts: list[Part], pages: dict[str, int]) -> None:
    """A table of contents field with the entries that Word would have printed."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
    from docx.shared import Mm

    document.add_paragraph("Contents", style="TOC Heading")
    styles = [document.styles.add_style(f"toc {n}", WD_STYLE_TYPE.PARAGRAPH) for n in (1, 2)]
    for style in styles:
        style.paragraph_format.space_after = 0
        style.paragraph_format.tab_stops.add_tab_stop(
            Mm(150), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
        )
    headings = [part for part in parts if part.kind == "heading"]
    entries = [document.add_paragraph(style=styles[part.level - 1]) for part in headings]
    add_field_start(entries[0], 'TOC \\o "1-2" \\h')
    for part, entry in zip(headings, entries, strict=True):
        entry.add_run(f"{part.text}\t{pages[part.text]}")
    add_field_character(entries[-1], "end")
    document.add_page_break()


def add_field(paragraph: Any, instruction: str, result: str) -> None:
    add_field_start(paragraph, instruction)
    paragraph.add_run(result)
    add_field_character(paragraph, "end")


def add_field_start(paragraph: Any, instruction: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    add_field_character(paragraph, "begin")
    code = OxmlElement("w:instrText")
    code.set(qn("xml:space"), "preserve")
    code.text = f" {instruction} "
    paragraph.add_run()._r.append(code)
    add_field_character(paragraph, "separate")


def add_field_character(paragraph: Any, kind: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    character = OxmlElement("w:fldChar")
    character.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(character)


def with_fixed_times(archive: bytes) -> bytes:
    """The same zip with the same times in it, whenever it is made."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            copy.writestr(entry, source.read(name))
    return target.getvalue()


# PDF


def write_pdf(parts: list[Part], target: Path) -> dict[str, int]:
    """Returns on which page each heading stands."""
    from reportlab import rl_config
    from reportlab.lib.units import mm
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    rl_config.useA85 = 0  # binary streams: smaller, and git sees that the file is no text
    pages: dict[str, int] = {}

    class Template(BaseDocTemplate):  # type: ignore[misc]
        def afterFlowable(self, flowable: Any) -> None:  # noqa: N802 - reportlab's name
            if level := getattr(flowable, "heading_level", 0):
                text = flowable.getPlainText()
                pages[text] = self.page
                self.notify("TOCEntry", (level - 1, text, self.page))

    document = Template(str(target), title=HEADER, author="Petrel project", invariant=1)
    frame = Frame(25 * mm, 25 * mm, 160 * mm, 247 * mm, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=print_edges))
    document.multiBuild(flowables(parts))
    return pages


def print_edges(canvas: Any, document: Any) -> None:
    """The running header and footer."""
    from reportlab.lib.units import mm

    canvas.saveState()
    canvas.setFont("Helvetica", 8.5)
    canvas.drawString(25 * mm, 282 * mm, HEADER)
    canvas.drawString(25 * mm, 14 * mm, "PHV-SRS-004 Issue C")
    canvas.drawRightString(185 * mm, 14 * mm, f"Page {document.page}")
    canvas.restoreState()


def pdf_styles() -> dict[str, Any]:
    from reportlab.lib.styles import ParagraphStyle as Style

    body = Style("paragraph", fontName="Helvetica", fontSize=11, leading=16, spaceAfter=8)
    bold = "Helvetica-Bold"
    return {
        "paragraph": body,
        "item": Style("item", body, leftIndent=18, bulletIndent=6, spaceAfter=4),
        "cell": Style("cell", body, fontSize=10, leading=13, spaceAfter=0),
        "title": Style("title", body, fontSize=14, leading=20, spaceAfter=6),
        "first": Style("first", body, fontName=bold, fontSize=22, leading=30, spaceAfter=8),
        "contents": Style("contents", body, fontName=bold, fontSize=14, spaceBefore=24),
        "heading1": Style(
            "h1", body, fontName=bold, fontSize=16, leading=20, spaceBefore=18, keepWithNext=1
        ),
        "heading2": Style(
            "h2", body, fontName=bold, fontSize=12.5, leading=16, spaceBefore=14, keepWithNext=1
        ),
    }


def flowables(parts: list[Part]) -> list[Any]:
    from reportlab.platypus import PageBreak, Paragraph
    from reportlab.platypus.tableofcontents import TableOfContents

    styles = pdf_styles()
    story: list[Any] = []
    for part in parts:
        if part.kind == "title":
            story.append(Paragraph(part.text, styles["title" if story else "first"]))
            continue
        if len(story) == sum(1 for p in parts if p.kind == "title"):
            contents = TableOfContents(dotsMinLevel=0)
            contents.levelStyles = [styles["paragraph"].clone("toc1", leading=15, spaceAfter=0)]
            contents.levelStyles.append(contents.levelStyles[0].clone("toc2", leftIndent=18))
            story += [Paragraph("Contents", styles["contents"]), contents, PageBreak()]
        story.append(flowable(part, styles))
    return story


def flowable(part: Part, styles: dict[str, Any]) -> Any:
    from reportlab.platypus import Paragraph

    if part.kind == "heading":
        heading = Paragraph(part.text, styles[f"heading{part.level}"])
        heading.heading_level = part.level
        return heading
    if part.kind == "table":
        return pdf_table(part, styles["cell"])
    if part.kind == "item":
        return Paragraph(part.text, styles["item"], bulletText="•")
    return Paragraph(IDENTIFIER.sub(r"<b>\1</b> ", part.text), styles["paragraph"])


def pdf_table(part: Part, style: Any) -> Any:
    from reportlab.lib import colors
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, Table

    bold = style.clone("head", fontName="Helvetica-Bold")
    rows = [
        [Paragraph(text, style if number else bold) for text in row]
        for number, row in enumerate(part.rows)
    ]
    return Table(
        rows,
        colWidths=[22 * mm, 113 * mm, 25 * mm],
        style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("VALIGN", (0, 0), (-1, -1), "TOP")],
        repeatRows=1,
        spaceAfter=12,
    )


def check_break(target: Path, parts: list[Part]) -> None:
    """Stops with a message unless `OVER_THE_BREAK` begins on one page and ends on the next."""
    import pypdfium2

    text = next(part.text for part in parts if part.text.startswith(OVER_THE_BREAK))
    with pypdfium2.PdfDocument(str(target)) as document:
        pages = [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    first, last = " ".join(text.split()[:6]), " ".join(text.split()[-6:])
    begins = next(number for number, page in enumerate(pages, 1) if first in page)
    ends = next((number for number, page in enumerate(pages, 1) if last in page), 0)
    if ends != begins + 1:
        sys.exit(
            f"{OVER_THE_BREAK} stands on page {begins} alone, but the tests need it to run over a "
            "page break. Change the spacing in pdf_styles() until it does."
        )


def main() -> None:
    parts = read((FOLDER / "example.txt").read_text(encoding="utf-8"))
    pages = write_pdf(parts, FOLDER / "example.pdf")
    check_break(FOLDER / "example.pdf", parts)
    write_docx(parts, pages, FOLDER / "example.docx")
    print(f"example.pdf (to page {max(pages.values())}) and example.docx are made anew.")


if __name__ == "__main__":
    main()
