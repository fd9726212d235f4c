"""What a project's domain says that helps to read a specification: verbs, identifiers, terms.

All of it adds: no requirement that would be found without a domain is passed over because of one,
but for lines that define a term of the glossary.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from runs.analyst.identifiers import identifier_in_marker, identifier_in_text
from runs.language.modals import singular
from runs.quality.domain_forms import identifier_form
from runs.quality.domain_words import own_names
from runs.quality.lexicon import Lexicon, words_of
from skills.domain import DomainContent

_END = re.compile(r"\]?(?:\s{0,2}[:)–—-]\s{1,3}|\s{1,3}(?=\S))")
_DEFINES = re.compile(r"\s{0,2}(?::|=|–|—|-\s|means\b|stands for\b|denotes\b|refers to\b)")
_OPENING = re.compile(r"\W{0,3}(?:(?:the|an?)\s)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ProjectWords:
    """Of a project without a domain: nothing."""

    modals: frozenset[str] = frozenset()
    forms: tuple[re.Pattern[str], ...] = ()
    terms: Lexicon | None = None

    def in_text(self, text: str) -> tuple[str, int]:
        """The identifier that a text begins with, and where the rest starts; ("", 0) if none."""
        start = 1 if text.startswith("[") else 0
        for form in self.forms:
            match = form.match(text, start)
            end = _END.match(text, match.end()) if match else None
            if match and end:
                return match.group(), end.end()
        return identifier_in_text(text)

    def in_marker(self, marker: str) -> str:
        """The identifier that a printed marker is, "" when it only counts items or is a bullet."""
        bare = marker.strip().removeprefix("[").rstrip(".):").removesuffix("]")
        return bare if self.is_own(bare) else identifier_in_marker(marker)

    def is_own(self, identifier: str) -> bool:
        """Whether it has a form of the project's conventions."""
        return any(form.fullmatch(identifier) for form in self.forms)

    def binds(self, word: str) -> bool:
        """Whether the project's conventions name the modal verb."""
        return singular(word) in self.modals

    def names(self, actor: str) -> bool:
        """Whether an actor is a term of the glossary: a thing of the system, not of the reader."""
        if self.terms is None:
            return False
        rest = actor[_start(actor) :].strip()
        return any(span.end == len(rest) for span in self.terms.spans(rest, words_of(rest)))

    def defines(self, text: str) -> bool:
        """ "Seabed depth: distance from ...": what a term means, not what is asked for."""
        if self.terms is None:
            return False
        head = text[:200]
        start = _start(head)
        first = next(iter(self.terms.spans(head, words_of(head))), None)
        return first is not None and first.start <= start and bool(_DEFINES.match(head, first.end))


NO_WORDS = ProjectWords()


def _start(text: str) -> int:
    opening = _OPENING.match(text)
    return opening.end() if opening else 0


@lru_cache(maxsize=16)
def words_of_project(domain: DomainContent | None) -> ProjectWords:
    """What a domain says for reading; nothing without one."""
    if domain is None:
        return NO_WORDS
    return ProjectWords(
        modals=frozenset(map(singular, domain.modals)),
        forms=tuple(identifier_form(each) for each in domain.identifiers),
        terms=own_names(domain),
    )
