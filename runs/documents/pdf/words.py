"""The words of a PDF page with their boxes, read from pdfium character by character.

Coordinates are points from the lower left corner, y upwards, of the page as it is printed.
"""

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

_SPACES = frozenset(
    (0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x85, 0xA0, 0x2028, 0x2029, 0x3000)
) | frozenset(range(0x2000, 0x200C))
_HYPHENS = frozenset((0x02, 0xFFFE))  # what pdfium puts for a hyphen at a line's end
_BOLD_WEIGHT = 600
_QUARTER = math.pi / 2


@dataclass(slots=True)
class Word:
    text: str
    x0: float
    x1: float
    baseline: float
    bottom: float
    top: float
    bold: bool
    turns: int = 0  # quarter turns the text is rotated by, counter-clockwise
    spaced: bool = True  # white space stands before it; False for a raised sign, say

    @property
    def size(self) -> float:
        """Height of the font's box, ascent to descent; about 1.2 times the nominal size."""
        return self.top - self.bottom


Box = tuple[float, float, float, float]  # left, bottom, right, top


class _Characters:
    """One page's characters; keeps the ctypes buffers that every call needs."""

    def __init__(self, textpage: Any) -> None:
        import pypdfium2.raw as raw

        self._raw = raw
        self._page = textpage
        self._box = raw.FS_RECTF()
        self._box_ref = ctypes.byref(self._box)
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._name = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()

    def boxes(self, count: int) -> Iterator[tuple[int, int, Box | None]]:
        """(index, code, box) of the characters; code 0 and no box for white space."""
        code_of, box_of = self._raw.FPDFText_GetUnicode, self._raw.FPDFText_GetLooseCharBox
        page, box, reference = self._page, self._box, self._box_ref
        high = 0  # the first half of a surrogate pair
        for index in range(count):
            code = code_of(page, index)
            if code in _SPACES:
                yield index, 0, None
            elif 0xD800 <= code < 0xDC00:
                high = code
            elif code and box_of(page, index, reference):
                if 0xDC00 <= code < 0xE000:
                    if not high:
                        continue
                    code, high = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00), 0
                yield index, code, (box.left, box.bottom, box.right, box.top)

    def first(self, index: int, box: Box, *, spaced: bool) -> Word:
        """A word that begins with this character, its text still missing."""
        left, bottom, right, top = box
        turns = self._turns(index)
        self._raw.FPDFText_GetCharOrigin(
            self._page, index, ctypes.byref(self._x), ctypes.byref(self._y)
        )
        baseline = self._x.value if turns % 2 else self._y.value
        return Word("", left, right, baseline, bottom, top, self._is_bold(index), turns, spaced)

    def _is_bold(self, index: int) -> bool:
        if self._raw.FPDFText_GetFontWeight(self._page, index) >= _BOLD_WEIGHT:
            return True
        length = self._raw.FPDFText_GetFontInfo(
            self._page, index, self._name, 128, ctypes.byref(self._flags)
        )
        name = self._name.raw[: min(length, 128)].lower()
        return b"bold" in name or b"black" in name or b"heavy" in name

    def _turns(self, index: int) -> int:
        angle = self._raw.FPDFText_GetCharAngle(self._page, index)
        # pdfium counts clockwise
        return -round(angle / _QUARTER) % 4 if angle > 0 and math.isfinite(angle) else 0


def page_words(textpage: Any, count: int) -> list[Word]:
    """The words in the order in which the file draws them. `textpage` is pdfium's raw handle."""
    characters = _Characters(textpage)
    words: list[Word] = []
    letters: list[str] = []
    word: Word | None = None
    spaced = True
    for index, code, box in characters.boxes(count):
        if box is None:
            _close(word, letters)
            word, spaced = None, True
            continue
        if word is None or not _continues(word, box):
            _close(word, letters)
            word = characters.first(index, box, spaced=spaced)
            words.append(word)
            spaced = False
        elif word.turns % 2:
            word.bottom, word.top = min(word.bottom, box[1]), max(word.top, box[3])
        elif box[2] > word.x1:
            word.x1 = box[2]
        letters.append("-" if code in _HYPHENS else chr(code))
    _close(word, letters)
    return [word for word in words if word.text and _is_somewhere(word)]


def _close(word: Word | None, letters: list[str]) -> None:
    if word is not None:
        word.text = "".join(letters)
        letters.clear()


def _is_somewhere(word: Word) -> bool:
    """Damaged files place text at infinity or nowhere."""
    places = (word.x0, word.x1, word.bottom, word.top, word.baseline)
    return all(map(math.isfinite, places))


def _continues(word: Word, box: Box) -> bool:
    """Whether a character follows its word directly; pdfium misses spaces of some layouts."""
    left, bottom, right, top = box
    if word.turns % 2:
        return left < word.x1 and right > word.x0
    size = word.top - word.bottom
    if abs(bottom - word.bottom) > 0.12 * size or abs(top - bottom - size) > 0.2 * size:
        return False  # raised, lowered, or of another size
    return -size < left - word.x1 < 0.6 * size


def upright(words: list[Word], width: float, height: float) -> list[Word]:
    """The words in the direction that most of them have; text in another one is left out.

    Watermarks and notes along the margin go; a table printed sideways is turned.
    """
    votes: Counter[int] = Counter()
    for word in words:
        votes[word.turns] += len(word.text)
    if not votes:
        return []
    turns = votes.most_common(1)[0][0]
    kept = [word for word in words if word.turns == turns]
    return [_turned(word, width, height) for word in kept] if turns else kept


def _turned(word: Word, width: float, height: float) -> Word:
    if word.turns == 1:
        return replace(word, x0=word.bottom, x1=word.top, baseline=width - word.baseline,
                       bottom=width - word.x1, top=width - word.x0, turns=0)  # fmt: skip
    if word.turns == 3:
        return replace(word, x0=height - word.top, x1=height - word.bottom, bottom=word.x0,
                       top=word.x1, turns=0)  # fmt: skip
    return replace(word, x0=width - word.x1, x1=width - word.x0, baseline=height - word.baseline,
                   bottom=height - word.top, top=height - word.bottom, turns=0)  # fmt: skip
