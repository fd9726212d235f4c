"""PDF: pypdfium2 reads the characters and drawn lines; `runs.documents.pdf` finds the structure."""

from typing import Any

from ..builder import Builder
from ..cleaning import Vocabulary, clean
from ..document import Document
from ..errors import DocumentRefused
from ..pagecount import check_pages
from ..pdf.flow import Flow
from ..pdf.furniture import furniture
from ..pdf.layout import Item, PageInk, arrange
from ..pdf.lines import Line, lines_of
from ..pdf.margins import align
from ..pdf.rules import grids, page_rules
from ..pdf.style import style_of
from ..pdf.words import page_words, upright
from .protocol import Source

_SMALLEST = 1.0  # points: text that nobody can see


class _Pdf:
    def parse(self, source: Source) -> Document:
        pdf = _opened(source.content)
        try:
            check_pages(len(pdf))
            inks = [_ink(pdf, index) for index in range(len(pdf))]
        finally:
            pdf.close()
        pages = _arranged(inks)
        vocabulary = Vocabulary()
        for items in pages:
            for line in items:
                if isinstance(line, Line):
                    vocabulary.learn(line.text)
                else:
                    for cell in line.cells.values():
                        for each in cell:
                            vocabulary.learn(each.text)
        style = style_of([item for item in items if isinstance(item, Line)] for items in pages)
        builder = Builder(source.name, source.media_type)
        for piece in Flow(style, vocabulary).read(pages):
            builder.add(piece)
        return builder.finish(len(pages), _warnings(inks))


PARSER = _Pdf()


def _opened(content: bytes) -> Any:
    import pypdfium2
    import pypdfium2.raw as raw

    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise DocumentRefused(
                "encrypted",
                "The PDF is protected with a password, so it cannot be read. Save it without the "
                "password and upload it again.",
            ) from error
        raise DocumentRefused(
            "corrupt",
            "The PDF is damaged and cannot be opened. Open it in the program that made it, export "
            "it again and upload that.",
        ) from error


def _ink(pdf: Any, index: int) -> PageInk:
    import pypdfium2

    try:
        page = pdf[index]
    except pypdfium2.PdfiumError:  # one damaged page does not make the others unreadable
        return PageInk(index + 1, 612.0, 792.0, [], is_damaged=True)
    try:
        width, height = page.get_size()
        textpage = page.get_textpage()
        words = page_words(textpage.raw, textpage.count_chars())
        for word in words:
            word.text = _readable(word.text)
        words = [word for word in words if word.text and word.size > _SMALLEST]
        horizontal, vertical, pictures = page_rules(page)
        words = upright(words, width, height)
        return PageInk(
            index + 1, width, height, words, horizontal, vertical, has_pictures=pictures > 0
        )
    finally:
        page.close()


def _warnings(inks: list[PageInk]) -> tuple[str, ...]:
    damaged = [ink.number for ink in inks if ink.is_damaged]
    pictures = [ink.number for ink in inks if ink.has_pictures and not ink.words]
    found = []
    if damaged:
        found.append(f"{_named(damaged)} could not be read because the file is damaged there.")
    if pictures and len(pictures) < len(inks):
        verb = "hold" if len(pictures) > 1 else "holds"
        found.append(f"{_named(pictures)} {verb} only pictures; what those say is not read.")
    return tuple(found)


def _named(pages: list[int]) -> str:
    """Page numbers for a sentence, stretches of neighbours as from-to."""
    stretches: list[list[int]] = []
    for page in pages:
        if stretches and page == stretches[-1][-1] + 1:
            stretches[-1].append(page)
        else:
            stretches.append([page])
    shown = [str(s[0]) if len(s) == 1 else f"{s[0]} to {s[-1]}" for s in stretches]
    return f"Page{'s' if len(pages) > 1 else ''} {', '.join(shown)}"


def _readable(text: str) -> str:
    """A word's letters; a lone sign of a symbol font, which has no letter's code, is a bullet."""
    if len(text) == 1 and ("\x7f" <= text < "\xa0" or "\ue000" <= text <= "\uf8ff"):
        known = clean(text)
        return known if known and known < "\ue000" else "•"
    return clean(text).strip()


def _arranged(inks: list[PageInk]) -> list[list[Item]]:
    """Each page's lines and tables, headers and footers left out."""
    printed = align(inks, [lines_of(ink.words, ink.number) for ink in inks])
    tables = [grids(ink.horizontal, ink.vertical) for ink in inks]
    extents = [[(grid.ys[0], grid.ys[-1]) for grid in found] for found in tables]
    removed = furniture(printed, [ink.height for ink in inks], extents)
    return [
        arrange(ink, found, [line for i, line in enumerate(lines) if i not in indexes])
        for ink, lines, indexes, found in zip(inks, printed, removed, tables, strict=True)
    ]
