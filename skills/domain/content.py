"""A domain: how a team writes requirements, and what its words mean."""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict

MOST_SHOWN = 40  # terms that go with one request
LONGEST_SHOWN = 1500  # characters of the system's overview that go with one request


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
        shown = {"glossary": tuple(used[:MOST_SHOWN]), "system": self.system[:LONGEST_SHOWN]}
        return self.model_copy(update={**shown, "subsystems": ()})


def folded(text: str) -> str:
    """For comparing names whatever their case, hyphens and spaces are."""
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split())
