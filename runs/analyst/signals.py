"""Whether one sentence is a requirement, and how sure that is.

The confidences are not probabilities measured on one corpus but an order of evidence: a binding
verb, a recommending verb, an announcing verb, a place among requirements, the mood alone.
"""

import re
from dataclasses import dataclass

from runs.analyst.passages import SectionKind, is_about_the_document
from runs.analyst.project_words import NO_WORDS, ProjectWords
from runs.language.clauses import MAX_SENTENCE, Clause, parse_clause
from runs.language.modals import Modal, Strength
from runs.language.verbs import is_base_verb


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence stands."""

    section: SectionKind
    identified: bool = False  # carries an identifier of the document's own
    named: bool = False  # with letters, "REQ-3": plain numbers are given to any paragraph
    numbered: bool = False  # an item of a list or a row of a table
    column: bool = False  # in a table column whose header says "Requirement"
    among_requirements: bool = False  # numbered like its neighbours, most of which are binding
    unbinding: frozenset[str] = frozenset()  # verbs that the document declares to be facts
    use_case: bool = False  # below a label such as "Preconditions:"
    apart: bool = False  # without a number, in a document that numbers its requirements
    states_facts: bool = False  # the document binds by "shall" and says "will" of what is so
    project: ProjectWords = NO_WORDS

    @property
    def marked(self) -> bool:
        """Set off from running text: numbered, an item, or in a requirement column."""
        return self.identified or self.numbered or self.column


@dataclass(frozen=True, slots=True)
class Judgement:
    modal: str  # "" when none is printed
    confidence: float
    reason: str


_SYSTEM = re.compile(
    r"\b(?:systems?|subsystems?|software|applications?|products?|solution|tool|platform|website"
    r"|site|server|client|device|equipment|unit|module|component|interface|database|gui|screen"
    r"|page|network|radio|service|function|feature|process|vehicle|controller)\b",
    re.IGNORECASE,
)
_ADJECTIVAL = re.compile(
    r"\b(?:is|are)\s(?:not\s)?(?:required|mandatory|obligatory|prohibited|forbidden|allowed"
    r"|permitted|necessary|essential|compulsory)\b",
    re.IGNORECASE,
)
_FINITE = re.compile(
    r"\b(?:is|are|has|have|does|do|provides?|supports?|includes?|allows?|contains?|uses?|cannot)\b",
    re.IGNORECASE,
)
_NOTES = re.compile(
    r"\W{0,2}(?:please\s)?note(?:\s(?:also|however))?(?:\sthat\b|,)"
    r"|\W{0,2}it (?:should|must|shall|has to|needs to|is to)(?: also| however)? be (?:noted"
    r"|pointed out"
    r"|emphasi[sz]ed|stressed|remembered|recalled|understood|borne in mind|kept in mind"
    r"|mentioned|recogni[sz]ed)\b"
    r"|(?:the\s|\W{0,2})readers?\s(?:should|must|may|can|shall)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"“[^“”]{1,200}”|\"[^\"]{1,200}\"")
_DEFINITION = re.compile(r"\s?(?:=|means\b|stands for\b)")
_PERSON = re.compile(
    r"\b(?:users?|you|we|he|she|customers?|administrators?|operators?|persons?|people|somebody"
    r"|everyone|developers?|managers?|the reader)$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z][\w-]*")
_NO_NEED = re.compile(r"\b(?:not|n[’']t|never|no longer)\s$", re.IGNORECASE)
_ARGUES = re.compile(
    r"\W{0,2}(?:therefore|thus|hence|so|but|however|consequently|otherwise"
    r"|as a (?:result|consequence)|for this reason|in other words|that is|this means)\b",
    re.IGNORECASE,
)


def judge(sentence: str, place: Place) -> Judgement | None:
    """What speaks for the sentence being a requirement; None when too little does."""
    if _DEFINITION.match(sentence) or (_NOTES.match(sentence) and not place.identified):
        return None
    clause = parse_clause(_QUOTED.sub(_blank, sentence[:MAX_SENTENCE]))
    modal = clause.modal
    if is_about_the_document(sentence) and not (place.identified and _binds(modal)):
        return None
    if modal is not None:
        found = _by_modal(modal, clause, place)
        if found is not None:
            return found
    return _without_modal(sentence, modal, place)


def _binds(modal: Modal | None) -> bool:
    return modal is not None and modal.strength in (Strength.BINDING, Strength.RECOMMENDED)


def _blank(match: re.Match[str]) -> str:
    """A message that the system shows may hold a modal verb of its own."""
    return "x" * len(match.group())


def _is_somebodys_duty(modal: Modal, clause: Clause, place: Place) -> bool:
    """ "The user must select an entry first" is how to use the system, unless it is numbered."""
    if place.identified or place.column or place.section is SectionKind.REQUIREMENTS:
        return False
    actor, action = clause.part(clause.actor), clause.part(clause.action)
    if modal.word == "shall" or re.match(r"be (?:able|allowed|permitted)", action):
        return False
    return bool(_PERSON.search(actor))


def _by_modal(modal: Modal, clause: Clause, place: Place) -> Judgement | None:
    if _is_disregarded(modal, clause, place):
        return None
    if modal.strength is Strength.BINDING:
        return _by_binding(modal, place)
    agreed = _by_convention(modal, place)
    if agreed is not None:
        return agreed
    if modal.strength is Strength.RECOMMENDED:
        framed = place.section is SectionKind.FRAMING
        if not place.marked and (framed or modal.word.endswith("expected to")):
            return None
        return Judgement(modal.word, 0.85, f"recommending verb {_printed(modal)}")
    if place.section is SectionKind.FRAMING and not place.named:
        return None
    if modal.strength is Strength.DECLARED:
        return _by_will(clause.part(clause.actor), place) if modal.word == "will" else None
    return _by_permission(modal, place)


def _printed(modal: Modal) -> str:
    return f'"{modal.word}{" not" if modal.negated else ""}"'


def _is_disregarded(modal: Modal, clause: Clause, place: Place) -> bool:
    """A verb that declares a fact, a precondition, a user's own duty, or the end of an argument.

    Running prose argues with "must" and "should" ("Therefore, caches must ..."); where a document
    numbers its requirements, its other sentences explain them. "shall" binds wherever it stands.
    """
    if modal.word in ("need to", "needs to", "have to", "has to") and _is_denied(modal, clause):
        return True
    formal = modal.word == "shall" or place.identified or place.column
    if not formal and (place.apart or (not place.numbered and _ARGUES.match(clause.text))):
        return True
    agreed = place.project.binds(modal.word)
    if modal.word in place.unbinding and not place.identified and not agreed:
        return True
    if place.use_case and not place.identified and modal.word != "shall":
        return True
    return _is_somebodys_duty(modal, clause, place)


def _is_denied(modal: Modal, clause: Clause) -> bool:
    """ "It does not need to be installed", "need not": nothing is asked for."""
    return modal.negated or bool(
        _NO_NEED.search(clause.text[max(0, modal.start - 12) : modal.start])
    )


def _by_binding(modal: Modal, place: Place) -> Judgement | None:
    certain = modal.word in ("shall", "must")
    if place.section is SectionKind.FRAMING and modal.word != "shall" and not place.marked:
        return None
    return Judgement(modal.word, 0.95 if certain else 0.75, f"binding verb {_printed(modal)}")


def _by_convention(modal: Modal, place: Place) -> Judgement | None:
    """By a verb that the project's conventions name, as if it was "shall".

    A verb that only allows ("may") says so as well: it is taken where requirements stand.
    """
    if not place.project.binds(modal.word):
        return None
    if place.section is SectionKind.FRAMING and not place.marked:
        return None
    said = f"{_printed(modal)}, a verb of the project's conventions"
    if modal.strength is not Strength.ALLOWED:
        return Judgement(modal.word, 0.9, said)
    placed = place.marked or place.section is SectionKind.REQUIREMENTS
    return Judgement(modal.word, 0.6, said) if placed else None


def _by_permission(modal: Modal, place: Place) -> Judgement | None:
    if place.identified and modal.word in ("may", "can", "could"):
        said = f"{_printed(modal)} in a statement with its own identifier"
        return Judgement(modal.word, 0.6, said)
    if modal.negated and modal.word == "can" and _counts_unmarked(place):
        return Judgement(modal.word, 0.6, f"{_printed(modal)} forbids")
    return None


def _by_will(actor: str, place: Place) -> Judgement | None:
    if place.identified or place.column:
        return Judgement("will", 0.75, 'announcing verb "will" in an identified statement')
    if place.states_facts or not (_SYSTEM.search(actor) or place.project.names(actor)):
        return None
    confidence = 0.7 if place.numbered or place.section is SectionKind.REQUIREMENTS else 0.55
    return Judgement("will", confidence, f'announcing verb "will" about "{actor[:60]}"')


def _counts_unmarked(place: Place) -> bool:
    return place.section is SectionKind.REQUIREMENTS or place.column or place.among_requirements


def _without_modal(sentence: str, modal: Modal | None, place: Place) -> Judgement | None:
    word = modal.word if modal else ""
    words = _WORD.findall(sentence[:400])
    if len(words) < 3:
        return None
    framed = place.section is SectionKind.FRAMING and not place.named
    if place.among_requirements and place.identified and not framed and _is_finite(sentence):
        return Judgement(word, 0.5, "numbered like the requirements beside it")
    if place.section is SectionKind.FRAMING or place.use_case or place.apart:
        return None
    if place.column:
        return Judgement(word, 0.6, "in the table's requirement column")
    in_section = place.section is SectionKind.REQUIREMENTS
    if _ADJECTIVAL.search(sentence) and (in_section or place.numbered or place.identified):
        return Judgement(word, 0.55, "says what is required or allowed")
    if place.numbered and in_section and _is_finite(sentence):
        return Judgement(word, 0.5, "item of a list in a section of requirements")
    if (place.identified or place.numbered) and in_section and is_base_verb(words[0]):
        return Judgement(word, 0.5, "a command in the imperative")
    return None


def _is_finite(sentence: str) -> bool:
    """Whether it says something, unlike a title: it has a verb with an ending ("is", "works").

    A participle is none: "Indication displayed on the panel" is a title.
    """
    if _FINITE.search(sentence):
        return True
    later = (word.lower() for word in _WORD.findall(sentence[:400])[1:])
    return any(
        word.endswith("s")
        and (is_base_verb(word[:-1]) or (word.endswith("es") and is_base_verb(word[:-2])))
        for word in later
    )
