"""Word's automatic numbers as they are printed: "3.2.1", "b)", "iv.", "•".

ECMA-376 part 1, 17.9: a paragraph names a numbering instance (numId) and a level; the instance
refers to an abstract definition, whose levels have a start, a format and a text such as "%1.%2".
Instances of one definition count on together unless they override a level's start.
"""

from dataclasses import dataclass, field
from typing import Any

from .package import W
from .styles import attribute, whole

_LEVELS = 9
_MOST = 1_000_000  # a counter beyond it is damage; also keeps the Roman numbers short
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""
    legal: bool = False  # print all numbers as decimals
    style: str = ""  # the paragraph style tied to it


@dataclass(slots=True)
class _Definition:
    levels: dict[int, Level] = field(default_factory=dict)
    counts: list[int | None] = field(default_factory=lambda: [None] * _LEVELS)


class Numbering:
    """Counts paragraphs as they come; `next` gives each one's printed number."""

    def __init__(self, root: Any | None) -> None:
        self._definitions: dict[str, _Definition] = {}
        self._instances: dict[str, tuple[str, dict[int, Level], dict[int, int]]] = {}
        self._seen: set[tuple[str, int]] = set()
        if root is None:
            return
        for element in root.iter(f"{W}abstractNum"):
            levels = {_index(lvl): _level(lvl) for lvl in element.iter(f"{W}lvl")}
            self._definitions[element.get(f"{W}abstractNumId") or ""] = _Definition(levels)
        for element in root.iter(f"{W}num"):
            self._add_instance(element)

    def _add_instance(self, element: Any) -> None:
        levels: dict[int, Level] = {}
        starts: dict[int, int] = {}
        for override in element.iter(f"{W}lvlOverride"):
            start = whole(attribute(override, "w:startOverride"))
            if start is not None:
                starts[_index(override)] = start
            own = override.find(f"{W}lvl")
            if own is not None:
                levels[_index(override)] = _level(own)
        abstract = attribute(element, "w:abstractNumId") or ""
        self._instances[element.get(f"{W}numId") or ""] = (abstract, levels, starts)

    def level_of_style(self, number: str, style: str) -> int | None:
        """The level of an instance that is tied to a paragraph style."""
        instance = self._instances.get(number)
        definition = self._definitions.get(instance[0]) if instance else None
        if definition is None:
            return None
        return next(
            (i for i, level in definition.levels.items() if style and level.style == style), None
        )

    def is_bullet(self, number: str, depth: int) -> bool:
        level = self._level(number, depth)
        return level is not None and level.format in ("bullet", "none")

    def next(self, number: str, depth: int) -> str:
        """Count one paragraph and give its printed number, "" when it has none."""
        level = self._level(number, depth)
        if level is None or not 0 <= depth < _LEVELS:
            return ""
        abstract, _, starts = self._instances[number]
        counts = self._definitions[abstract].counts
        restart = depth in starts and (number, depth) not in self._seen
        before = counts[depth]
        self._seen.add((number, depth))
        if restart:
            counts[depth] = starts[depth]
        else:
            counts[depth] = level.start if before is None else min(before + 1, _MOST)
        counts[depth + 1 :] = [None] * (_LEVELS - depth - 1)
        for above in range(depth):
            if counts[above] is None:
                upper = self._level(number, above)
                counts[above] = upper.start if upper else 1
        return self._printed(number, level, counts)

    def _printed(self, number: str, level: Level, counts: list[int | None]) -> str:
        if level.format == "bullet":
            return "•" if not level.text or level.text.isalpha() else level.text
        text = level.text
        for index in range(_LEVELS):
            place = f"%{index + 1}"
            if place in text:
                own = self._level(number, index) or Level()
                style = "decimal" if level.legal else own.format
                text = text.replace(place, formatted(counts[index] or 0, style))
        return text.strip()

    def _level(self, number: str, depth: int) -> Level | None:
        instance = self._instances.get(number)
        if instance is None:
            return None
        definition = self._definitions.get(instance[0])
        return instance[1].get(depth) or (definition.levels.get(depth) if definition else None)


def _index(element: Any) -> int:
    return whole(element.get(f"{W}ilvl"), 0) or 0


def _level(element: Any) -> Level:
    legal = element.find(f"{W}isLgl")
    return Level(
        start=whole(attribute(element, "w:start"), 1) or 0,
        format=attribute(element, "w:numFmt") or "decimal",
        text=attribute(element, "w:lvlText") or "",
        legal=legal is not None and legal.get(f"{W}val") not in ("0", "false"),
        style=attribute(element, "w:pStyle") or "",
    )


def formatted(count: int, style: str) -> str:
    """A count in one of Word's number formats; unknown ones print as decimals."""
    if style in ("lowerLetter", "upperLetter"):
        # after z come aa, bb, cc
        letter = (
            chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 5) if count > 0 else ""
        )
        return letter.upper() if style == "upperLetter" else letter
    if style in ("lowerRoman", "upperRoman"):
        roman = _roman(count)
        return roman.upper() if style == "upperRoman" else roman
    if style == "decimalZero":
        return f"{count:02d}"
    return "" if style == "none" else str(count)


def _roman(count: int) -> str:
    if not 0 < count < 4_000:
        return str(count)
    parts = []
    for value, letters in _ROMAN:
        times, count = divmod(count, value)
        parts.append(letters * times)
    return "".join(parts)
