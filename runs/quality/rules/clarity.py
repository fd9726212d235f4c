"""Clarity: one thought, said in words that every reader takes the same way."""

import re
from collections.abc import Iterator
from functools import partial

from runs.language.quantities import Comparator
from runs.language.units import Dimension as UnitDimension
from runs.quality.finding import Dimension, Severity
from runs.quality.lexicon import word_set
from runs.quality.rules import structure, terms
from runs.quality.rules.passive import passives
from runs.quality.rules.pronouns import vague_pronouns
from runs.quality.rules.rule import Hit, TextRule
from runs.quality.rules.solutions import solutions
from runs.quality.rules.vagueness import subjective, unspecific, vague
from runs.quality.rules.wording import (
    is_definite,
    lexical,
    neighbours,
    occurrences,
    word_span,
)
from runs.quality.statement import Statement

_ORDERED = word_set("highest lowest shortest longest greatest largest smallest")
_RANKS = word_set(
    "priority level levels path order value number bit rank category class address id index"
)
_PRECISE_AFTER_MOST = word_set("recent recently significant")
_PRACTICE = word_set("effort efforts practice practices")


def _is_bound(statement: Statement, first: int, last: int) -> bool:
    """ "at most 5", "the most recent", "best practice"."""
    word = statement.words[first].lower
    before, after = neighbours(statement, first, last)
    if word in ("most", "least") and (before == "at" or after in _PRECISE_AFTER_MOST):
        return True
    return after in _PRACTICE or (word in _ORDERED and after in _RANKS)


def _superlatives(statement: Statement) -> Iterator[Hit]:
    for span in occurrences(statement, terms.SUPERLATIVE, _is_bound):
        yield Hit(span.start, span.end)


def _is_value(statement: Statement, first: int, last: int) -> bool:
    """ "a maximum of 5", "the maximum number of units" (a parameter), "full duplex"."""
    if is_definite(statement, first, last):
        return True
    before, after = neighbours(statement, first, last)
    if before == "the" and after != "extent" and statement.words[first].lower != "full":
        return True
    return statement.has_number_near(word_span(statement, first, last), before=4, after=6)


def _goals(statement: Statement) -> Iterator[Hit]:
    """Directions ("minimise") and ends of scales ("maximum", "full") without a value."""
    listed = {
        word
        for first, last in terms.OPEN_LIST.find(statement.text, statement.words)
        for word in range(first, last + 1)
    }

    def is_harmless(statement: Statement, first: int, last: int) -> bool:
        return first in listed or _is_value(statement, first, last)

    for lexicon in (terms.GOAL, terms.EXTREME):
        for span in occurrences(statement, lexicon, is_harmless):
            yield Hit(span.start, span.end)


_LEVELS = word_set("limit bound level layer levels layers order case half part end tier")
_FIXED_BEFORE = word_set("or no any not once one never")
_NAMED_BEFORE = word_set("the its")
_FOLLOWED = re.compile(r"\s[a-z]")


def _has_reference(statement: Statement, first: int, last: int) -> bool:
    """ "faster than X", "5 or more", "no later", "the higher level"."""
    before, after = neighbours(statement, first, last)
    following = {word.lower for word in statement.words[last + 1 : last + 8]}
    if "than" in following or before in _FIXED_BEFORE or after in _LEVELS:
        return True
    word = statement.words[first].lower
    if before == "and" and not _FOLLOWED.match(statement.text, statement.words[last].end):
        return True  # "and more", the end of a list
    if before in _NAMED_BEFORE and word not in ("more", "less"):
        return True  # "the lower value" is one of two that are known
    ranked = {other.lower for other in statement.words[last + 1 : last + 4]}
    return word in ("higher", "lower") and bool(ranked & _RANKS)


def _comparatives(statement: Statement) -> Iterator[Hit]:
    for span in occurrences(statement, terms.COMPARATIVE, _has_reference):
        if not statement.has_number_near(span, before=2, after=4):
            yield Hit(span.start, span.end)


_PERIODS = word_set("second minute hour day week month quarter year cycle night morning other")
_COUNTED_ALL = word_set("at above after over first in of not")


def _is_counted(statement: Statement, first: int, last: int) -> bool:
    """ "every 5 s" and "every day" are rates, "above all" and "at all" are idioms."""
    word = statement.words[first].lower
    if word == "every":
        if neighbours(statement, first, last)[1] in _PERIODS:
            return True
        return statement.has_number_near(word_span(statement, first, last), before=0, after=2)
    return word == "all" and neighbours(statement, first, last)[0] in _COUNTED_ALL


def _totalities(statement: Statement) -> Iterator[Hit]:
    for span in occurrences(statement, terms.TOTALITY, _is_counted):
        yield Hit(span.start, span.end)
    for quantity in statement.quantities:
        whole = quantity.value == 100 and quantity.dimension is UnitDimension.RATIO
        if whole and quantity.comparator in (Comparator.EXACTLY, Comparator.AT_LEAST):
            yield Hit(quantity.start, quantity.end)


_LIMITS = word_set("exceed more less greater later earlier fewer longer limited only yet")


def _is_limit(statement: Statement, first: int, last: int) -> bool:
    """ "not exceed 5", "no more than 5", "whether or not"."""
    word = statement.words[first].lower
    before, after = neighbours(statement, first, last)
    return after in _LIMITS or (word == "not" and before == "or")


def _negatives(statement: Statement) -> Iterator[Hit]:
    for span in occurrences(statement, terms.NEGATIVE, _is_limit):
        yield Hit(span.start, span.end)


def _passives(statement: Statement) -> Iterator[Hit]:
    return (Hit(span.start, span.end) for span in passives(statement))


def _pronouns(statement: Statement) -> Iterator[Hit]:
    return (Hit(span.start, span.end) for span in vague_pronouns(statement))


_rule = partial(TextRule, dimension=Dimension.CLARITY)

RULES: tuple[TextRule, ...] = (
    _rule(
        id="vague-term",
        reference="GtWR R7; ISO/IEC/IEEE 29148 5.2.7: no words that readers weigh differently",
        severity=Severity.MAJOR,
        detect=vague,
        message="“{passage}” means something different to every reader.",
        suggestion="Say what can be observed or measured instead of “{passage}”.",
        example="The logger shall use an appropriate format.",
    ),
    _rule(
        id="subjective-term",
        reference="ISO/IEC/IEEE 29148 5.2.7: no subjective language",
        severity=Severity.MAJOR,
        detect=subjective,
        message="“{passage}” is a matter of taste, so nobody can show that it is met.",
        suggestion="Name who does which task, and in what time or with how many errors.",
        example="The operator console shall be user-friendly.",
    ),
    _rule(
        id="unspecific-modifier",
        reference="GtWR R7; ISO/IEC/IEEE 29148 5.2.7: adjectives that leave open what is meant",
        severity=Severity.MINOR,
        detect=unspecific,
        message="“{passage}” leaves open which ones are meant.",
        suggestion="Name them, or refer to the place where they are listed.",
        example="The gateway shall forward messages to various recipients.",
    ),
    _rule(
        id="escape-clause",
        reference="GtWR R8; ISO/IEC/IEEE 29148 5.2.7: no loopholes",
        severity=Severity.MAJOR,
        detect=lexical(terms.ESCAPE),
        message="“{passage}” lets the obligation be escaped.",
        suggestion="Delete it, or state the exact condition under which the requirement applies.",
        example="The unit shall, where possible, store the last alarm.",
    ),
    _rule(
        id="open-ended-list",
        reference="GtWR R9; ISO/IEC/IEEE 29148 5.2.7: no open-ended, non-verifiable lists",
        severity=Severity.MAJOR,
        detect=lexical(terms.OPEN_LIST),
        message="“{passage}” leaves the list open: nobody knows when it is complete.",
        suggestion="List every item, or refer to the document that does.",
        example="The report shall show speed, position, etc.",
    ),
    _rule(
        id="example-list",
        reference="GtWR R9: examples are no requirement",
        severity=Severity.MINOR,
        detect=lexical(terms.EXAMPLES),
        message="“{passage}” gives examples, and leaves open what else is required.",
        suggestion="List what is required; move examples to the rationale.",
        example="The display shall show hazards such as icing.",
    ),
    _rule(
        id="superlative",
        reference="ISO/IEC/IEEE 29148 5.2.7: no superlatives",
        severity=Severity.MAJOR,
        detect=_superlatives,
        message="“{passage}” can't be reached or shown: the best is not known.",
        suggestion="Give the value that is good enough.",
        example="The encoder shall give the best image.",
    ),
    _rule(
        id="open-goal",
        reference="GtWR R7 and R34; ISO/IEC/IEEE 29148 5.2.7: a goal needs the value that meets it",
        severity=Severity.MINOR,
        detect=_goals,
        message="“{passage}” names a goal without the value that meets it.",
        suggestion="Give the value that is good enough, or say where it is given.",
        example="The heater shall minimise its power consumption.",
    ),
    _rule(
        id="comparative",
        reference="ISO/IEC/IEEE 29148 5.2.7: comparatives need a reference",
        severity=Severity.MAJOR,
        detect=_comparatives,
        message="“{passage}” compares with something that is not named.",
        suggestion="Give the value, or say what it is compared with (“than ...”).",
        example="The new pump shall run at a higher pressure.",
    ),
    _rule(
        id="totality",
        reference="GtWR R26 and R32: absolutes and universal quantifiers",
        severity=Severity.MINOR,
        detect=_totalities,
        message="“{passage}” has no exception, which no test can show.",
        suggestion="Name the set that is meant, or write “each” and its limits.",
        example="The archive shall always keep entries.",
    ),
    _rule(
        id="passive-voice",
        reference="GtWR R2; EARS: the system that acts is the subject",
        severity=Severity.MINOR,
        detect=_passives,
        message="“{passage}” doesn't say who or what does it.",
        suggestion="Make the subsystem that acts the subject: “The ... shall ...”.",
        example="The log entries shall be encrypted.",
    ),
    _rule(
        id="vague-pronoun",
        reference="GtWR R24; ISO/IEC/IEEE 29148 5.2.7: no vague pronouns",
        severity=Severity.MINOR,
        detect=_pronouns,
        message="The reader has to guess what “{passage}” stands for.",
        suggestion="Repeat the noun: a requirement is read alone.",
        example="It shall store ten alarms.",
    ),
    _rule(
        id="negative",
        reference="GtWR R16; ISO/IEC/IEEE 29148 5.2.7: negative statements are hard to verify",
        severity=Severity.MINOR,
        detect=_negatives,
        message="“{passage}” says what is not, which is harder to read and to show.",
        suggestion="Say what is or happens instead, if it can be put that way.",
        example="The door shall not open during motion.",
    ),
    _rule(
        id="several-requirements",
        reference="GtWR R18; ISO/IEC/IEEE 29148 5.2.5: singular, one thought in a statement",
        severity=Severity.MAJOR,
        detect=structure.several_obligations,
        message="“{passage}” begins a second requirement in the same statement.",
        suggestion="Split the statement: one requirement, one obligation.",
        example="The pump shall start and the valve shall open.",
    ),
    _rule(
        id="combinator",
        reference="GtWR R19: words that join several thoughts",
        severity=Severity.MINOR,
        detect=lexical(terms.COMBINATOR),
        message="“{passage}” joins a second thought to the first.",
        suggestion="Write a requirement for each thought, or a plain list.",
        example="The console shall show the speed as well as record it.",
    ),
    _rule(
        id="several-actions",
        reference="GtWR R18 and R19: one action in a statement",
        severity=Severity.MINOR,
        detect=structure.several_actions,
        message="“{passage} ...” is a second action of the same sentence.",
        suggestion="Write a requirement for each action, so that each can be traced and tested.",
        example="The controller shall start the pump and close the valve.",
    ),
    _rule(
        id="mixed-modals",
        reference="ISO/IEC/IEEE 29148 5.2.4: one word for one degree of obligation",
        severity=Severity.MAJOR,
        detect=structure.mixed_modals,
        message="The statement says both “{first}” and “{second}”: how binding is it?",
        suggestion="Use one modal verb; “shall” for what is binding.",
        example="The pump shall stop and the valve should close.",
    ),
    _rule(
        id="and-or",
        reference="GtWR R15 and R17: logic must be stated, no oblique stroke",
        severity=Severity.MAJOR,
        detect=structure.and_or,
        message="“{passage}” can be read as “and” or as “or”.",
        suggestion="Write “and”, “or”, or “A or B or both”.",
        example="The alarm shall sound and/or flash.",
    ),
    _rule(
        id="purpose-clause",
        reference="GtWR R20: reasons belong in the rationale",
        severity=Severity.MINOR,
        detect=structure.purposes,
        message="“{passage}” gives a purpose, which is no part of what must be done.",
        suggestion="Move the reason to the rationale.",
        example="The unit shall dim the screen in order to save energy.",
    ),
    _rule(
        id="solution-bias",
        reference="GtWR R31: what is needed, free of how it is built",
        severity=Severity.MINOR,
        detect=solutions,
        message="“{passage}” prescribes a solution where a need was asked for.",
        suggestion="Say what it does for whom; if it is imposed, say so in the rationale.",
        example="The operator shall confirm the alarm by clicking a radio button.",
    ),
    _rule(
        id="superfluous-infinitive",
        reference="GtWR R10: no superfluous infinitives",
        severity=Severity.MINOR,
        detect=lexical(terms.ABILITY),
        message="“{passage}” asks for an ability, not for the deed.",
        suggestion="Say directly what the subsystem does, and when.",
        example="The receiver shall be able to decode frames.",
    ),
    _rule(
        id="long-sentence",
        reference="ISO/IEC/IEEE 29148 5.2.5: singular and unambiguous; plain-language guidance",
        severity=Severity.MINOR,
        detect=structure.too_long,
        message="This sentence has {count} words.",
        suggestion="Split it, or move conditions into a list.",
        example="The controller shall "
        + "read the value of the first sensor and " * 6
        + "store the result of the last comparison.",
    ),
)
