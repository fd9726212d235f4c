"""What is usual in a document: its body's size, line pitch, right edge; so what stands out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from ..headings import is_plain_title
from ..markers import MarkerKind, match_marker, number_depth
from .lines import Line

_LARGER = 1.1
_ENOUGH_GAPS = 6
_FREQUENT = 0.15
_PITCH_LIMIT = 2.0  # font heights; lines farther apart are not of one paragraph


@dataclass(frozen=True, slots=True)
class Style:
    body_size: float
    pitch: dict[int, float]  # usual distance of baselines by rounded font height
    right: float  # where full lines end
    left: float
    bold_body: bool
    distinct_headings: bool  # numbered headings are larger or bold, so plain ones are no headings
    numbers_x: float  # left of it begins none of the usual numbered paragraphs

    def stands_out(self, line: Line) -> bool:
        """Larger than the body or, in a body that isn't, bold."""
        return line.size > _LARGER * self.body_size or (line.bold and not self.bold_body)

    def pitch_of(self, line: Line) -> float:
        return self.pitch.get(round(line.size), 1.15 * line.size)


def style_of(pages: Iterable[list[Line]]) -> Style:
    """Measure the lines of all pages; give them without headers, footers and tables' cells."""
    sizes: Counter[float] = Counter()
    gaps: dict[int, Counter[float]] = {}
    bold = total = 0
    ends: list[float] = []
    begins: Counter[int] = Counter()
    titles: list[Line] = []
    numbers: Counter[tuple[int, int]] = Counter()
    for lines in pages:
        for above, line in zip([None, *lines], lines, strict=False):
            letters = len(line.text)
            sizes[round(line.size, 1)] += letters
            total += letters
            bold += letters if line.bold else 0
            ends.append(line.x1)
            begins[round(line.x0)] += letters
            _add_gap(gaps, above, line)
            marker = match_marker(line.text)
            if marker and marker.kind is MarkerKind.DECIMAL:
                numbers[number_depth(marker.text), round(line.x0)] += 1
                if is_plain_title(marker.rest):
                    titles.append(line)
    body = sizes.most_common(1)[0][0] if sizes else 12.0
    ends.sort()
    plain = Style(
        body_size=body,
        pitch={size: _pitch(found) for size, found in gaps.items()},
        right=ends[int(0.95 * len(ends))] if ends else 500.0,
        left=float(begins.most_common(1)[0][0]) if begins else 0.0,
        bold_body=bold > 0.5 * total,
        distinct_headings=False,
        numbers_x=_numbers_edge(numbers),
    )
    return replace(plain, distinct_headings=sum(map(plain.stands_out, titles)) >= 2)


def _numbers_edge(numbers: Counter[tuple[int, int]]) -> float:
    """The leftmost usual begin of the lines whose number has the most frequent depth."""
    depths: Counter[int] = Counter()
    for (depth, _), times in numbers.items():
        depths[depth] += times
    if not depths:
        return 0.0
    usual = depths.most_common(1)[0][0]
    enough = max(3, 0.02 * depths[usual])
    edges = [x for (depth, x), times in numbers.items() if depth == usual and times >= enough]
    return float(min(edges, default=0))


def page_pitch(lines: list[Line]) -> dict[int, float]:
    """The line pitch by font height where a page, or a cell, has enough lines to tell."""
    gaps: dict[int, Counter[float]] = {}
    for above, line in pairwise(lines):
        _add_gap(gaps, above, line)
    return {size: _pitch(found) for size, found in gaps.items() if found.total() >= _ENOUGH_GAPS}


def _pitch(gaps: Counter[float]) -> float:
    """The smallest frequent distance: larger ones stand between paragraphs."""
    enough = _FREQUENT * gaps.total()
    return min(gap for gap, times in gaps.items() if times >= enough or times == max(gaps.values()))


def _add_gap(gaps: dict[int, Counter[float]], above: Line | None, line: Line) -> None:
    if above is None or abs(above.size - line.size) > 0.5:
        return
    gap = above.baseline - line.baseline
    if 0.5 * line.size < gap < _PITCH_LIMIT * line.size:
        gaps.setdefault(round(line.size), Counter())[round(2 * gap) / 2] += 1
