"""Lines into paragraphs and list items: where one begins, and what it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from ..cleaning import Vocabulary, join_all
from ..headings import is_plain_title, may_be_title
from ..markers import Marker, MarkerKind, is_marker, match_marker
from .lines import Line
from .style import Style

_ENDED = re.compile(r"[.!?:;][)\]\"'”’]*$|[.!?]?\s?\([A-Z]{1,3}\)[.;]?$")
_COLUMN_GAP = 1.8  # font heights between the columns of a table without lines
_SAME = 3.0  # points: two lines that begin this near begin at the same place
_BARE_BULLET = re.compile(r"[•●○◦▪■□‣➢❖✓*–—-]$")


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together; `text_x` is where the text behind the marker begins."""

    lines: list[Line]
    marker: Marker | None
    text_x: float
    above: float = 1_000.0  # points to what stands above it
    turned: bool = field(default=False)  # it runs over a page break

    @property
    def first(self) -> Line:
        return self.lines[0]

    @property
    def last(self) -> Line:
        return self.lines[-1]

    def text(self, vocabulary: Vocabulary) -> tuple[str, tuple[tuple[int, int], ...]]:
        """The text without its marker, and where in it the pages turn."""
        texts = [(" ".join(line.text.split()), line.page) for line in self.lines]
        if self.marker:
            texts[0] = (" ".join(self.marker.rest.split()), self.first.page)
        return join_all((each for each in texts if each[0]), vocabulary)


class Gatherer:
    """Takes lines one by one and gives back each paragraph when the next one begins."""

    def __init__(
        self, style: Style, right: float | None = None, pitch: dict[int, float] | None = None
    ) -> None:
        self._style = style
        self._pitch = pitch or {}
        self._right = style.right if right is None else right
        self._open: Paragraph | None = None
        self._new_page = False

    @property
    def is_open(self) -> bool:
        return self._open is not None

    def turn_page(self, pitch: dict[int, float]) -> None:
        """What comes next stands on a new page, whose line pitch is given by font height."""
        self._new_page = True
        self._pitch = pitch

    def add(self, line: Line) -> Iterator[Paragraph]:
        marker = match_marker(line.text) or _lone_marker(line)
        current = self._open
        if current is not None and not self._begins(current, line, marker):
            current.turned = current.turned or self._new_page
            if self._new_page or len(current.lines) == 1:
                current.text_x = line.x0  # the second line shows where the text hangs
            current.lines.append(line)
            self._new_page = False
            return
        above = 1_000.0
        if current is not None and not self._new_page:
            above = current.last.baseline - line.baseline
        yield from self.close()
        self._new_page = False
        text_x = line.x0
        if marker:
            text_x = line.x_of(len(line.text) - len(marker.rest))
        self._open = Paragraph([line], marker, text_x, above)

    def close(self) -> Iterator[Paragraph]:
        if self._open is not None:
            done, self._open = self._open, None
            yield done

    def _begins(self, current: Paragraph, line: Line, marker: Marker | None) -> bool:
        last = current.last
        waiting = current.marker is not None and not current.marker.rest
        if self._differs_in_size(last, line):
            return True
        if line.bold != last.bold and self._differs_in_weight(current, line):
            return True
        if self._new_page:
            return not self._goes_on(current, line, marker)
        gap = last.baseline - line.baseline
        if gap <= 0 or gap > self._widest_gap(current):
            return True
        if waiting and marker is None:
            return False
        if marker and not self._is_wrapped(current, line, marker):
            return True
        if _is_row(line) and abs(line.x0 - current.first.x0) < _SAME:
            return True
        return self._moves(current, line) or self._ended_early(last, line)

    def _differs_in_size(self, last: Line, line: Line) -> bool:
        """Much, or a little and not in the middle of a sentence that filled its line."""
        difference = abs(line.size - last.size) / max(line.size, last.size)
        if difference > 0.15:
            return True
        return difference > 0.08 and (
            _ENDED.search(last.text) is not None or self._had_room(last, line)
        )

    def _differs_in_weight(self, current: Paragraph, line: Line) -> bool:
        """A bold title ends before plain text; a bold word at a paragraph's end is no title."""
        return current.last.bold or may_be_title(line.text)

    def _widest_gap(self, current: Paragraph) -> float:
        lines = current.lines
        last = current.last
        usual = self._pitch.get(round(last.size)) or self._style.pitch_of(last)
        if len(lines) > 1 and lines[-2].page == lines[-1].page:
            usual = max(usual, lines[-2].baseline - lines[-1].baseline)
        return 1.25 * usual + 1

    def _is_wrapped(self, current: Paragraph, line: Line, marker: Marker) -> bool:
        """A number or dash that came to stand first because the line above was full."""
        if marker.gap or not marker.rest or _ENDED.search(current.last.text):
            return False
        aligned = abs(line.x0 - current.text_x) < _SAME
        return aligned and not self._had_room(current.last, line)

    def _moves(self, current: Paragraph, line: Line) -> bool:
        """The left edge says that another paragraph begins."""
        ended = _ENDED.search(current.last.text) is not None
        shift = line.x0 - current.text_x
        if shift < -_SAME:
            if current.marker is not None:
                return ended or line.x0 < current.first.x0 - _SAME
            return ended or len(current.lines) > 1
        if shift > _SAME:
            return ended or (len(current.lines) > 1 and line.text[:1].isupper())
        return False

    def _had_room(self, last: Line, line: Line) -> bool:
        first = line.words[0]
        return self._right - last.x1 > (first.x1 - first.x0) + 0.4 * last.size

    def _ended_early(self, last: Line, line: Line) -> bool:
        if not self._had_room(last, line) or line.text[:1].islower():
            return False
        if _ENDED.search(last.text):
            return True
        return line.text[:1].isupper() and self._right - last.x1 > 0.4 * (self._right - last.x0)

    def _goes_on(self, current: Paragraph, line: Line, marker: Marker | None) -> bool:
        """Whether the paragraph that ended the page evidently goes on with this line."""
        last = current.last
        if marker and (marker.gap or marker.kind is not MarkerKind.LIST or line.text[0].isupper()):
            return False
        if self._style.stands_out(line) != self._style.stands_out(last):
            return False
        if self._style.stands_out(line) and may_be_title(line.text) and may_be_title(last.text):
            return False
        if line.text[:1].islower() or last.text.endswith((",", "-", "/")):
            return True
        if _ENDED.search(last.text):
            return False
        return not self._had_room(last, line) or not is_plain_title(line.text)


def _is_row(line: Line) -> bool:
    """A term and its meaning, or a row of figures: words set apart by more than justified text."""
    return any(
        after.x0 - before.x1 > _COLUMN_GAP * line.size for before, after in pairwise(line.words)
    )


def _lone_marker(line: Line) -> Marker | None:
    """A number or bullet whose text stands in the next line."""
    text = line.text.strip()
    if _BARE_BULLET.match(text):
        return Marker(text, MarkerKind.BULLET, "", gap=True)
    decimal = "." in text.strip(".") and is_marker(text)
    return Marker(text, MarkerKind.DECIMAL, "", gap=True) if decimal and text[0].isdigit() else None
