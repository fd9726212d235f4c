"""Identities of requirements: the same derivation keeps its identifier, a new one gets the next.

An identifier is `{CODE}-{TYPE}-{NNN}`. Its number comes from a counter in the database, is never
reused and never chosen by a model.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F

from runs.models import IdentifierCounter, Requirement, Subsystem
from runs.passages import batches
from runs.requests import RequirementType


@dataclass(frozen=True, slots=True)
class Derived:
    """What tells one requirement from another: its type and the parents it comes from."""

    type: RequirementType
    parents: tuple[str, ...]  # fingerprints of source requirements


def identify(subsystem: Subsystem, derived: Sequence[Derived]) -> list[Requirement]:
    """The identity of each, in order; made where the subsystem has none yet.

    Call it inside the transaction that writes the versions. Several children of one type from the
    same parents are told apart by their order.
    """
    # One writer of identities at a time; no_key, so that runs of the subsystem can start meanwhile.
    Subsystem.objects.select_for_update(no_key=True).get(pk=subsystem.pk)
    keys = _keys(derived)
    known = {
        row.derivation: row
        for part in batches(keys, lambda key: 1, 500)
        for row in Requirement.objects.filter(subsystem=subsystem, derivation__in=part)
    }
    missing = [
        (key, item.type) for key, item in zip(keys, derived, strict=True) if key not in known
    ]
    numbers = _next_numbers(subsystem, Counter(kind for _, kind in missing))
    made = []
    for key, kind in missing:
        number = numbers[kind]
        numbers[kind] += 1
        made.append(
            Requirement(
                project_id=subsystem.project_id,
                subsystem=subsystem,
                identifier=f"{subsystem.code}-{kind.value}-{number:03d}",
                type=kind.value,
                derivation=key,
            )
        )
    for row in Requirement.objects.bulk_create(made, batch_size=500):
        known[row.derivation] = row
    return [known[key] for key in keys]


def _keys(derived: Sequence[Derived]) -> list[str]:
    seen: Counter[Derived] = Counter()
    keys = []
    for item in derived:
        place = Derived(item.type, tuple(sorted(set(item.parents))))
        seen[place] += 1
        basis = "\n".join([place.type.value, *place.parents, str(seen[place])])
        keys.append(hashlib.sha256(basis.encode()).hexdigest())
    return keys


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
