"""Taking in requirements that a team has already, with their parents.

They stand in a run of their own, which asked no model and was judged by nobody, so that every page,
file and report of a run shows them too; a later run that derives the same from the same parents
adds versions to them.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import require
from runs.actions.dismissals import dismissals_to_pin
from runs.graph import GRAPH_VERSION
from runs.graph.identities import Derived
from runs.models import (
    Allocation,
    EventKind,
    Extraction,
    IdentifierCounter,
    Requirement,
    RequirementVersion,
    Run,
    RunStatus,
    SourceRequirement,
    Subsystem,
    TraceLink,
    VersionState,
)
from runs.records import append_event
from runs.requests import Pattern, Relationship, RequirementType, Verification

RULE = "imported"  # of an allocation: neither a model nor the analyst decided it
AT_ONCE = 500
TYPES = {kind.value for kind in RequirementType}
_COUNTED = re.compile(r"([A-Z][A-Z0-9]{1,9})-([A-Z]{4})-([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Brought:
    """A requirement as its team says it; `parents` are source requirements of one extraction."""

    identifier: str
    text: str
    type: RequirementType
    parents: tuple[SourceRequirement, ...]
    relationship: Relationship
    verification: Verification
    rationale: str
    criteria: tuple[str, ...]


def import_requirements(
    user: User | None,
    extraction: Extraction,
    subsystem: Subsystem,
    brought: Sequence[Brought],
    filename: str,
) -> Run:
    """The run that they stand in. Editors and above; raises InvalidInput and Conflict, and then
    nothing is written."""
    revision = extraction.revision
    project = subsystem.project
    require(user, project, Role.EDITOR)
    if revision.specification.project_id != project.pk:
        raise InvalidInput("The specification is of another project than the subsystem.")
    if not brought or any(not one.parents for one in brought):
        raise InvalidInput("Every requirement needs a parent in the specification.")
    with transaction.atomic():
        # One writer of identities at a time, as where runs write theirs.
        Subsystem.objects.select_for_update(no_key=True).get(pk=subsystem.pk)
        _require_new(subsystem, brought)
        run = _run(user, extraction, subsystem, len(brought), filename)
        rows = _identities(subsystem, extraction, brought)
        _raise_counters(subsystem, brought)
        versions = _versions(user, run, rows, brought)
        _trace(run, versions, brought, filename)
    return run


def _require_new(subsystem: Subsystem, brought: Sequence[Brought]) -> None:
    names = [one.identifier for one in brought]
    for start in range(0, len(names), AT_ONCE):
        part = names[start : start + AT_ONCE]
        there = Requirement.objects.filter(project=subsystem.project_id, identifier__in=part)
        if found := there.values_list("identifier", flat=True).first():
            raise Conflict(f"{found} has been made meanwhile. Look at the file's preview again.")


def _run(
    user: User | None, extraction: Extraction, subsystem: Subsystem, number: int, filename: str
) -> Run:
    project = subsystem.project
    now = timezone.now()
    reason = (
        f"Imported from {filename}: {number:,} requirement{'' if number == 1 else 's'}. No model "
        "was asked, and nobody has judged them."
    )
    run: Run = Run.objects.create(
        project=project,
        revision=extraction.revision,
        subsystem=subsystem,
        extraction=extraction,
        status=RunStatus.COMPLETED,
        iteration=1,
        reason=reason,
        quality_threshold=project.quality_threshold,
        max_iterations=project.max_iterations,
        weights=project.weights,
        dismissals=dismissals_to_pin(project),
        unattended=True,
        graph_version=GRAPH_VERSION,
        started_by=user,
        started_at=now,
        finished_at=now,
    )
    figures = {"status": RunStatus.COMPLETED.value, "requirements": number}
    append_event(run.pk, EventKind.STATUS, reason, figures=figures)
    return run


def _identities(
    subsystem: Subsystem, extraction: Extraction, brought: Sequence[Brought]
) -> list[Requirement]:
    specification = extraction.revision.specification_id
    derivations = [
        Derived(
            specification, one.type, tuple(p.fingerprint for p in one.parents), one.text
        ).derivation
        for one in brought
    ]
    last = _siblings(subsystem, derivations)
    rows = []
    for one, derivation in zip(brought, derivations, strict=True):
        last[derivation] += 1
        rows.append(
            Requirement(
                project_id=subsystem.project_id,
                subsystem=subsystem,
                identifier=one.identifier,
                type=one.type.value,
                derivation=derivation,
                sibling=last[derivation],
            )
        )
    return Requirement.objects.bulk_create(rows, batch_size=AT_ONCE)


def _siblings(subsystem: Subsystem, derivations: Sequence[str]) -> defaultdict[str, int]:
    """The last sibling of each derivation that the subsystem has."""
    last: defaultdict[str, int] = defaultdict(int)
    wanted = sorted(set(derivations))
    for start in range(0, len(wanted), AT_ONCE):
        rows = Requirement.objects.filter(
            subsystem=subsystem, derivation__in=wanted[start : start + AT_ONCE]
        )
        last.update(rows.order_by().values_list("derivation").annotate(Max("sibling")))
    return last


def _raise_counters(subsystem: Subsystem, brought: Sequence[Brought]) -> None:
    """No number that a team has given itself is ever given again, whatever the code."""
    highest: dict[tuple[str, str], int] = {}
    for one in brought:
        match = _COUNTED.fullmatch(one.identifier)
        if match and match[2] in TYPES:
            key = match[1], match[2]
            highest[key] = max(highest.get(key, 0), int(match[3]))
    for (code, kind), number in sorted(highest.items()):
        row, _ = IdentifierCounter.objects.get_or_create(
            project_id=subsystem.project_id, code=code, type=kind
        )
        IdentifierCounter.objects.filter(pk=row.pk, last__lt=number).update(last=number)


def _versions(
    user: User | None, run: Run, rows: Sequence[Requirement], brought: Sequence[Brought]
) -> list[RequirementVersion]:
    made = [
        RequirementVersion(
            requirement=row,
            run=run,
            iteration=1,
            ordinal=ordinal,
            text=one.text,
            type=one.type.value,
            acceptance_criteria=list(one.criteria),
            rationale=one.rationale,
            verification_method=one.verification.value,
            pattern=Pattern.DIRECT.value,
            status=VersionState.ACCEPTED,
            edited_by=user,
        )
        for ordinal, (row, one) in enumerate(zip(rows, brought, strict=True), 1)
    ]
    return RequirementVersion.objects.bulk_create(made, batch_size=AT_ONCE)


def _trace(
    run: Run, versions: Sequence[RequirementVersion], brought: Sequence[Brought], filename: str
) -> None:
    why = f"Named as the parent in {filename}."
    links = [
        TraceLink(parent=parent, child=child, relationship=one.relationship.value, rationale=why)
        for child, one in zip(versions, brought, strict=True)
        for parent in one.parents
    ]
    TraceLink.objects.bulk_create(links, batch_size=AT_ONCE)
    parents: Mapping[int, SourceRequirement] = {p.pk: p for one in brought for p in one.parents}
    allocations = [
        Allocation(run=run, source=parent, allocated=True, rule=RULE, rationale=why)
        for parent in parents.values()
    ]
    Allocation.objects.bulk_create(allocations, batch_size=AT_ONCE)
