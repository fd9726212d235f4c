"""Pages for two-sided printing: their left and right margins change places from page to page."""

from collections import Counter
from collections.abc import Iterable

from .layout import PageInk
from .lines import Line
from .rules import Rule

_LEAST = 4.0  # points by which margins must differ to matter
_MOST = 60.0
_CLEAR = 0.2  # share of the letters that must begin at a side's most frequent left edge


def align(inks: list[PageInk], printed: list[list[Line]]) -> list[list[Line]]:
    """Move the even pages so that text begins where it does on the odd ones.

    Words and lines are moved in place; the lines are given back.
    """
    odd = _left_edge(printed[0::2])
    even = _left_edge(printed[1::2])
    if odd is None or even is None or not _LEAST <= abs(odd - even) <= _MOST:
        return printed
    for ink, lines in zip(inks[1::2], printed[1::2], strict=True):
        _move(ink, lines, odd - even)
    return printed


def _left_edge(pages: Iterable[list[Line]]) -> float | None:
    edges: Counter[int] = Counter()
    for lines in pages:
        for line in lines:
            edges[round(line.x0)] += len(line.text)
    if not edges:
        return None
    edge, letters = edges.most_common(1)[0]
    return float(edge) if letters >= _CLEAR * edges.total() else None


def _move(ink: PageInk, lines: list[Line], shift: float) -> None:
    for word in ink.words:
        word.x0 += shift
        word.x1 += shift
    for line in lines:
        line.x0 += shift
        line.x1 += shift
    ink.horizontal = [
        Rule(rule.at, rule.start + shift, rule.end + shift) for rule in ink.horizontal
    ]
    ink.vertical = [Rule(rule.at + shift, rule.start, rule.end) for rule in ink.vertical]
