"""Testability: what is asked for can be observed, measured, and told from its absence."""

from collections.abc import Iterator
from functools import partial
from itertools import chain

from runs.language.words import content_stems
from runs.quality.amounts import numbers_of
from runs.quality.finding import Dimension, Severity
from runs.quality.requirement_set import RequirementSet
from runs.quality.rules import terms
from runs.quality.rules.rule import Hit, SetHit, SetRule, TextRule
from runs.quality.rules.vagueness import subjective, vague
from runs.quality.rules.wording import is_definite, occurrences
from runs.quality.statement import Statement, read_statement
from runs.requests import ChildIn, RequirementType

# What every criterion says, and so adds nothing to the requirement.
_CRITERION_WORDS = frozenset(
    content_stems(
        "verify verified test tested check checked confirm confirmed demonstrate demonstrated show "
        "shown inspect inspected analyse analyze analysis inspection demonstration ensure "
        "requirement criterion criteria acceptance accepted met meets fulfilled satisfied correct "
        "correctly successful successfully works working given evidence shall system subsystem"
    )
)
_NEW_WORDS_NEEDED = 2


def _unquantified(statement: Statement) -> Iterator[Hit]:
    for span in occurrences(statement, terms.PERFORMANCE, is_definite):
        if not statement.has_number_in(statement.sentence_at(span.start)):
            yield Hit(span.start, span.end)


def _unbounded(statement: Statement) -> Iterator[Hit]:
    for span in occurrences(statement, terms.UNBOUNDED_TIME):
        following = statement.words[statement.word_index(span.end - 1) + 1 :][:1]
        participle = bool(following) and following[0].lower.endswith("ed")
        # "as soon as the door opens" names an event, which is a limit.
        event = bool(following) and following[0].lower == "as"
        # "frequently used functions" tells which ones, not when.
        if not participle and not event and not statement.has_number_near(span, before=8, after=8):
            yield Hit(span.start, span.end)


def _approximate(statement: Statement) -> Iterator[Hit]:
    """ "about 5 m": a number that pretends to be one. "5 m ± 1 m" has a tolerance."""
    tolerated = {quantity.start for quantity in statement.quantities if quantity.tolerance}
    words = statement.words
    for first, last in terms.APPROXIMATE.find(statement.text, words):
        if last + 1 >= len(words):
            continue
        start = words[last + 1].start
        if statement.has_quantity_at(start) and start not in tolerated:
            yield Hit(words[first].start, words[last].end)


def _missing_criteria(requirements: RequirementSet) -> Iterator[SetHit]:
    if not requirements.strategy.acceptance_criteria_required:
        yield from _without_criteria(requirements)


def _required_criteria(requirements: RequirementSet) -> Iterator[SetHit]:
    if requirements.strategy.acceptance_criteria_required:
        yield from _without_criteria(requirements)


def _without_criteria(requirements: RequirementSet) -> Iterator[SetHit]:
    for child in requirements.children:
        if not any(content_stems(criterion) for criterion in child.acceptance_criteria):
            yield SetHit(child=child.ref)


def _repeating(requirements: RequirementSet) -> Iterator[SetHit]:
    """Children all of whose criteria say only what the requirement says."""
    for child in requirements.children:
        criteria = [text for text in child.acceptance_criteria if content_stems(text)]
        if criteria and all(_repeats(child, criterion) for criterion in criteria):
            yield SetHit(child=child.ref, hit=Hit(0, 0, facts=(("criterion", criteria[0]),)))


def _repeats(child: ChildIn, criterion: str) -> bool:
    said = set(content_stems(child.text)) | _CRITERION_WORDS
    return len(set(content_stems(criterion)) - said) < _NEW_WORDS_NEEDED


def _vague_criteria(requirements: RequirementSet) -> Iterator[SetHit]:
    """Vague words that a criterion adds; those of the requirement are found there."""
    for child in requirements.children:
        own = child.text.lower()
        for criterion in child.acceptance_criteria:
            statement = read_statement(criterion, requirements.terms)
            if not statement.is_english:
                continue
            for hit in chain(vague(statement), subjective(statement)):
                passage = criterion[hit.start : hit.end]
                if passage.lower() not in own:
                    facts = (("word", passage), ("criterion", criterion))
                    yield SetHit(child=child.ref, hit=Hit(0, 0, facts=facts))


def _unmeasured(requirements: RequirementSet) -> Iterator[SetHit]:
    for child in requirements.children:
        if child.type is RequirementType.PERF and not numbers_of(child.text):
            yield SetHit(child=child.ref)


_text_rule = partial(TextRule, dimension=Dimension.TESTABILITY)
_set_rule = partial(SetRule, dimension=Dimension.TESTABILITY)

TEXT_RULES: tuple[TextRule, ...] = (
    _text_rule(
        id="unquantified-performance",
        reference="GtWR R34: measurable performance; ISO/IEC/IEEE 29148 5.2.5: verifiable",
        severity=Severity.MAJOR,
        detect=_unquantified,
        message="“{passage}” asks for performance without a number.",
        suggestion="Give a value with its unit, and the conditions under which it holds.",
        example="The index shall answer queries quickly.",
    ),
    _text_rule(
        id="unbounded-time",
        reference="GtWR R35: temporal dependencies are stated, no indefinite time words",
        severity=Severity.MAJOR,
        detect=_unbounded,
        message="“{passage}” sets no limit in time.",
        suggestion="Give the time or the rate with its unit.",
        example="The monitor shall report a failure immediately.",
    ),
    _text_rule(
        id="approximate-value",
        reference="GtWR R33: a range or tolerance for each quantity",
        severity=Severity.MINOR,
        detect=_approximate,
        message="“{passage}” blurs the number behind it.",
        suggestion="Give the range or the tolerance that is accepted.",
        example="The arm shall lift about 20 kg.",
    ),
)

SET_RULES: tuple[SetRule, ...] = (
    _set_rule(
        id="criteria-required",
        reference="The strategy asks for acceptance criteria, which is binding",
        severity=Severity.CRITICAL,
        detect=_required_criteria,
        message="The strategy requires acceptance criteria, and this requirement has none.",
        suggestion="Say what is applied, what is observed, and when it passes.",
    ),
    _set_rule(
        id="missing-criteria",
        reference="ISO/IEC/IEEE 29148 5.2.8: how a requirement is verified belongs to it",
        severity=Severity.MAJOR,
        detect=_missing_criteria,
        message="This requirement has no acceptance criteria.",
        suggestion="Say what is applied, what is observed, and when it passes.",
    ),
    _set_rule(
        id="criteria-repeat",
        reference="ISO/IEC/IEEE 29148 5.2.5: verifiable by more than saying it again",
        severity=Severity.MAJOR,
        detect=_repeating,
        message="The acceptance criteria only repeat the requirement: “{criterion}”",
        suggestion="Say what is applied, what is observed, and when it passes.",
    ),
    _set_rule(
        id="vague-criterion",
        reference="ISO/IEC/IEEE 29148 5.2.5: verifiable; a test needs a result it can tell",
        severity=Severity.MINOR,
        detect=_vague_criteria,
        message="An acceptance criterion leaves the result open with “{word}”: “{criterion}”",
        suggestion="Say what is observed or measured instead of “{word}”.",
    ),
    _set_rule(
        id="unmeasured-performance",
        reference="ISO/IEC/IEEE 29148 5.2.8: a performance requirement has a measure",
        severity=Severity.MAJOR,
        detect=_unmeasured,
        message="This is called a performance requirement, and has no number.",
        suggestion="Give the parent's value, or call it a functional requirement.",
    ),
)
