"""What the records know about a run before it is started, and what has to be guessed."""

import math
from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Length

from reqplatform.teams.models import Project
from runs.documents.document import Document
from runs.documents.serialise import from_bytes
from runs.estimating.coefficients import MEASURED
from runs.estimating.workload import Counts, Reading, Workload, frames
from runs.graph.shown import subsystem_in
from runs.models import (
    Extraction,
    ExtractionState,
    Revision,
    RevisionContent,
    Run,
    RunStatus,
    SourceRequirement,
    Subsystem,
)
from skills import registry
from skills.models import SkillSlug


@dataclass(frozen=True)
class Basis:
    """`paid_models`: those whose extraction of the revision is there already, with today's method.

    `sources_known`: the revision's requirements are counted, not guessed. `revised_share`: the
    share of iterations that are followed by another one.
    """

    workload: Workload
    likely: Counts
    most_sources: int
    sources_known: bool
    paid_models: frozenset[str]
    revised_share: float
    domain_characters: int = 0  # what the domain takes of a request, at most

    def iterations(self, most: int) -> float:
        """How many iterations to expect where `most` are allowed: 1 + s + s² + ..., s being the
        share of iterations that are followed by another one."""
        return sum(self.revised_share**done for done in range(most))


def basis_of(
    revision: Revision, subsystem: Subsystem, project: Project, document: Document | None = None
) -> Basis:
    """Collect it, in a number of queries that depends on nothing.

    `document` is given for a revision that is not stored. Raises Conflict if a method is missing.
    """
    skills = registry.active_versions(project)
    siblings = Subsystem.objects.filter(project=project).exclude(pk=subsystem.pk)
    version = registry.domain_in_use(project)
    domain = version.reading if version else None
    known = frames(
        skills,
        revision.filename,
        subsystem_in(subsystem, domain),
        [subsystem_in(row, domain) for row in siblings],
        domain.at_most() if domain else None,
    )
    reading = Reading(document or _document(revision))
    done = Extraction.objects.filter(revision=revision, state=ExtractionState.DONE)
    columns = ("pk", "model", "skill_version", "domain_version")
    read = list(done.order_by("-finished_at").values(*columns))
    sources, characters = _measured(read[0]["pk"]) if read else (reading.likely_sources, 0.0)
    allocated = _allocated_before(revision, subsystem)
    if allocated is None:
        allocated = math.ceil(sources * MEASURED.allocated_share)
    return Basis(
        workload=Workload(reading, known),
        likely=Counts(
            sources=sources,
            allocated=allocated,
            children=math.ceil(allocated * MEASURED.children_per_parent),
            statement_characters=characters or MEASURED.statement_characters,
        ),
        most_sources=max(sources, reading.most_sources),
        sources_known=bool(read),
        paid_models=frozenset(
            row["model"]
            for row in read
            if row["skill_version"] == skills[SkillSlug.EXTRACTION].pk
            and row["domain_version"] == (version.pk if version else None)
        ),
        revised_share=_revised_share(project),
        domain_characters=len(domain.at_most().model_dump_json()) if domain else 0,
    )


def _document(revision: Revision) -> Document:
    packed = RevisionContent.objects.values_list("document", flat=True).get(revision=revision)
    return from_bytes(bytes(packed))


def _measured(extraction: int) -> tuple[int, float]:
    """How many source requirements an extraction has, and the mean characters of one."""
    sums = SourceRequirement.objects.filter(extraction=extraction).aggregate(
        number=Count("pk"), characters=Sum(Length("text") + Length("lead_in"))
    )
    number = int(sums["number"])
    return number, (sums["characters"] or 0) / max(number, 1)


def _allocated_before(revision: Revision, subsystem: Subsystem) -> int | None:
    """How many source requirements the last run of the same allocated; None if there was none."""
    if subsystem.pk is None:
        return None
    rows = Run.objects.filter(revision=revision, subsystem=subsystem, strategy__isnull=False)
    allocated = Count("allocations", filter=Q(allocations__allocated=True))
    last: int | None = (
        rows.annotate(allocated=allocated)
        .order_by("-id")
        .values_list("allocated", flat=True)
        .first()
    )
    return last


def _revised_share(project: Project) -> float:
    """The share of iterations that are followed by another one, among those of the project's
    completed runs and those that the coefficients were measured on.

    (revised + 1) / (iterations + 2), Laplace's rule of succession: few observations never make it
    certain that a run is revised, or that it is not.
    """
    sums = Run.objects.filter(
        project=project, status=RunStatus.COMPLETED, iteration__gte=1
    ).aggregate(iterations=Sum("iteration"), revised=Sum(F("iteration") - 1))
    judged = MEASURED.judged + (sums["iterations"] or 0)
    return (MEASURED.revised + (sums["revised"] or 0) + 1) / (judged + 2)
