"""A requirement sentence taken apart: conditions, actor, modal verb, action.

The patterns are those of EARS (Mavin et al., "Easy Approach to Requirements Syntax", RE'09), with
the freedoms that specifications take: "If X it shall be possible to ...", conditions behind the
action, a title in front ("Text quality: ...").
"""

import re
from dataclasses import dataclass

from runs.language.modals import Modal, find_modals
from runs.language.span import Span, trimmed

_KEYWORDS = (
    "while|whilst|when|whenever|where|wherever|if|after|until|unless|before|once|upon|during"
    "|in case of|in case|in the case of|in the event of|in the event that|as soon as|as long as"
    "|on request|on receipt of|on reception of|provided that|provided|following|throughout|given"
    "|for each|for every|for all"
)
_LEADING = re.compile(rf"\s?(?:{_KEYWORDS})\b", re.IGNORECASE)
_ADVERBIAL = re.compile(
    r"\s?(?:for|in|on|at|with|from|under|within|by|to|prior to|as|together with|due to|based"
    r" on|depending on|via|through|without|according to|except|except for|apart from"
    r"|where possible)\b",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"(?<!as )(?<!even )(?<!only )(?:,\s)?\b(?:only\s)?(?:when|whenever"
    r"|while|whilst|if|unless|until|once|after|before|upon(?= \w+ing| request| recei| recep)"
    r"|during|in case of|in case|in the event of|in the event that|as soon as"
    r"|as long as|(?<=, )provided that|on request of|on request|on receipt of)\s",
    re.IGNORECASE,
)
_TITLE = re.compile(r"[A-Z][^.:;!?]{1,70}:\s(?=[A-Z])")
_ACTOR_START = re.compile(
    r"(?:^|(?<=\s)|(?<=\())(?:the|a|an|it|this|that|these|those|all|any|each|every|both|no|there"
    r"|they|he|she|such|only|users?)\s",
    re.IGNORECASE,
)
_LIST_TAIL = re.compile(
    r"\s(?!the\b|an?\b|it\b|all\b|each\b)(?:[\w-]+\s){1,4}(?:and|or)\s", re.IGNORECASE
)
_THEN = re.compile(r"\s?then\s", re.IGNORECASE)
_DISCOURSE = re.compile(
    r"(?:in addition|additionally|furthermore|moreover|however|also|therefore|thus|ideally"
    r"|in general|in particular|in principle|optionally|as a minimum|at least)\s?,\s?",
    re.IGNORECASE,
)
_SUBORDINATE = re.compile(r"\b(?:so that|because|in order that)\s", re.IGNORECASE)
_RELATIVE = re.compile(r"\b(?:which|that|who|whom|where|what|as)\s(?:\w{1,12}\s)?$", re.IGNORECASE)
_TRIED = 8  # modal verbs of one sentence that may be its main one
MAX_SENTENCE = 3000
"""Sentences beyond this many characters are not taken apart: no one wrote them as one."""


@dataclass(frozen=True, slots=True)
class Clause:
    """The parts of one sentence, as spans of it; `None` where there is no such part."""

    text: str
    title: Span | None  # "Text quality:"
    conditions: tuple[Span, ...]  # before the actor, keyword included, no comma at the end
    actor: Span | None
    modal: Modal | None
    action: Span | None  # all behind the modal up to the trailing conditions
    trailing: tuple[Span, ...]  # conditions behind the action, keyword included

    def part(self, span: Span | None) -> str:
        return span.of(self.text) if span else ""


def parse_clause(sentence: str) -> Clause:
    """Take one sentence apart. Without a modal verb in its main clause all of it is `action`."""
    title = _TITLE.match(sentence)
    if title and find_modals(title.group()):
        title = None  # "It shall read the following formats: CSV": the colon opens a list
    start = title.end() if title else 0
    linking = _DISCOURSE.match(sentence, start)
    start = linking.end() if linking else start
    title_span = trimmed(sentence, 0, title.end()) if title else None
    modals = [modal for modal in find_modals(sentence[:MAX_SENTENCE]) if modal.start >= start]
    main = _main_modal(sentence, start, modals) if modals else None
    if main is None:
        body = trimmed(sentence, start, len(sentence))
        return Clause(sentence, title_span, (), None, None, body, ())
    modal, subject = main
    conditions, actor = _before(sentence, start, subject, modal.start)
    action, trailing = _behind(sentence, modal.end)
    return Clause(sentence, title_span, conditions, actor, modal, action, trailing)


def _is_condition(sentence: str, start: int) -> bool:
    return bool(_LEADING.match(sentence, start) or _ADVERBIAL.match(sentence, start))


def _main_modal(sentence: str, start: int, modals: list[Modal]) -> tuple[Modal, int] | None:
    """The modal verb of the main clause, and where its subject begins; None if it has none."""
    if not _is_condition(sentence, start):
        main = next((modal for modal in modals if not _in_relative(sentence, start, modal)), None)
        return (main, start) if main else None
    for modal in modals[:_TRIED]:
        comma = _last_comma(sentence, start, modal.start)
        if comma >= 0:
            return modal, comma + 1
    for modal in reversed(modals[:_TRIED]):
        subject = _subject_before(sentence, start, modal.start)
        if subject > start:
            return modal, subject
    return modals[-1], start


def _in_relative(sentence: str, start: int, modal: Modal) -> bool:
    before = sentence[max(start, modal.start - 24) : modal.start]
    return bool(_RELATIVE.search(before) or _SUBORDINATE.search(sentence, start, modal.start))


def _last_comma(sentence: str, start: int, end: int) -> int:
    """The last comma outside of brackets that leaves a subject between itself and `end`.

    In "If X, the position, heading and speed shall ..." the subject is the list: its own commas
    are stepped over.
    """
    depth = 0
    commas: list[int] = []
    for i in range(start, end):
        letter = sentence[i]
        if letter == "(":
            depth += 1
        elif letter == ")":
            depth = max(0, depth - 1)
        elif letter == "," and depth == 0 and _holds_subject(sentence[i + 1 : min(end, i + 80)]):
            commas.append(i)
    while len(commas) > 1 and _LIST_TAIL.match(sentence, commas[-1] + 1, end):
        commas.pop()
    return commas[-1] if commas else -1


def _holds_subject(between: str) -> bool:
    between = _THEN.sub("", between.strip())
    if not between or _is_condition(between, 0):
        return False
    return not re.match(r"(?:and|or|but|which|who)\b", between, re.IGNORECASE)


def _subject_before(sentence: str, start: int, end: int) -> int:
    """Where the noun phrase right before a modal verb begins, when no comma tells."""
    best = start
    for match in _ACTOR_START.finditer(sentence, start, end):
        before = sentence[max(start, match.start() - 12) : match.start()].rstrip()
        if not re.search(r"\b(?:of|for|in|on|to|from|by|with|at|and|or)$", before, re.IGNORECASE):
            best = match.start()
    return best


def _before(
    sentence: str, start: int, subject: int, modal_start: int
) -> tuple[tuple[Span, ...], Span | None]:
    then = _THEN.match(sentence, subject, modal_start)
    actor = trimmed(sentence, then.end() if then else subject, modal_start)
    conditions: tuple[Span, ...] = ()
    if subject > start:
        span = trimmed(sentence, start, subject)
        while span.end > span.start and sentence[span.end - 1] in ",; ":
            span = Span(span.start, span.end - 1)
        if span.end > span.start:
            conditions = (span,)
    return conditions, actor if actor.end > actor.start else None


def _behind(sentence: str, modal_end: int) -> tuple[Span | None, tuple[Span, ...]]:
    match = next(
        (
            found
            for found in _TRAILING.finditer(sentence, modal_end)
            if sentence.count("(", modal_end, found.start())
            <= sentence.count(")", modal_end, found.start())
        ),
        None,
    )
    end = match.start() if match else len(sentence)
    action = trimmed(sentence, modal_end, end)
    trailing: tuple[Span, ...] = ()
    if match:
        begin = match.start() + (2 if sentence[match.start()] == "," else 0)
        span = trimmed(sentence, begin, len(sentence))
        trailing = (_without_stop(sentence, span),)
    if action.end <= action.start:
        return None, trailing
    return _without_stop(sentence, action), trailing


def _without_stop(sentence: str, span: Span) -> Span:
    end = span.end
    mark = re.search(r"\s?\([A-Z]{1,3}\)\.?$", sentence[max(span.start, span.end - 8) : end])
    if mark:
        end -= len(mark.group())
    while end > span.start and sentence[end - 1] in ".;:, ":
        end -= 1
    return Span(span.start, end)
