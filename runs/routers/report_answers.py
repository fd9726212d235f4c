"""A report as the API answers it."""

from observability.reports.comparison import Comparison
from observability.reports.cost import CostReport
from observability.reports.energy import EnergyReport
from runs.reporting.making import Report
from runs.routers.energy_schemas import EnergyReportOut
from runs.routers.quality_schemas import ComparisonOut, QualityReportOut
from runs.routers.report_schemas import CostReportOut


def answer_of(
    report: Report,
) -> CostReportOut | QualityReportOut | ComparisonOut | EnergyReportOut:
    if isinstance(report.figures, CostReport):
        return CostReportOut.of(report.figures, report.names, report.budgets)
    if isinstance(report.figures, Comparison):
        return ComparisonOut.of(report.figures, report.names)
    if isinstance(report.figures, EnergyReport):
        return EnergyReportOut.of(report.figures, report.names)
    return QualityReportOut.of(report.figures, report.names)
