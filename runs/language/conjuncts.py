"""Actions and things joined by "and", "or" or commas, told from words that belong together.

"send A and receive B" are two actions; "search and rescue data" is one thing. An action is split
only where a known verb follows the conjunction in the form the first verb has, and every part has
an object of its own.
"""

import re
from dataclasses import dataclass

from runs.language.span import Span, trimmed
from runs.language.verbs import base_of_participle, is_base_verb, is_noun_too

_JOINT = re.compile(r",?\s(?:and then|and also|and|then|as well as)\s|,\s|;\s", re.IGNORECASE)
_THING_JOINT = re.compile(r",\s(?:and|or)\s|,\s|\s(?:and|or|as well as)\s|;\s", re.IGNORECASE)
_ADVERB = re.compile(r"(?:automatically|immediately|also|then|subsequently|not|\w{2,20}ly)\s")
_FIRST_WORD = re.compile(r"[A-Za-z][\w-]{0,30}")
_ABLE = re.compile(
    r"(?:be (?:able|capable|possible|allowed|permitted|required) (?:to|of)\s)"
    r"|(?:provide (?:the |a )?(?:means|ability|capability|facility|possibility) (?:to|for|of)\s)"
    r"|(?:have the (?:ability|possibility|capability) to\s)"
    r"|(?:(?:allow|enable|permit) [^,;]{1,40}? to\s)",
    re.IGNORECASE,
)
_DETERMINER = re.compile(
    r"(?:the|a|an|all|any|each|every|it|them|its|their|his|her|this|these|those|at|no|another|new)"
    r"\b",
    re.IGNORECASE,
)
# Behind two actions, "and return to" is a third: a noun would need an article.
_PREPOSITION = re.compile(r"(?:to|from|into|onto|off|back|over)\b", re.IGNORECASE)
# Behind "open in less than 3 s", "and close in less than 4 s" is a second action. Behind "open the
# chart in less than 3 s" it would lack its object, so that stays one.
_LIMIT = re.compile(
    r"(?:in|within|for|after|every|by|to)\s(?:(?:no|not|at|less|more|fewer|most|least|than|up|to)\s)*"
    r"\d",
    re.IGNORECASE,
)
MAX_ACTION = 4000


@dataclass(frozen=True, slots=True)
class Actions:
    """One modal verb's actions: `prefix` ("be able to ") goes before each of `parts`."""

    prefix: str
    parts: tuple[Span, ...]  # into the text given; one part: it does not split


def split_actions(action: str) -> Actions:
    """The actions of what stands behind a modal verb; a single part when it does not split."""
    whole = Actions("", (Span(0, len(action)),))
    if len(action) > MAX_ACTION:
        return whole
    able = _ABLE.match(action)
    start = able.end() if able else 0
    passive = action.startswith("be ") and not able
    start = 3 if passive else start
    cuts = [m for m in _JOINT.finditer(action, start) if _depth(action, start, m.start()) == 0]
    bounds = [start]
    ends: list[int] = []
    for cut in cuts:
        joined = bool(ends) and "and" in cut.group()
        first = _FIRST_WORD.match(action, bounds[-1])
        limited = bool(first and not passive and _LIMIT.match(action, first.end() + 1))
        if not _begins_action(action, cut.end(), passive, joined=joined, limited=limited):
            continue
        if not _stands(action[bounds[-1] : cut.start()]):
            return whole  # "record, store and display the data": the verbs share one object
        ends.append(cut.start())
        bounds.append(cut.end())
    ends.append(len(action))
    parts = tuple(trimmed(action, a, b) for a, b in zip(bounds, ends, strict=True))
    if len(parts) < 2 or not _stands(parts[-1].of(action)):
        return whole
    return Actions(action[:start], parts)


def _depth(text: str, start: int, end: int) -> int:
    return text.count("(", start, end) - text.count(")", start, end)


def _begins_action(action: str, at: int, passive: bool, *, joined: bool, limited: bool) -> bool:
    adverb = _ADVERB.match(action, at)
    word = _FIRST_WORD.match(action, adverb.end() if adverb else at)
    if not word:
        return False
    if passive:
        return base_of_participle(word.group()) is not None and action[word.end() :].strip() != ""
    if not is_base_verb(word.group()):
        return False
    if not is_noun_too(word.group()):
        return True
    if limited and _LIMIT.match(action, word.end() + 1):
        return True
    following = _PREPOSITION if joined else _DETERMINER
    return bool(
        following.match(action, word.end() + 1) or _DETERMINER.match(action, word.end() + 1)
    )


def _stands(part: str) -> bool:
    """Whether a part has an object or complement of its own: two words at least, no open end."""
    words = part.split()
    if len(words) < 2 or (words[-2].endswith(",") and is_base_verb(words[-1])):
        return False
    return words[-1].lower() not in ("the", "a", "an", "of", "to", "and", "or", "for", "with")


def split_things(text: str) -> tuple[Span, ...]:
    """The things of "A, B and C"; one span when there is no list of at least two."""
    if len(text) > MAX_ACTION:
        return (Span(0, len(text)),)
    parts: list[Span] = []
    start = 0
    for cut in _THING_JOINT.finditer(text):
        if _depth(text, 0, cut.start()) == 0:
            parts.append(trimmed(text, start, cut.start()))
            start = cut.end()
    parts.append(trimmed(text, start, len(text)))
    return tuple(part for part in parts if part.end > part.start)
