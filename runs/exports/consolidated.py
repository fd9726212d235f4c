"""What a campaign found, over all its runs; the caller has checked who may see it.

Each function asks as often for many runs as for few. Coverage counts what the analysis of each run
has decided so far: a run that has not come to it takes nothing yet, which `judged` tells.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from observability.models import CallState, LLMCall, QualityRecord
from runs.models import (
    Allocation,
    Campaign,
    ExtractionState,
    RequirementVersion,
    Run,
    RunStatus,
    SourceRequirement,
    Tally,
    TraceLink,
    VersionState,
)
from runs.requests import RequirementType

RESULTS = (VersionState.PROPOSED, VersionState.ACCEPTED)  # what completed runs say


@dataclass(frozen=True, slots=True)
class Cost:
    """Nano-USD, with what is held or unconfirmed at its bound; then `is_bound`. `reading_nusd` is
    what the extraction took in this campaign: 0 if the revision had been read before."""

    runs_nusd: int
    reading_nusd: int
    is_bound: bool

    @property
    def nusd(self) -> int:
        return self.runs_nusd + self.reading_nusd


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many source requirements are taken by no subsystem, by one, and by several."""

    sources: int
    none: int
    one: int
    several: int
    judged: int  # runs whose analysis has decided

    @property
    def is_known(self) -> bool:
        return self.sources > 0 and self.judged > 0


def tallies_of(campaigns: Sequence[Campaign]) -> dict[UUID, Tally]:
    """How the runs of several campaigns stand, in one query."""
    rows = Run.objects.filter(campaign__in=[row.pk for row in campaigns]).order_by()
    statuses: dict[UUID, list[str]] = {row.pk: [] for row in campaigns}
    for campaign_id, status, number in rows.values_list("campaign", "status").annotate(Count("pk")):
        statuses[campaign_id] += [status] * number
    return {pk: Tally.of(found) for pk, found in statuses.items()}


def runs_of(campaign: Campaign) -> "QuerySet[Any]":
    """The runs by subsystem, with `overall`, `requirements` and `allocated` of their last scores,
    `cost_nusd` of their own calls and how many of these are `open_calls`; None where there is none.
    """
    latest = QualityRecord.objects.filter(run=OuterRef("pk")).order_by("-iteration_count")
    calls = LLMCall.objects.filter(run=OuterRef("pk")).order_by().values("run")
    rows: QuerySet[Any] = (
        Run.objects.filter(campaign=campaign)
        .select_related("project", "subsystem", "revision__specification", "started_by")
        .annotate(
            overall=Subquery(latest.values("overall")[:1]),
            requirements=Subquery(latest.values("requirements_count")[:1]),
            allocated=Subquery(latest.values("allocated_count")[:1]),
            cost_nusd=Subquery(
                calls.annotate(n=Sum(Coalesce("cost_nusd", "held_nusd"))).values("n")
            ),
            open_calls=Subquery(calls.annotate(n=Count("pk", filter=_open())).values("n")),
        )
        .defer("strategy", "routes", "weights")
        .order_by("subsystem__code", "id")
    )
    return rows


def sources_of(campaign: Campaign) -> "QuerySet[Any]":
    """The source requirements that the runs read, with `owners`: how many subsystems take one."""
    extractions = Run.objects.filter(
        campaign=campaign, extraction__state=ExtractionState.DONE
    ).values("extraction")
    taken = Q(allocations__run__campaign=campaign, allocations__allocated=True)
    rows: QuerySet[Any] = SourceRequirement.objects.filter(extraction__in=extractions).annotate(
        owners=Count("allocations", filter=taken)
    )
    return rows.order_by("extraction", "ordinal")


def matrix_of(campaign: Campaign) -> "QuerySet[Any]":
    """The same, those that nobody takes first, each with its `takers`: allocations that say yes."""
    takers = Allocation.objects.filter(run__campaign=campaign, allocated=True)
    is_taken = Case(When(owners=0, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows: QuerySet[Any] = sources_of(campaign).annotate(is_taken=is_taken)
    return rows.order_by("is_taken", "extraction", "ordinal").prefetch_related(
        Prefetch("allocations", takers.select_related("run__subsystem"), to_attr="takers")
    )


def coverage_of(campaign: Campaign) -> Coverage:
    owners = list(sources_of(campaign).order_by().values_list("owners", flat=True))
    judged = Allocation.objects.filter(run__campaign=campaign).values("run").distinct().count()
    return Coverage(
        sources=len(owners),
        none=owners.count(0),
        one=owners.count(1),
        several=sum(number > 1 for number in owners),
        judged=judged,
    )


def requirements_of(campaign: Campaign) -> "QuerySet[Any]":
    """What the completed runs say, by subsystem, each with its `links` to its parents."""
    links = TraceLink.objects.select_related("parent").order_by("parent__ordinal")
    rows: QuerySet[Any] = (
        RequirementVersion.objects.filter(_result(campaign))
        .select_related("requirement", "run__subsystem")
        .prefetch_related(Prefetch("trace_links", links, to_attr="links"))
        .order_by("run__subsystem__code", "run_id", "ordinal")
    )
    return rows


def totals_of(campaign: Campaign) -> dict[str, dict[str, int]]:
    """Requirements of completed runs by subsystem's code and type, and of all below ""."""
    rows = (
        RequirementVersion.objects.filter(_result(campaign))
        .order_by()
        .values_list("run__subsystem__code", "type")
        .annotate(Count("pk"))
    )
    totals: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(TYPES, 0))
    for code, kind, number in rows:
        totals[code][kind] += number
        totals[""][kind] += number
    return dict(totals)


TYPES = [kind.value for kind in RequirementType]


def cost_of(campaign: Campaign) -> Cost:
    extractions = Run.objects.filter(campaign=campaign, extraction__isnull=False)
    read = Q(
        run__isnull=True, group=campaign.group, extraction__in=extractions.values("extraction")
    )
    own = Q(run__campaign=campaign)
    amount = Coalesce(F("cost_nusd"), F("held_nusd"))
    sums = LLMCall.objects.filter(own | read, project=campaign.project_id).aggregate(
        own=Sum(amount, filter=Q(run__isnull=False)),
        read=Sum(amount, filter=Q(run__isnull=True)),
        unknown=Count("pk", filter=_open()),
    )
    return Cost(sums["own"] or 0, sums["read"] or 0, bool(sums["unknown"]))


def codes_of(takers: Iterable[Allocation]) -> list[str]:
    """The codes of the subsystems that take a source requirement."""
    return sorted({taker.run.subsystem.code for taker in takers})


def _result(campaign: Campaign) -> Q:
    return Q(run__campaign=campaign, run__status=RunStatus.COMPLETED, status__in=RESULTS)


def _open() -> Q:
    """Calls whose cost is a bound until somebody knows."""
    return Q(state__in=[CallState.HELD, CallState.UNCONFIRMED], held_nusd__gt=0)
