"""What is usual in a document: its body's size, line pitch, right edge; so what stands out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ..headings import is_plain_title
from ..markers import MarkerKind, match_marker
from .lines import Line

_LARGER = 1.1
_PITCH_LIMIT = 2.0  # font heights; lines farther apart are not of one paragraph


@dataclass(frozen=True, slots=True)
class Style:
    body_size: float
    pitch: dict[int, float]  # usual distance of baselines by rounded font height
    right: float  # where full lines end
    left: float
    bold_body: bool
    distinct_headings: bool  # numbered headings are larger or bold, so plain ones are no headings

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
    numbered: list[Line] = []
    for lines in pages:
        for above, line in zip([None, *lines], lines, strict=False):
            letters = len(line.text)
            sizes[round(line.size, 1)] += letters
            total += letters
            bold += letters if line.bold else 0
            ends.append(line.x1)
            begins[round(line.x0)] += letters
            _add_gap(gaps, above, line)
            if _is_numbered_title(line):
                numbered.append(line)
    body = sizes.most_common(1)[0][0] if sizes else 12.0
    ends.sort()
    plain = Style(
        body_size=body,
        pitch={size: found.most_common(1)[0][0] for size, found in gaps.items()},
        right=ends[int(0.95 * len(ends))] if ends else 500.0,
        left=float(begins.most_common(1)[0][0]) if begins else 0.0,
        bold_body=bold > 0.5 * total,
        distinct_headings=False,
    )
    distinct = sum(plain.stands_out(line) for line in numbered)
    return Style(
        plain.body_size, plain.pitch, plain.right, plain.left, plain.bold_body, distinct >= 2
    )


def _add_gap(gaps: dict[int, Counter[float]], above: Line | None, line: Line) -> None:
    if above is None or abs(above.size - line.size) > 0.5:
        return
    gap = above.baseline - line.baseline
    if 0.5 * line.size < gap < _PITCH_LIMIT * line.size:
        gaps.setdefault(round(line.size), Counter())[round(2 * gap) / 2] += 1


def _is_numbered_title(line: Line) -> bool:
    marker = match_marker(line.text)
    if marker is None or marker.kind is not MarkerKind.DECIMAL:
        return False
    return is_plain_title(marker.rest)
