"""Terms of a project's domain from a file: they make a new version of its text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from observability.sheets.importing import MOST_ROWS, ActionResource, Change
from reqplatform.errors import InvalidInput
from reqplatform.security.plain_text import one_line
from reqplatform.teams.models import Project
from skills import domain as domains
from skills.actions.domains import save_domain
from skills.domain.content import Term, folded
from skills.models import Domain, DomainVersion

HEADING = "## glossary"


class GlossaryResource(ActionResource):
    """A term that the domain has is replaced, others are added; all else stays as it is written."""

    columns = ("term", "definition", "also", "not")
    required = ("term", "definition")
    most_rows = MOST_ROWS

    def __init__(self, project: Project, filename: str = "a file", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.project, self.filename = project, filename
        self.newest: DomainVersion | None = None
        self.known: dict[str, Term] = {}
        self.lines: dict[str, str] = {}  # of the file, by folded name

    @classmethod
    def get_display_name(cls) -> str:
        return "Glossary"

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self.lines = {}
        found = Domain.objects.for_user(kwargs["user"]).filter(project=self.project).first()
        self.newest = found.versions.order_by("-number").first() if found else None
        terms = domains.parse(self.newest.text).glossary if self.newest else ()
        self.known = {folded(term.name): term for term in terms}

    def act(self, row: Mapping[str, str], user: Any) -> Change:
        line = _line(row)
        try:
            term = domains.parse(f"# x\n\n## Glossary\n{line}\n").glossary[0]
        except domains.DomainTextError as error:
            said = " ".join(each.message for each in error.errors)
            raise InvalidInput(said, field="term") from error
        key = folded(term.name)
        if key in self.lines:
            raise InvalidInput(f"The file has {term.name} twice.", field="term")
        self.lines[key] = line
        known = self.known.get(key)
        return Change(term.name, _texts(known) if known else None, _texts(term))

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Raises InvalidInput, with what the terms together do wrong."""
        if result.has_errors() or result.has_validation_errors():
            return
        text = with_terms(self.newest.text if self.newest else "", self.lines, self.project.name)
        seen = self.newest.number if self.newest else 0
        changelog = f"{len(self.lines)} terms from {one_line(self.filename)}"
        save_domain(kwargs["user"], self.project, text, changelog, seen=seen)


def _line(row: Mapping[str, str]) -> str:
    names = [
        f"{word}: {', '.join(one_line(name) for name in row[word].replace(';', ',').split(','))}"
        for word in ("also", "not")
        if row.get(word, "").strip(" ,;")
    ]
    also = f" ({'; '.join(names)})" if names else ""
    return f"- **{one_line(row['term'])}**: {one_line(row['definition'])}{also}"


def _texts(term: Term) -> dict[str, str]:
    return {
        "term": term.name,
        "definition": term.definition,
        "also": ", ".join(term.also),
        "not": ", ".join(term.forbidden),
    }


def with_terms(text: str, lines: Mapping[str, str], name: str) -> str:
    """The text with these terms in its glossary: each where it stood, new ones after the others."""
    left = dict(lines)
    written: list[str] = []
    end = None  # where the glossary ends
    inside = False
    for item in _items((text or f"# {one_line(name)[:120]}\n").splitlines()):
        first = item[0].strip()
        if first.startswith("## "):
            inside = first.casefold() == HEADING
        key = _term_of(first) if inside else ""
        written += [left.pop(key)] if key in left else [] if key in lines else item
        if inside and any(line.strip() for line in item):
            end = len(written)
    if end is None:
        written += ["", "## Glossary"]
        end = len(written)
    written[end:end] = left.values()
    return "\n".join(written) + "\n"


def _items(lines: Sequence[str]) -> Iterator[list[str]]:
    """Lines with the indented ones that go on with them."""
    item: list[str] = []
    for line in lines:
        goes_on = line[:1] in {" ", "\t"} and line.strip() and not line.strip().startswith("- ")
        if item and goes_on and item[0].strip().startswith("- "):
            item.append(line)
            continue
        if item:
            yield item
        item = [line]
    if item:
        yield item


def _term_of(line: str) -> str:
    """ "seabed depth" of "- **Seabed depth**: ..."; "" of another line."""
    if not line.startswith("- **"):
        return ""
    return folded(line[4:].partition("**")[0])
