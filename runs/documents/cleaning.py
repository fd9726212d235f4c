"""Characters that no requirement needs, and the joining of lines that a layout broke."""

import re
from collections.abc import Iterable

# Control characters, surrogates, non-characters, zero-width and direction marks, and the invisible
# tag characters: PostgreSQL refuses some, people can't see the others.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\ufff9-\uffff\U000e0000-\U000e01ef]"
    r"|\u00ad(?!\s*\Z)"  # a soft hyphen at a line's end still says that the word goes on
)
_SYMBOLS = str.maketrans(
    {
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
        "\ufb05": "st",
        "\ufb06": "st",
        # Word's and Acrobat's Symbol and Wingdings fonts put their glyphs into the private area
        "\uf02d": "-",
        "\uf0a3": "≤",
        "\uf0a7": "▪",
        "\uf0a8": "▪",
        "\uf0b0": "°",
        "\uf0b1": "±",
        "\uf0b3": "≥",
        "\uf0b7": "•",
        "\uf0d8": "➢",
        "\uf0de": "⇒",
        "\uf0e0": "→",
        "\uf0fc": "✓",
        "\u2010": "-",
        "\u2011": "-",
    }
)
_RARE = re.compile("[\uf000-\uf0ff\ufb00-\ufb06\u2010\u2011]")
_BROKEN_WORD = re.compile(r"([^\W\d_]+)-$")
_FIRST_WORD = re.compile(r"([^\W\d_]+)")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_VOCABULARY_LIMIT = 200_000

# A hyphen after these is part of the word, also where the line ends behind it.
_PREFIX_LIST = (
    "all anti auto bi co cross ex extra full half high inter intra long low mid micro "
    "multi near non off peer plug post pre pro pseudo quasi re real self semi short "
    "single sub super time ultra un under user well"
)
_PREFIXES = frozenset(_PREFIX_LIST.split())


def clean(text: str) -> str:
    """Drop what cannot be stored or seen, put letters in place of ligatures; keeps white space."""
    text = _UNWANTED.sub("", text)
    return text.translate(_SYMBOLS) if _RARE.search(text) else text


def one_line(text: str) -> str:
    """Cleaned, every stretch of white space one space, nothing at the ends."""
    return " ".join(clean(text).replace("\u00ad", "").split())


class Vocabulary:
    """The words of one document, to tell "real-/time" from "require-/ment" at a line's end."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._endings: set[str] = set()  # what stands behind hyphens: "wise", "based"

    def learn(self, line: str) -> None:
        """Remember a line's words, except the last if the line broke it."""
        if len(self._words) >= _VOCABULARY_LIMIT:
            return
        words = _WORD.findall(line.lower())
        if words and line.rstrip().endswith("-"):
            words.pop()
        self._words.update(words)
        self._endings.update(word.rpartition("-")[2] for word in words if "-" in word)

    def keeps_hyphen(self, left: str, right: str) -> bool:
        """Whether the hyphen between two parts of a word belongs to the word."""
        left, right = left.lower(), right.lower()
        if left + right in self._words:
            return f"{left}-{right}" in self._words and left in _PREFIXES
        if f"{left}-{right}" in self._words or left in _PREFIXES or len(left) == 1:
            return True
        if right in self._endings:
            return True
        return left in self._words and right in self._words


def join(before: str, after: str, vocabulary: Vocabulary) -> str:
    """Two lines of one paragraph as one; both are cleaned of all but soft hyphens."""
    if not before or not after:
        return before or after
    if before.endswith("\u00ad"):
        return before.rstrip("\u00ad") + after
    broken = _BROKEN_WORD.search(before[-60:])
    if not broken:
        # "EN-/50128" and "<x>-/<y>" are broken at their hyphen; "this - /and that" is a dash
        glued = before.endswith(("-", "/")) and len(before) > 1 and not before[-2].isspace()
        return before + after if glued and after[0].isalnum() else f"{before} {after}"
    follows = _FIRST_WORD.match(after[:60])
    if not follows:
        return before + after if after[0].isdigit() else f"{before} {after}"
    if follows[1] in {"and", "or", "to"}:  # "short- and long-term"
        return f"{before} {after}"
    if follows[1][0].isupper() or vocabulary.keeps_hyphen(broken[1], follows[1]):
        return before + after
    return before[:-1] + after


def join_all(
    lines: Iterable[tuple[str, int]], vocabulary: Vocabulary
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Lines with their pages as one text, and (offset, page) for each page it turns to."""
    text, turns, page = "", [], 0
    for line, of_page in lines:
        text = join(text, line, vocabulary)
        if page and of_page > page:
            turns.append((len(text) - len(line), of_page))
        page = of_page
    return text, tuple(turns)
