"""Which source requirements belong to a subsystem, by which rule, and by which words.

The rules, in the order in which they are asked, are those of `RULES`. Every subsystem of the
project is judged by the same rules, so a requirement that fits several goes to each of them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from runs.analyst.actors import common_actors, is_another, is_whole
from runs.analyst.parameters import switch, text, texts, whole
from runs.analyst.party import duty_to_actor
from runs.analyst.sharing import is_chain
from runs.analyst.statement import lowered
from runs.analyst.subsystem_terms import (
    Mention,
    Terms,
    explained_by,
    mention,
    phrase_of,
    terms_of,
)
from runs.language.clauses import MAX_SENTENCE, Clause, parse_clause
from runs.requests import (
    AllocationOut,
    AnalyzeAnswer,
    AnalyzeRequest,
    RequirementType,
    SourceIn,
    Strategy,
)

RULES: Mapping[str, str] = {
    "named": "the statement names the subsystem or its code",
    "interface": "another subsystem exchanges something with it",
    "other-subsystem": "another subsystem acts or is meant, and this one has no part in it",
    "other-actor": "it is asked of one that is neither this subsystem nor the whole system",
    "keyword": "the statement holds one of its keywords or its name's own words",
    "system-wide": "a constraint, quality or duty of the whole system or of all subsystems",
    "section": "the section it stands in is about the subsystem",
    "description": "the statement shares telling words with the subsystem's description",
    "no-match": "nothing in the statement or its section points to the subsystem",
}
ENOUGH = 5
"""Below so many hits, single words of a name count too when the name is all that is known."""

_COMMON = 0.2  # share of all statements beyond which a keyword says nothing
_ENOUGH_TO_COUNT = 30  # statements from which such a share means something
_ALL = re.compile(
    r"\b(?:all|every|each|any)\s(?:of the\s|the\s|other\s|\w+\s){0,2}?(?:sub-?systems?|equipment"
    r"|components?|units?|modules?|segments?|elements?|assemblies|parts of the system)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A statement, stemmed once for all subsystems."""

    source: SourceIn
    clause: Clause
    actor: str
    actor_phrases: str
    phrases: str
    section_phrases: str
    for_all: bool  # asked of all subsystems in so many words
    by_system: bool  # asked of the system as a whole


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What speaks for one subsystem in one statement."""

    actor: Mention | None
    anywhere: Mention | None
    section: Mention | None
    described: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Decision:
    allocated: bool
    rule: str
    because: str  # the words that decided, in a clause


def analyze(request: AnalyzeRequest, parameters: Mapping[str, object]) -> AnalyzeAnswer:
    """Allocate every requirement of the request, and state the strategy.

    Parameters: `naming`, `max_children_per_parent` (1 to 50), `acceptance_criteria_required`,
    `allocate_system_wide` (whether constraints of the whole system go to every subsystem),
    `disabled_rules` (names of `RULES` that may not allocate).
    """
    disabled = frozenset(texts(parameters, "disabled_rules"))
    if not switch(parameters, "allocate_system_wide", True):
        disabled |= {"system-wide"}
    judge = _Judge(request, disabled)
    return AnalyzeAnswer(allocations=judge.allocations(), strategy=_strategy(parameters, disabled))


def _strategy(parameters: Mapping[str, object], disabled: frozenset[str]) -> Strategy:
    return Strategy(
        allocation_rules=[
            f"{name}: {meaning}" for name, meaning in RULES.items() if name not in disabled
        ],
        naming=text(parameters, "naming", "{CODE}-{TYPE}-{NNN}"),
        max_children_per_parent=whole(parameters, "max_children_per_parent", 8, 1, 50),
        acceptance_criteria_required=switch(parameters, "acceptance_criteria_required", True),
        notes="Rules are asked in the order given; the first that applies decides.",
    )


class _Judge:
    """Asks the rules for the subsystem and for each of its siblings."""

    def __init__(self, request: AnalyzeRequest, disabled: frozenset[str]) -> None:
        everyone = [request.subsystem, *request.siblings]
        self._disabled = disabled
        self._codes = [each.code for each in everyone]
        self._requirements = request.requirements
        self._terms = [
            terms_of(each, [other for other in everyone if other is not each]) for each in everyone
        ]
        self._explained = explained_by(request.domain, self._terms)
        self._terms = [
            replace(terms, keywords=(*terms.keywords, *more))
            for terms, more in zip(self._terms, self._explained, strict=True)
        ]
        self._alone = not request.siblings and not (
            request.subsystem.description or request.subsystem.keywords
        )
        self._everywhere: frozenset[str] = frozenset()
        self._system_names = common_actors(request.requirements, self._terms)

    def allocations(self) -> list[AllocationOut]:
        readings = [self._read(source) for source in self._requirements]
        self._everywhere = self._common_phrases(readings)
        decisions = [self._decide_all(reading) for reading in readings]
        hits = sum(own.allocated for own, _ in decisions)
        if self._alone and hits < ENOUGH:
            decisions = [
                (self._by_single_words(reading, own), others)
                for reading, (own, others) in zip(readings, decisions, strict=True)
            ]
        return [
            self._out(reading, own, others)
            for reading, (own, others) in zip(readings, decisions, strict=True)
        ]

    def _common_phrases(self, readings: Sequence[_Reading]) -> frozenset[str]:
        """Keywords that this document uses everywhere: they don't tell one part from another."""
        if len(self._terms) < 2 or len(readings) < _ENOUGH_TO_COUNT:
            return frozenset()
        candidates = {
            phrase
            for terms in self._terms
            for phrase in (terms.phrase, *(phrase for _, phrase in terms.keywords))
        }
        most = len(readings) * _COMMON
        return frozenset(
            phrase
            for phrase in candidates
            if sum(phrase in reading.phrases for reading in readings) > most
        )

    def _read(self, source: SourceIn) -> _Reading:
        clause = parse_clause(source.statement[:MAX_SENTENCE])
        actor = clause.part(clause.actor)
        return _Reading(
            source=source,
            clause=clause,
            actor=actor,
            actor_phrases=phrase_of(actor),
            phrases=phrase_of(source.statement),
            section_phrases=phrase_of(source.section),
            for_all=bool(_ALL.search(actor[:300]))
            or bool(re.match(r"(?i)all .{0,40}subsystems", actor)),
            by_system=is_whole(actor, self._system_names),
        )

    def _decide_all(self, reading: _Reading) -> tuple[_Decision, tuple[int, ...]]:
        """The subsystem's own decision, and the places of the siblings that it fits as well."""
        evidence = [self._evidence(terms, reading) for terms in self._terms]
        own = self._decide(0, evidence, reading)
        if not own.allocated:
            return own, ()
        others = tuple(
            index
            for index in range(1, len(self._terms))
            if self._decide(index, evidence, reading).allocated
        )
        return own, others

    def _evidence(self, terms: Terms, reading: _Reading) -> _Evidence:
        stems = set(reading.phrases.split())
        anywhere = mention(terms, reading.source.statement, reading.phrases)
        if anywhere is not None and not anywhere.exact and anywhere.phrase in self._everywhere:
            anywhere = None
        if anywhere is None and terms.heads and len(terms.heads) > 1 and terms.heads <= stems:
            anywhere = Mention(terms.name, exact=False)
        return _Evidence(
            actor=mention(terms, reading.actor, reading.actor_phrases) if reading.actor else None,
            anywhere=anywhere,
            section=mention(terms, reading.source.section, reading.section_phrases),
            described=tuple(sorted(terms.description & stems)),
        )

    def _decide(self, index: int, evidence: Sequence[_Evidence], reading: _Reading) -> _Decision:
        own = evidence[index]
        others = [(self._terms[i], each) for i, each in enumerate(evidence) if i != index]
        acting = next((terms for terms, each in others if each.actor), None)
        decision = self._by_part(index, own, acting, reading)
        decision = decision or self._by_mention(index, own, acting, reading)
        decision = decision or self._by_whole(reading)
        decision = decision or self._by_place(own, [each for _, each in others])
        decision = decision or self._by_system(others, reading)
        return decision or _Decision(
            False, "no-match", "neither its name nor its keywords occur in the statement or section"
        )

    def _by_part(
        self, index: int, own: _Evidence, acting: Terms | None, reading: _Reading
    ) -> _Decision | None:
        """Named only beside another that acts, it owes its side of an exchange, or nothing."""
        terms, actor = self._terms[index], reading.actor[:80]
        another = is_another(actor, terms, self._system_names)
        if own.actor and not reading.for_all:
            return None
        named = bool(own.anywhere and own.anywhere.exact)
        other = acting is not None or another
        duty = named and duty_to_actor(reading.clause, terms, whole=not other)
        if duty and own.anywhere and (other or not is_chain(reading.source.statement)):
            if not self._may("interface"):
                return None
            who = f"{acting.name} exchanges" if acting else f'"{actor}" exchanges'
            return _Decision(True, "interface", f'{who} something with "{own.anywhere.words}"')
        if acting is not None:
            return _Decision(False, "other-subsystem", f'"{actor}" is {acting.name}')
        if another and own.anywhere:
            return _Decision(False, "other-actor", f"it asks it of {lowered(actor)}")
        return None

    def _by_mention(
        self, index: int, own: _Evidence, acting: Terms | None, reading: _Reading
    ) -> _Decision | None:
        if own.actor and (own.actor.exact or own.anywhere):
            rule = "named" if own.actor.exact else "keyword"
            if self._may(rule):
                return _Decision(True, rule, f'"{own.actor.words}" is the one that acts')
        if own.anywhere and own.anywhere.exact and self._may("named"):
            return _Decision(True, "named", f'it names "{own.anywhere.words}"')
        if acting is not None:
            return _Decision(False, "other-subsystem", f'"{reading.actor[:80]}" is {acting.name}')
        if own.anywhere and self._may("keyword"):
            why = f'it holds "{own.anywhere.words}"'
            if own.anywhere.phrase in {phrase for _, phrase in self._explained[index]}:
                why += f", which the glossary explains by {self._terms[index].name}"
            return _Decision(True, "keyword", why)
        return None

    def _by_whole(self, reading: _Reading) -> _Decision | None:
        if reading.for_all and self._may("system-wide"):
            return _Decision(
                True, "system-wide", f'"{reading.actor[:80]}" asks it of every subsystem'
            )
        return None

    def _by_place(self, own: _Evidence, others: Sequence[_Evidence]) -> _Decision | None:
        if any(each.anywhere for each in others):
            return None
        if own.section and self._may("section"):
            return _Decision(True, "section", f'its section is about "{own.section.words}"')
        rivals = max((len(each.described) for each in others), default=0)
        if len(own.described) >= 2 and len(own.described) > rivals and self._may("description"):
            shown = ", ".join(f'"{word}"' for word in own.described[:4])
            return _Decision(True, "description", f"it shares {shown} with the description")
        return None

    def _by_system(
        self, others: Sequence[tuple[Terms, _Evidence]], reading: _Reading
    ) -> _Decision | None:
        meant = next(
            ((terms, each) for terms, each in others if each.anywhere or each.section), None
        )
        if meant is not None:
            found = meant[1].anywhere or meant[1].section
            shown = found.words if found else meant[0].name
            return _Decision(False, "other-subsystem", f'"{shown}" points to {meant[0].name}')
        quality = reading.source.type in (RequirementType.CONS, RequirementType.PERF)
        if reading.by_system and quality and self._may("system-wide"):
            kind = "constraint" if reading.source.type is RequirementType.CONS else "quality"
            return _Decision(
                True, "system-wide", f'a {kind} of "{reading.actor[:80]}" as a whole binds all'
            )
        return None

    def _may(self, rule: str) -> bool:
        return rule not in self._disabled

    def _by_single_words(self, reading: _Reading, own: _Decision) -> _Decision:
        """With nothing known but a name, any of its words is better than no answer at all."""
        terms = self._terms[0]
        heads = terms.heads or frozenset(terms.phrase.split())
        shared = sorted(heads & set(reading.phrases.split()))
        if own.allocated or not shared or not self._may("keyword"):
            return own
        shown = ", ".join(f'"{word}"' for word in shared)
        return _Decision(
            True,
            "keyword",
            f"it shares {shown} with the name, and too few statements hold all of it",
        )

    def _out(
        self, reading: _Reading, decision: _Decision, others: tuple[int, ...]
    ) -> AllocationOut:
        name = self._terms[0].name
        names = ", ".join(self._terms[index].name for index in others)
        verdict = f"Allocated to {name}" if decision.allocated else f"Not allocated to {name}"
        also = f"; it fits {names} as well" if others else ""
        return AllocationOut(
            ref=reading.source.ref,
            allocated=decision.allocated,
            rule=decision.rule,
            rationale=f"{verdict}: {decision.because}{also}.",
            shared_with=[self._codes[index] for index in others],
        )
