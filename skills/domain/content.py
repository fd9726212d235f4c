"""A domain: how a team writes requirements, and what its words mean."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

MOST_TERMS_SHOWN = 5_000  # characters of terms that go with one request
MOST_OVERVIEW_SHOWN = 1_500  # characters of the system's overview
MOST_EXAMPLES_SHOWN = 1_000  # characters


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Term(_Frozen):
    name: str
    definition: str
    also: tuple[str, ...] = ()  # other names that may be used
    forbidden: tuple[str, ...] = ()  # names that must not be used for it

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.also)


class Overview(_Frozen):
    subsystem: str  # its name or code
    text: str


class DomainContent(_Frozen):
    """What `text.parse` reads; empty where the team has said nothing."""

    name: str
    identifiers: tuple[str, ...] = ()  # "{CODE}-{TYPE}-{NNN}"
    modals: tuple[str, ...] = ()  # "shall", in lower case
    templates: tuple[str, ...] = ()  # "When <trigger>, the <actor> shall <action>."
    glossary: tuple[Term, ...] = ()
    system: str = ""
    subsystems: tuple[Overview, ...] = ()
    examples: tuple[str, ...] = ()

    def overview_of(self, *names: str) -> str:
        """What it says about the subsystem that goes by one of the names."""
        wanted = {folded(name) for name in names}
        return next((each.text for each in self.subsystems if folded(each.subsystem) in wanted), "")

    def other_names(self) -> Mapping[str, tuple[str, ...]]:
        """Each term with all names that people use for it, allowed or not."""
        return {term.name: (*term.also, *term.forbidden) for term in self.glossary}

    def shown_with(self, texts: Iterable[str]) -> "DomainContent":
        """What a model needs beside these texts: the terms that they use, and no more than fits.

        The same texts give the same answer, so a request can be recognised.
        """
        said = f" {folded(' '.join(texts))} "
        used = [
            term
            for term in self.glossary
            if any(folded(name) in said for name in (*term.names, *term.forbidden))
        ]
        return self._with(used)

    def at_most(self) -> "DomainContent":
        """As long as `shown_with` may get, for estimates and for the room that is left."""
        return self._with(sorted(self.glossary, key=_size, reverse=True))

    def _with(self, terms: Iterable[Term]) -> "DomainContent":
        update = {
            "glossary": tuple(_fitting(terms, _size, MOST_TERMS_SHOWN)),
            "examples": tuple(_fitting(self.examples, len, MOST_EXAMPLES_SHOWN)),
            "system": self.system[:MOST_OVERVIEW_SHOWN],
            "subsystems": (),  # they stand in the subsystems' descriptions
        }
        return self.model_copy(update=update)


T = TypeVar("T")


def _fitting(items: Iterable[T], size: Callable[[T], int], most: int) -> Iterator[T]:
    """The items from the first on, for as long as all of them fit."""
    for item in items:
        most -= size(item)
        if most < 0:
            return
        yield item


def _size(term: Term) -> int:
    return len(term.model_dump_json())


def folded(text: str) -> str:
    """For comparing names whatever their case, hyphens and spaces are."""
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split())
