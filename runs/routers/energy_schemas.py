"""What the API answers about energy: estimates with their range, in watt-hours."""

from typing import Self

from pydantic import Field

from observability.reports.cost import Part
from observability.reports.energy import EnergyReport
from observability.reports.sums import Sum
from runs.reporting.names import Names
from runs.routers.report_schemas import PeriodOut
from runs.routers.schemas import Answer


class EnergySumOut(Answer):
    """Calls together. The range is over those whose model EcoLogits knows."""

    low_wh: float | None = Field(description="null: no call's is known.")
    high_wh: float | None
    calls: int
    known_calls: int
    unknown_calls: int = Field(description="Without those that no model outside was asked for.")
    output_tokens: int

    @classmethod
    def of(cls, one: Sum) -> Self:
        low, high, unknown = one.energy
        return cls(
            low_wh=low,
            high_wh=high,
            calls=one.calls,
            known_calls=one.energy_known_calls,
            unknown_calls=unknown,
            output_tokens=one.output_tokens,
        )


class EnergyPartOut(Answer):
    """The calls that have `key` in common: a model, an agent, or a subsystem's code; null for those
    that have none."""

    key: str | None
    sum: EnergySumOut

    @classmethod
    def of(cls, part: Part, key: str | None) -> Self:
        return cls(key=key, sum=EnergySumOut.of(part.sum))


class EnergyReportOut(Answer):
    """Parts with the most energy come first. `due` calls are not added up yet; 1000 means that or
    more."""

    period: PeriodOut
    total: EnergySumOut
    before: EnergySumOut = Field(description="The period of the same length right before.")
    by_model: list[EnergyPartOut]
    by_node: list[EnergyPartOut]
    by_subsystem: list[EnergyPartOut]
    due: int

    @classmethod
    def of(cls, report: EnergyReport, names: Names) -> Self:
        def coded(key: object) -> str | None:
            return names.code(key if isinstance(key, int) else None)

        return cls(
            period=PeriodOut.of(report.asked),
            total=EnergySumOut.of(report.total),
            before=EnergySumOut.of(report.before),
            by_model=[EnergyPartOut.of(part, str(part.key)) for part in report.by_model],
            by_node=[EnergyPartOut.of(part, str(part.key)) for part in report.by_node],
            by_subsystem=[EnergyPartOut.of(part, coded(part.key)) for part in report.by_subsystem],
            due=report.due,
        )
