"""Identities of requirements: the same derivation keeps its identifier, a new one gets the next.

An identifier is `{CODE}-{TYPE}-{NNN}`. Its number comes from a counter in the database, is never
reused and never chosen by a model.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F
from rapidfuzz import fuzz

from runs.models import IdentifierCounter, Requirement, RequirementVersion, Subsystem
from runs.passages import batches
from runs.requests import RequirementType

ALIKE = 75.0
"""`token_sort_ratio` from which a text is taken for a new wording of a known one beside others."""


@dataclass(frozen=True, slots=True)
class Derived:
    """What tells one requirement from another: where it comes from, and, among several of one
    type from the same parents, what it says.
    """

    specification: UUID
    type: RequirementType
    parents: tuple[str, ...]  # fingerprints of source requirements
    text: str

    @property
    def derivation(self) -> str:
        parents = sorted(set(self.parents))
        basis = "\n".join([str(self.specification), self.type.value, *parents])
        return hashlib.sha256(basis.encode()).hexdigest()


def identify(subsystem: Subsystem, derived: Sequence[Derived]) -> list[Requirement]:
    """The identity of each, in order; made where the subsystem has none yet.

    Call it inside the transaction that writes the versions. The only requirement of its type from
    its parents keeps its identity however it is worded; of several, each keeps the one whose last
    wording is its own or most like it.
    """
    # One writer of identities at a time; no_key, so that runs of the subsystem can start meanwhile.
    Subsystem.objects.select_for_update(no_key=True).get(pk=subsystem.pk)
    places: dict[str, list[int]] = defaultdict(list)
    for place, item in enumerate(derived):
        places[item.derivation].append(place)
    known = _known(subsystem, list(places))
    found: dict[int, Requirement] = {}
    new: list[tuple[int, str, int]] = []  # place, derivation, sibling
    for derivation, group in places.items():
        rows = known.get(derivation, [])
        found |= _matched({place: derived[place].text for place in group}, rows)
        free = max((row.sibling for row, _ in rows), default=0)
        for place in group:
            if place not in found:
                free += 1
                new.append((place, derivation, free))
    new.sort()
    made = _made(subsystem, [(derived[place].type, key, sibling) for place, key, sibling in new])
    found |= {place: row for (place, _, _), row in zip(new, made, strict=True)}
    return [found[place] for place in range(len(derived))]


def _made(
    subsystem: Subsystem, wanted: Sequence[tuple[RequirementType, str, int]]
) -> list[Requirement]:
    """New requirements of these types, derivations and siblings, with the next identifiers."""
    numbers = _next_numbers(subsystem, Counter(kind for kind, _, _ in wanted))
    made = []
    for kind, derivation, sibling in wanted:
        made.append(
            Requirement(
                project_id=subsystem.project_id,
                subsystem=subsystem,
                identifier=f"{subsystem.code}-{kind.value}-{numbers[kind]:03d}",
                type=kind.value,
                derivation=derivation,
                sibling=sibling,
            )
        )
        numbers[kind] += 1
    return Requirement.objects.bulk_create(made, batch_size=500)


def _known(
    subsystem: Subsystem, derivations: list[str]
) -> dict[str, list[tuple[Requirement, str]]]:
    """The subsystem's requirements of these derivations, each with its last wording."""
    known: dict[str, list[tuple[Requirement, str]]] = defaultdict(list)
    for part in batches(derivations, lambda derivation: 1, 500):
        rows = Requirement.objects.filter(subsystem=subsystem, derivation__in=part)
        texts = dict(
            RequirementVersion.objects.filter(
                requirement__subsystem=subsystem, requirement__derivation__in=part
            )
            .order_by("id")
            .values_list("requirement_id", "text")
        )
        for row in rows.order_by("sibling"):
            known[row.derivation].append((row, texts.get(row.pk, "")))
    return known


def _matched(texts: dict[int, str], rows: list[tuple[Requirement, str]]) -> dict[int, Requirement]:
    """Which of the texts, by their places, are known requirements: the most alike first."""
    if len(texts) == len(rows) == 1:
        return {next(iter(texts)): rows[0][0]}
    pairs = sorted(_alike(texts, rows), key=lambda pair: (-pair[0], pair[1], pair[2].sibling))
    found: dict[int, Requirement] = {}
    taken: set[int] = set()
    for _, place, row in pairs:
        if place not in found and row.pk not in taken:
            found[place] = row
            taken.add(row.pk)
    return found


def _alike(
    texts: dict[int, str], rows: list[tuple[Requirement, str]]
) -> Iterator[tuple[float, int, Requirement]]:
    for place, text in texts.items():
        for row, last in rows:
            likeness = fuzz.token_sort_ratio(text, last)
            if likeness >= ALIKE:
                yield likeness, place, row


def _next_numbers(
    subsystem: Subsystem, wanted: Counter[RequirementType]
) -> dict[RequirementType, int]:
    """The first of as many fresh numbers as are wanted of each type."""
    first = {}
    for kind, count in wanted.items():
        row, _ = IdentifierCounter.objects.get_or_create(
            project_id=subsystem.project_id, code=subsystem.code, type=kind.value
        )
        IdentifierCounter.objects.filter(pk=row.pk).update(last=F("last") + count)
        row.refresh_from_db(fields=["last"])
        first[kind] = row.last - count + 1
    return first
