"""The forms that a domain's conventions describe: identifiers and templates of statements."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from runs.requests import RequirementType

_GAP = re.compile(r"<[^<>]*>")
_PARTS = {
    "{CODE}": r"[A-Z][A-Z0-9]{0,15}",
    "{TYPE}": "|".join(RequirementType),
    "{NNN}": r"\d{3,12}",
}


@lru_cache(maxsize=64)
def identifier_form(template: str) -> re.Pattern[str]:
    """What an identifier written as "{CODE}-{TYPE}-{NNN}" looks like."""
    parts = re.split(r"(\{[A-Z]+\})", template)
    return re.compile("".join(f"(?:{_PARTS[p]})" if p in _PARTS else re.escape(p) for p in parts))


def fits_any(text: str, templates: Iterable[str]) -> bool:
    """Whether a statement follows one of the templates: "The <actor> shall <action>."."""
    plain = _plain(text)
    return any(_fits(plain, [_plain(piece) for piece in _GAP.split(each)]) for each in templates)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(" .")


def _fits(text: str, pieces: Sequence[str]) -> bool:
    """Whether the pieces stand in the text in this order with something in each gap between them.

    The first place that fits is as good as any later one, so this takes linear time.
    """
    first, last = pieces[0], pieces[-1]
    end = len(text) - len(last)
    if not text.startswith(first) or not text.endswith(last):
        return False
    position = len(first)
    for piece in pieces[1:-1]:
        found = text.find(f" {piece}" if piece[:1].isalnum() else piece, position + 1)
        if found < 0:
            return False
        position = found + len(piece) + (1 if piece[:1].isalnum() else 0)
    return bool(text[position:end].strip()) if position < end else False
