"""A domain as Markdown: what its sections and lines mean, and every mistake with its line.

# Survey vessel

## Conventions
- Identifier: {CODE}-{TYPE}-{NNN}
- Modal verbs: shall, will
- Template: When <trigger>, the <actor> shall <action>.

## Glossary
- **Seabed depth**: Distance from keel to seabed. (also: depth; not: water depth, sounding)

## System
What the system is for, in any number of paragraphs.

## Subsystem: Navigation
The same of a subsystem, by its name or code.

## Examples
- The Navigation subsystem shall report the seabed depth within 2 s.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from skills.domain.content import DomainContent, Overview, Term, folded

LONGEST = 200_000  # characters
LONGEST_LINE = 4_000
MOST_TERMS = 2_000
MOST_CONVENTIONS = 20  # of a kind
LONGEST_CONVENTION = 300
MODALS = ("shall", "must", "will", "should", "may", "can", "might", "could", "would", "is to")
PLACES = ("{CODE}", "{TYPE}", "{NNN}")

_TERM = re.compile(r"\*\*(?P<name>[^*]{1,120})\*\*\s*:\s*(?P<rest>.*)")
_NAMES = re.compile(r"\((?P<inner>(?:also|not)\s*:[^()]*)\)$")
_PLACE = re.compile(r"\{[^{}]*\}")
_GAP = re.compile(r"<[^<>]{1,60}>")


@dataclass(frozen=True, slots=True)
class LineError:
    line: int  # from 1; 0: the whole text
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}" if self.line else self.message


class DomainTextError(ValueError):
    """All mistakes of a text; nothing of it was taken."""

    def __init__(self, errors: list[LineError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = errors


@dataclass(slots=True)
class _Reading:
    name: str = ""
    identifiers: list[str] = field(default_factory=list)
    modals: list[str] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
    glossary: list[Term] = field(default_factory=list)
    prose: dict[str, list[str]] = field(default_factory=dict)  # "" for the system
    examples: list[str] = field(default_factory=list)
    owners: dict[str, tuple[int, str]] = field(default_factory=dict)  # name -> line, its term
    claimed_here: set[str] = field(default_factory=set)  # names of the line that is read
    errors: list[LineError] = field(default_factory=list)

    def refuse(self, line: int, message: str) -> None:
        self.errors.append(LineError(line, message))


def parse(text: str) -> DomainContent:
    """What the text says. Raises DomainTextError with every mistake and its line."""
    if len(text) > LONGEST:
        raise DomainTextError([LineError(0, f"A domain has up to {LONGEST:,} characters.")])
    reading = _Reading()
    section: str | None = None
    for number, line in _items(text):
        if len(line) > LONGEST_LINE:
            reading.refuse(number, f"The line is longer than {LONGEST_LINE:,} characters.")
        elif line.startswith("# "):
            _name(reading, number, line[2:].strip())
        elif line.startswith("## "):
            section = _section(reading, number, line[3:].strip())
        elif section is None:
            reading.refuse(number, "Text stands before the first section, such as ## Glossary.")
        else:
            _line(reading, section, number, line)
    if not reading.name:
        reading.refuse(0, "The first line must be the domain's name: # Survey vessel.")
    if reading.errors:
        raise DomainTextError(sorted(reading.errors, key=lambda error: error.line))
    return DomainContent(
        name=reading.name,
        identifiers=tuple(reading.identifiers),
        modals=tuple(reading.modals),
        templates=tuple(reading.templates),
        glossary=tuple(reading.glossary),
        system="\n".join(reading.prose.pop("", [])),
        subsystems=tuple(
            Overview(subsystem=name, text="\n".join(lines)) for name, lines in reading.prose.items()
        ),
        examples=tuple(reading.examples),
    )


def _items(text: str) -> Iterator[tuple[int, str]]:
    """Lines that say something, by the number of their first; indented ones go on with an item."""
    held: tuple[int, str] | None = None
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        line = raw.strip()
        goes_on = raw[:1] in {" ", "\t"} and held is not None and held[1].startswith("- ")
        if held is not None and line and goes_on and not line.startswith("- "):
            held = (held[0], f"{held[1]} {line}")
            continue
        if held is not None:
            yield held
        held = (number, line) if line else None
    if held is not None:
        yield held


def _name(reading: _Reading, number: int, name: str) -> None:
    if reading.name:
        reading.refuse(number, "A domain has one name; sections begin with ##.")
    elif not name or len(name) > 120:
        reading.refuse(number, "The domain's name has 1 to 120 characters.")
    reading.name = reading.name or name


def _section(reading: _Reading, number: int, title: str) -> str:
    kind, _, name = title.partition(":")
    kind, name = kind.strip().casefold(), name.strip()
    if kind == "subsystem" and name and name not in reading.prose:
        reading.prose[name] = []
        return f"subsystem {name}"
    if kind == "subsystem":
        problem = "has two sections" if name else "needs its name: ## Subsystem: Navigation"
        reading.refuse(number, f"The subsystem {name} {problem}.".replace("  ", " "))
    elif kind not in _SECTIONS:
        known = "Conventions, Glossary, System, Subsystem: NAME or Examples"
        reading.refuse(number, f"There is no section “{title}”. Sections are {known}.")
    return kind if kind in _SECTIONS else "unknown"


def _line(reading: _Reading, section: str, number: int, line: str) -> None:
    if section == "unknown":
        return
    if section.startswith("subsystem "):
        reading.prose[section.removeprefix("subsystem ")].append(line)
    elif section == "system":
        reading.prose.setdefault("", []).append(line)
    elif not line.startswith("- "):
        reading.refuse(number, "Each line of this section begins with “- ”.")
    else:
        _SECTIONS[section](reading, number, line[2:].strip())


def _convention(reading: _Reading, number: int, line: str) -> None:
    name, _, value = (part.strip() for part in line.partition(":"))
    kind = name.casefold()
    if len(value) > LONGEST_CONVENTION:
        reading.refuse(number, f"A convention has up to {LONGEST_CONVENTION} characters.")
    elif MOST_CONVENTIONS in {len(reading.identifiers), len(reading.templates)}:
        reading.refuse(number, f"A domain has up to {MOST_CONVENTIONS} conventions of a kind.")
    elif kind not in {"identifier", "modal verbs", "template"} or not value:
        reading.refuse(
            number, "A convention is “Identifier: ...”, “Modal verbs: ...” or “Template: ...”."
        )
    elif kind == "identifier":
        unknown = [place for place in _PLACE.findall(value) if place not in PLACES]
        if unknown or "{NNN}" not in value or " " in value:
            places = ", ".join(PLACES)
            reading.refuse(number, f"An identifier is one word with {{NNN}}; it may have {places}.")
        reading.identifiers.append(value)
    elif kind == "modal verbs":
        verbs = [verb.strip().casefold() for verb in value.split(",")]
        for verb in verbs:
            if verb not in MODALS:
                known = ", ".join(MODALS)
                reading.refuse(number, f"“{verb}” is no modal verb known here. Known are: {known}.")
        reading.modals.extend(verb for verb in verbs if verb not in reading.modals)
    elif _is_template(value):
        reading.templates.append(value)
    else:
        reading.refuse(
            number,
            "A template has 1 to 12 gaps in angle brackets with words between them: "
            "The <actor> shall <action>.",
        )


def _is_template(value: str) -> bool:
    pieces = [piece.strip() for piece in _GAP.split(value)]
    inner = pieces[1:-1]
    return 2 <= len(pieces) <= 13 and all(inner) and any(any(map(str.isalpha, p)) for p in pieces)


def _term(reading: _Reading, number: int, line: str) -> None:
    match = _TERM.fullmatch(line)
    if match is None:
        reading.refuse(number, "A term is written “- **Term**: definition (also: ...; not: ...)”.")
        return
    name, definition = match["name"].strip(), match["rest"].strip()
    also: list[str] = []
    forbidden: list[str] = []
    names = _NAMES.search(definition)
    if names is not None:
        definition = definition[: names.start()].strip()
        for part in names["inner"].split(";"):
            word, _, listed = part.partition(":")
            found = [each.strip() for each in listed.split(",") if each.strip()]
            if word.strip().casefold() not in {"also", "not"} or not found:
                reading.refuse(number, "In brackets stand “also: ...” and “not: ...”, by “;”.")
            (also if word.strip().casefold() == "also" else forbidden).extend(found)
    if not definition:
        reading.refuse(number, f"“{name}” has no definition.")
    if len(reading.glossary) == MOST_TERMS:
        reading.refuse(number, f"A glossary has up to {MOST_TERMS:,} terms.")
    reading.claimed_here = set()
    for each in (name, *also, *forbidden):
        _claim(reading, number, each, name)
    reading.glossary.append(
        Term(name=name, definition=definition, also=tuple(also), forbidden=tuple(forbidden))
    )


def _claim(reading: _Reading, number: int, name: str, term: str) -> None:
    """A name stands for one term, and is either allowed or not."""
    key = folded(name)
    line, owner = reading.owners.setdefault(key, (number, term))
    if not any(letter.isalnum() for letter in name):
        reading.refuse(number, f"“{name}” has no letter.")
    elif line != number:
        reading.refuse(number, f"“{name}” stands for “{owner}” already.")
    elif key in reading.claimed_here:
        reading.refuse(number, f"“{name}” is named twice.")
    reading.claimed_here.add(key)


def _example(reading: _Reading, number: int, line: str) -> None:
    if len(reading.examples) == 50:
        reading.refuse(number, "A domain has up to 50 examples.")
    reading.examples.append(line)


def _prose(reading: _Reading, number: int, line: str) -> None:
    reading.prose.setdefault("", []).append(line)


_SECTIONS: Mapping[str, Callable[[_Reading, int, str], None]] = {
    "conventions": _convention,
    "glossary": _term,
    "system": _prose,
    "examples": _example,
}
