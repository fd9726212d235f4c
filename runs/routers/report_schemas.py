"""What the API answers about costs. Money is exact dollars as a decimal string."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from observability.models import Node
from observability.money import exact_usd
from observability.reports.asked import CostFilter, QualityFilter
from observability.reports.cost import CostReport, Part
from observability.reports.per_run import PerRun
from observability.reports.sums import Sum
from runs.reporting.ahead import ProjectBudget
from runs.reporting.names import Names
from runs.routers.budget_schemas import WindowOut
from runs.routers.schemas import Answer


def dollars(nusd: float | None) -> str | None:
    return None if nusd is None else f"{nusd / 10**9:.12f}"


def _usd(nusd: int | None) -> str | None:
    return None if nusd is None else exact_usd(nusd)


class PeriodOut(Answer):
    """Whole days of the project's time zone."""

    first: date
    last: date
    days: int
    time_zone: str

    @classmethod
    def of(cls, asked: CostFilter | QualityFilter) -> Self:
        period = asked.period
        return cls(
            first=period.first, last=period.last, days=period.days, time_zone=asked.time_zone
        )


class SumOut(Answer):
    """Calls together. `failed`: no answer of theirs came. `again`: asked because one before had
    failed. `revised`: from the second iteration on. `saved`: by caches; negative if they cost."""

    calls: int
    released_calls: int = Field(description="Attempts that surely cost nothing.")
    cost: str
    failed_calls: int
    failed: str
    again_calls: int
    again: str
    revised_calls: int
    revised: str
    saved: str
    input_fresh: int
    cache_read: int
    cache_write: int
    cache_write_1h: int
    output: int
    reasoning: int
    tokens_per_call: float
    usd_per_million_tokens: str | None
    busy_ms: int = Field(description="How long answers took, added up.")
    energy_low_wh: float | None = Field(description="null: unknown.")
    energy_high_wh: float | None
    energy_unknown_calls: int

    @classmethod
    def of(cls, one: Sum) -> Self:
        low, high, unknown = one.energy
        plain = {
            name: getattr(one, name)
            for name in (
                "calls", "released_calls", "failed_calls", "again_calls", "revised_calls",
                "input_fresh", "cache_read", "cache_write", "cache_write_1h", "output",
                "reasoning", "tokens_per_call", "busy_ms",
            )
        }  # fmt: skip
        money = {
            name: exact_usd(getattr(one, f"{name}_nusd"))
            for name in ("cost", "failed", "again", "revised", "saved")
        }
        return cls(
            **plain,
            **money,
            usd_per_million_tokens=dollars(one.per_million),
            energy_low_wh=low,
            energy_high_wh=high,
            energy_unknown_calls=unknown,
        )


class PartOut(Answer):
    """The calls that have `key` in common: an agent, a model, a source, a subsystem's code or a
    person's name; null for those that have none."""

    key: str | None
    share: float = Field(description="Of the cost, 0 to 1.")
    sum: SumOut

    @classmethod
    def of(cls, part: Part, key: str | None) -> Self:
        return cls(key=key, share=part.share, sum=SumOut.of(part.sum))


class PerRunOut(Answer):
    """Over the runs whose first call was made in the period, with all that they ever cost. Median
    and 95th percentile are costs of a run that there was."""

    runs: int
    free_runs: int
    total: str
    average: str | None
    least: str | None
    median: str | None
    p95: str | None
    most: str | None

    @classmethod
    def of(cls, one: PerRun) -> Self:
        return cls(
            runs=one.runs,
            free_runs=one.free_runs,
            total=exact_usd(one.total),
            average=dollars(one.average),
            least=_usd(one.least),
            median=_usd(one.median),
            p95=_usd(one.p95),
            most=_usd(one.most),
        )


class CostDayOut(Answer):
    day: date
    node: Node
    model: str
    calls: int
    cost: str


class RecentCostOut(Answer):
    run: UUID
    begun_at: datetime
    subsystem: str | None
    models: str
    sources: list[str]
    calls: int
    tokens: int
    cost: str


class CostReportOut(Answer):
    """`due` calls and results that have ended are not added up yet; 1000 means that or more."""

    period: PeriodOut
    total: SumOut
    before: SumOut = Field(description="The period of the same length right before.")
    per_run: PerRunOut
    days: list[CostDayOut]
    by_node: list[PartOut]
    by_model: list[PartOut]
    by_source: list[PartOut]
    by_subsystem: list[PartOut]
    by_person: list[PartOut]
    recent: list[RecentCostOut]
    budgets: list[WindowOut] = Field(
        description="Today's, this month's and the project's account now, whatever the filter."
    )
    due: int

    @classmethod
    def of(cls, report: CostReport, names: Names, budgets: Iterable[ProjectBudget]) -> Self:
        def coded(key: object) -> str | None:
            return names.code(key if isinstance(key, int) else None)

        def person(key: object) -> str | None:
            return names.people.get(key) if isinstance(key, int) else None

        return cls(
            period=PeriodOut.of(report.asked),
            total=SumOut.of(report.total),
            before=SumOut.of(report.before),
            per_run=PerRunOut.of(report.per_run),
            days=[
                CostDayOut(
                    day=row.day, node=row.node, model=row.model, calls=row.calls,
                    cost=exact_usd(row.cost_nusd),
                )
                for row in report.days
            ],
            by_node=[PartOut.of(part, str(part.key)) for part in report.by_node],
            by_model=[PartOut.of(part, str(part.key)) for part in report.by_model],
            by_source=[PartOut.of(part, str(part.key)) for part in report.by_source],
            by_subsystem=[PartOut.of(part, coded(part.key)) for part in report.by_subsystem],
            by_person=[PartOut.of(part, person(part.key)) for part in report.by_person],
            recent=[
                RecentCostOut(
                    run=row.run_id, begun_at=row.begun_at, subsystem=coded(row.subsystem),
                    models=row.route, sources=list(row.sources), calls=row.calls,
                    tokens=row.tokens, cost=exact_usd(row.cost_nusd),
                )
                for row in report.recent
            ],
            budgets=[WindowOut.of(one.standing, one.forecast) for one in budgets],
            due=report.due,
        )  # fmt: skip
