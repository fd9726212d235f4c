"""The tables of a report on energy."""

from collections.abc import Callable, Sequence

from observability.reports.cost import Part
from observability.reports.energy import EnergyReport
from observability.reports.sums import Sum
from runs.reporting.names import Names
from runs.reporting.spending import agent_of, due_note, subsystem_of
from runs.reporting.table import Column, Fact, Kind, Table, Value, facts

_SUM: tuple[tuple[Column, Callable[[Sum], Value]], ...] = (
    (Column("low_wh", "From, Wh", Kind.NUMBER), lambda one: one.energy[0]),
    (Column("high_wh", "To, Wh", Kind.NUMBER), lambda one: one.energy[1]),
    (Column("calls", "Calls", Kind.WHOLE), lambda one: one.calls),
    (Column("unknown_calls", "Unknown calls", Kind.WHOLE), lambda one: one.energy_unknown_calls),
    (Column("tokens_out", "Tokens out", Kind.WHOLE), lambda one: one.output_tokens),
)


def energy_tables(report: EnergyReport, names: Names) -> list[Table]:
    """All of a report on energy, the summary first."""
    zone = report.asked.time_zone
    return [
        _summary(report),
        _parts("models", "By model", report.by_model, lambda part: str(part.key), zone),
        _parts("agents", "By agent", report.by_node, agent_of, zone),
        _parts("subsystems", "By subsystem", report.by_subsystem, subsystem_of(names), zone),
    ]


def _summary(report: EnergyReport) -> Table:
    total, before = report.total, report.before
    rows: list[Fact] = [
        ("Energy from, Wh", Kind.NUMBER, total.energy[0]),
        ("to, Wh", Kind.NUMBER, total.energy[1]),
        ("Period before, from, Wh", Kind.NUMBER, before.energy[0]),
        ("Period before, to, Wh", Kind.NUMBER, before.energy[1]),
        ("Calls", Kind.WHOLE, total.calls),
        ("Calls with a known range", Kind.WHOLE, total.energy_known_calls),
        ("Tokens out", Kind.WHOLE, total.output_tokens),
    ]
    return facts("summary", "Energy", rows, report.asked.time_zone, due_note(report.due))


def _parts(
    name: str, title: str, parts: Sequence[Part], label: Callable[[Part], str], zone: str
) -> Table:
    key = title.removeprefix("By ").capitalize()
    columns = (Column("key", key), *(column for column, _ in _SUM))
    rows = tuple((label(part), *(read(part.sum) for _, read in _SUM)) for part in parts)
    return Table(name, title, columns, rows, zone)
