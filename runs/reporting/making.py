"""The reports by name, each as its figures and as tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from observability.reports.asked import CostFilter, Period, QualityFilter
from observability.reports.comparison import Comparison, comparison
from observability.reports.cost import CostReport, cost
from observability.reports.energy import EnergyReport, energy
from observability.reports.quality import QualityReport, quality
from observability.shown import costs_are_shown
from reqplatform.errors import NotAllowed
from reqplatform.teams.models import Project
from runs.reporting.ahead import ProjectBudget, budgets_of
from runs.reporting.asking import Words, cost_filter, quality_filter
from runs.reporting.consuming import energy_tables
from runs.reporting.judging import comparison_tables, quality_tables
from runs.reporting.names import Names
from runs.reporting.spending import budget_table, cost_tables
from runs.reporting.table import Kind, Table


class ReportName(StrEnum):
    COST = "cost"
    QUALITY = "quality"
    SUBSYSTEMS = "subsystems"
    ENERGY = "energy"


TITLES = {
    ReportName.COST: "Cost",
    ReportName.QUALITY: "Quality",
    ReportName.SUBSYSTEMS: "Subsystems compared",
    ReportName.ENERGY: "Energy",
}
OF_COSTS = (ReportName.COST, ReportName.ENERGY)  # what they may be narrowed down by
Figures = CostReport | QualityReport | Comparison | EnergyReport


@dataclass(frozen=True, slots=True)
class Report:
    """A report of one project, made once and then written in any format."""

    name: ReportName
    project: Project
    names: Names
    figures: Figures
    tables: tuple[Table, ...]
    budgets: tuple[ProjectBudget, ...] = ()  # where they stand now, of the report on costs

    @property
    def title(self) -> str:
        return f"{TITLES[self.name]} of {self.project.name}"

    @property
    def period(self) -> Period:
        return self.figures.asked.period

    @property
    def lead(self) -> str:
        """ "1 Nov 2026 to 30 Nov 2026, 30 days of Europe/Berlin; only subsystem NAV" """
        days = f"{self.period.days} day{'s' if self.period.days > 1 else ''}"
        between = f"{_day(self.period.first)} to {_day(self.period.last)}"
        narrowed = _narrowed(self.figures.asked, self.names)
        only = f"; only {', '.join(narrowed)}" if narrowed else ""
        return f"{between}, {days} of {self.project.time_zone}{only}"

    @property
    def is_empty(self) -> bool:
        if isinstance(self.figures, Comparison):
            return not self.figures.rows
        return self.figures.is_empty


def make(name: ReportName, project: Project, words: Words, now: datetime) -> Report:
    """Raises InvalidInput for words that make no sense, NotAllowed for costs that are hidden."""
    if name not in offered():
        raise NotAllowed("Costs are hidden on this installation (COST_TRACKING_ENABLED).")
    names = Names.of(project)
    figures, tables = _MAKERS[name](project, words, now, names)
    budgets = budgets_of(project, now) if name == ReportName.COST else []
    if budgets:
        tables.append(budget_table(budgets, project.time_zone))
    if not costs_are_shown():
        tables = [_without_money(one) for one in tables]
    return Report(name, project, names, figures, tuple(tables), tuple(budgets))


def offered() -> list[ReportName]:
    """Without the report on costs where these are hidden from people."""
    return [name for name in ReportName if name != ReportName.COST or costs_are_shown()]


def _without_money(table: Table) -> Table:
    kept = [i for i, column in enumerate(table.columns) if column.kind != Kind.MONEY]
    return replace(
        table,
        columns=tuple(table.columns[i] for i in kept),
        rows=tuple(tuple(row[i] for i in kept) for row in table.rows),
    )


Made = tuple[Figures, list[Table]]


def _cost(project: Project, words: Words, now: datetime, names: Names) -> Made:
    report = cost(cost_filter(project, words, now))
    return report, cost_tables(report, names)


def _quality(project: Project, words: Words, now: datetime, names: Names) -> Made:
    report = quality(quality_filter(project, words, now))
    return report, quality_tables(report, names)


def _subsystems(project: Project, words: Words, now: datetime, names: Names) -> Made:
    report = comparison(quality_filter(project, words, now))
    return report, comparison_tables(report, names)


def _energy(project: Project, words: Words, now: datetime, names: Names) -> Made:
    report = energy(cost_filter(project, words, now))
    return report, energy_tables(report, names)


_MAKERS: Mapping[ReportName, Callable[[Project, Words, datetime, Names], Made]] = {
    ReportName.COST: _cost,
    ReportName.QUALITY: _quality,
    ReportName.SUBSYSTEMS: _subsystems,
    ReportName.ENERGY: _energy,
}


def _day(day: object) -> str:
    return f"{day:%-d %b %Y}"


def _narrowed(asked: CostFilter | QualityFilter, names: Names) -> list[str]:
    said = []
    if asked.subsystem is not None:
        said.append(names.of_id("subsystem", asked.subsystem))
    if asked.person is not None:
        said.append(names.of_id("person", asked.person))
    if isinstance(asked, CostFilter):
        parts = {"agent": asked.node, "model": asked.model, "source": asked.source}
    else:
        parts = {"skill version": asked.skill, "runs with findings of": asked.rule}
        if asked.specification is not None:
            said.append("one specification")
    return said + [f"{what} {value}" for what, value in parts.items() if value]
