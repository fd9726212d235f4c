"""What the API answers about quality and subsystems. Money is dollars as a decimal string."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from observability.money import exact_usd
from observability.reports.comparison import (
    Compared,
    Comparison,
    RouteScore,
    RunColumn,
    Trend,
)
from observability.reports.quality import PassRate, Point, QualityReport, Score
from runs.reporting.names import Names
from runs.routers.report_schemas import PartOut, PeriodOut, SumOut, dollars
from runs.routers.schemas import Answer


class IntervalOut(Answer):
    """Of 95 %."""

    low: float
    high: float

    @classmethod
    def of(cls, interval: tuple[float, float] | None) -> Self | None:
        return None if interval is None else cls(low=interval[0], high=interval[1])


class ScoreOut(Answer):
    dimension: str
    runs: int
    mean: float | None
    deviation: float | None
    least: float | None
    most: float | None
    interval: IntervalOut | None

    @classmethod
    def of(cls, one: Score) -> Self:
        return cls(
            dimension=one.dimension,
            runs=one.n,
            mean=one.mean,
            deviation=one.deviation,
            least=one.least,
            most=one.most,
            interval=IntervalOut.of(one.interval),
        )


class PassRateOut(Answer):
    passed: int
    runs: int
    share: float | None
    interval: IntervalOut | None
    is_small: bool = Field(description="Fewer than 20 runs: read the interval, not the share.")

    @classmethod
    def of(cls, one: PassRate) -> Self:
        return cls(
            passed=one.passed,
            runs=one.runs,
            share=one.share,
            interval=IntervalOut.of(one.interval),
            is_small=one.is_small,
        )


class PointOut(Answer):
    key: str = Field(description="A day, or slug@version of a skill.")
    overall: ScoreOut
    pass_rate: PassRateOut

    @classmethod
    def of(cls, one: Point) -> Self:
        return cls(
            key=one.key, overall=ScoreOut.of(one.overall), pass_rate=PassRateOut.of(one.pass_rate)
        )


class FindingOut(Answer):
    rule: str
    findings: int
    runs: int


class JudgesOut(Answer):
    """Rules and judge on the runs that a judge of its own scored as well."""

    runs: int
    rules: float | None
    judge: float | None
    difference: float | None
    distance: float | None
    agreed: float | None


class JudgedRunOut(Answer):
    run: UUID
    judged_at: datetime
    subsystem: str | None
    passed: bool
    allocated: int
    requirements: int
    iterations: int
    overall: float
    threshold: float
    findings: int
    critical: int


class QualityReportOut(Answer):
    """Runs count once, by their latest result. Those with nothing allocated are in no average."""

    period: PeriodOut
    runs: int
    nothing_allocated: int
    requirements: int
    scores: list[ScoreOut]
    pass_rate: PassRateOut
    iterations: float | None
    most_iterations: int | None
    days: list[PointOut]
    versions: list[PointOut]
    findings: list[FindingOut]
    judges: JudgesOut
    recent: list[JudgedRunOut]
    due: int

    @classmethod
    def of(cls, report: QualityReport, names: Names) -> Self:
        most = report.iterations.most
        return cls(
            period=PeriodOut.of(report.asked),
            runs=report.runs,
            nothing_allocated=report.nothing_allocated,
            requirements=report.requirements,
            scores=[ScoreOut.of(one) for one in report.scores],
            pass_rate=PassRateOut.of(report.pass_rate),
            iterations=report.iterations.mean,
            most_iterations=None if most is None else round(most),
            days=[PointOut.of(one) for one in report.days],
            versions=[PointOut.of(one) for one in report.versions],
            findings=[
                FindingOut(rule=one.rule, findings=one.findings, runs=one.runs)
                for one in report.findings
            ],
            judges=JudgesOut(
                runs=report.judges.runs, rules=report.judges.rules, judge=report.judges.judge,
                difference=report.judges.difference, distance=report.judges.distance,
                agreed=report.judges.agreed,
            ),
            recent=[
                JudgedRunOut(
                    run=row.run_id, judged_at=row.judged_at, passed=row.passed,
                    subsystem=names.code(row.subsystem),
                    allocated=row.allocated, requirements=row.requirements,
                    iterations=row.iterations, overall=row.overall, threshold=row.threshold,
                    findings=row.findings, critical=row.critical,
                )
                for row in report.recent
            ],
            due=report.due,
        )  # fmt: skip


class ComparedOut(Answer):
    """One subsystem's runs. Costs are without extraction, which the revision paid for."""

    subsystem: str | None
    runs: int
    is_small: bool = Field(description="Fewer than 20 runs: compare intervals, not averages.")
    nothing_allocated: int
    requirements: int
    scores: list[ScoreOut]
    pass_rate: PassRateOut
    iterations: float | None
    cost: str
    usd_per_requirement: str | None
    usd_per_point: str | None = Field(description="A point is a hundredth of an overall score.")
    unresolved: int
    unresolved_critical: int
    trend: Trend
    change: float | None

    @classmethod
    def of(cls, row: Compared, names: Names) -> Self:
        return cls(
            subsystem=names.code(row.subsystem),
            runs=row.runs,
            is_small=row.is_small,
            nothing_allocated=row.nothing_allocated,
            requirements=row.requirements,
            scores=[ScoreOut.of(one) for one in row.scores],
            pass_rate=PassRateOut.of(row.pass_rate),
            iterations=row.iterations,
            cost=exact_usd(row.cost_nusd),
            usd_per_requirement=dollars(row.nusd_per_requirement),
            usd_per_point=dollars(row.nusd_per_point),
            unresolved=row.unresolved,
            unresolved_critical=row.unresolved_critical,
            trend=row.trend,
            change=row.change,
        )


class ComparisonOut(Answer):
    """By the subsystems' codes; nothing here is a ranking."""

    period: PeriodOut
    subsystems: list[ComparedOut]
    due: int

    @classmethod
    def of(cls, report: Comparison, names: Names) -> Self:
        rows = [ComparedOut.of(row, names) for row in report.rows]
        rows.sort(key=lambda row: (row.subsystem is None, row.subsystem or ""))
        return cls(period=PeriodOut.of(report.asked), subsystems=rows, due=report.due)


class RouteOut(Answer):
    """Runs of one revision that the same models answered. `busy_ms_per_run`: all calls of a run one
    after the other."""

    revision: UUID
    models: str
    runs: int
    is_small: bool
    passed: int
    overall: float
    interval: IntervalOut | None
    least: float
    most: float
    requirements: int
    usd_per_run: str | None
    usd_per_requirement: str | None
    busy_ms_per_run: float

    @classmethod
    def of(cls, one: RouteScore) -> Self:
        return cls(
            revision=one.revision, models=one.route, runs=one.runs, is_small=one.is_small,
            passed=one.passed, overall=one.overall, interval=IntervalOut.of(one.interval),
            least=one.least, most=one.most, requirements=one.requirements,
            usd_per_run=dollars(one.nusd_per_run),
            usd_per_requirement=dollars(one.nusd_per_requirement),
            busy_ms_per_run=one.busy_ms_per_run,
        )  # fmt: skip


class RunColumnOut(Answer):
    """A run among others; scores are null until it is judged."""

    run: UUID
    subsystem: str | None
    revision: UUID | None
    models: str
    skills: list[str]
    iterations: int
    requirements: int
    findings: int
    critical: int
    passed: bool | None
    overall: float | None
    completeness: float | None
    clarity: float | None
    testability: float | None
    traceability: float | None
    domain: float | None
    sum: SumOut
    by_node: list[PartOut]

    @classmethod
    def of(cls, one: RunColumn, names: Names) -> Self:
        row = one.figures
        plain = {
            name: getattr(row, name)
            for name in (
                "iterations", "requirements", "findings", "critical", "passed", "overall",
                "completeness", "clarity", "testability", "traceability", "domain",
            )
        }  # fmt: skip
        total = one.sum.cost_nusd
        parts = [
            PartOut(
                key=part.node.value,
                share=part.sum.cost_nusd / total if total else 0.0,
                sum=SumOut.of(part.sum),
            )
            for part in one.nodes
        ]
        return cls(
            run=one.run_id, subsystem=names.code(row.subsystem_id), revision=row.revision_id,
            models=row.route, skills=row.skills.split(), sum=SumOut.of(one.sum), by_node=parts,
            **plain,
        )  # fmt: skip
