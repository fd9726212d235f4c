"""The tables of a cost report."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from observability.reports.cost import CostReport, DayPart, Part, RecentRun
from observability.reports.sums import Sum
from observability.shown import short_source
from runs.reporting.ahead import ProjectBudget
from runs.reporting.names import Names
from runs.reporting.table import Column, Fact, Kind, Sheet, Table, Value, facts, table

_SUM: tuple[tuple[Column, Callable[[Sum], Value]], ...] = (
    (Column("calls", "Calls", Kind.WHOLE), lambda one: one.calls),
    (Column("tokens_in", "Tokens in", Kind.WHOLE, detail=True), lambda one: one.input_tokens),
    (Column("tokens_out", "Tokens out", Kind.WHOLE, detail=True), lambda one: one.output_tokens),
    (
        Column("tokens_per_call", "Tokens a call", Kind.NUMBER),
        lambda one: one.tokens_per_call,
    ),
    (
        Column("usd_per_million_tokens", "$ per million tokens", Kind.MONEY, detail=True),
        lambda one: one.per_million,
    ),
    (Column("cost_usd", "Cost", Kind.MONEY), lambda one: one.cost_nusd),
    (
        Column("failed_share", "Without answer", Kind.SHARE, detail=True),
        lambda one: one.failed_share,
    ),
    (Column("again_share", "Asked again", Kind.SHARE, detail=True), lambda one: one.again_share),
    (Column("revised_share", "Revisions", Kind.SHARE, detail=True), lambda one: one.revised_share),
    (Column("saved_usd", "Saved by caches", Kind.MONEY, detail=True), lambda one: one.saved_nusd),
    (
        Column("energy_low_wh", "Energy from, Wh", Kind.NUMBER, detail=True),
        lambda one: one.energy[0],
    ),
    (Column("energy_high_wh", "to, Wh", Kind.NUMBER, detail=True), lambda one: one.energy[1]),
)
_DAYS: Sheet[DayPart] = Sheet(
    (
        (Column("day", "Day", Kind.DAY), lambda row: row.day),
        (Column("agent", "Agent"), lambda row: str(row.node.label)),
        (Column("model", "Model"), lambda row: row.model),
        (Column("calls", "Calls", Kind.WHOLE), lambda row: row.calls),
        (Column("cost_usd", "Cost", Kind.MONEY), lambda row: row.cost_nusd),
    )
)


def cost_tables(report: CostReport, names: Names) -> list[Table]:
    """All of a cost report, the summary first."""
    zone = report.asked.time_zone
    by_subsystem = _parts(
        "subsystems", "By subsystem", report.by_subsystem, subsystem_of(names), zone
    )
    return [
        _summary(report),
        _parts("agents", "By agent", report.by_node, agent_of, zone),
        _parts("models", "By model", report.by_model, lambda part: str(part.key), zone),
        _parts("sources", "By source of the cost", report.by_source, _source, zone),
        by_subsystem,
        _parts("people", "By person", report.by_person, _person(names), zone),
        table("days", "Day by day", _DAYS, report.days, zone),
        _recent(report, names),
    ]


def subsystem_of(names: Names) -> Callable[[Part], str]:
    return lambda part: names.subsystem(part.key if isinstance(part.key, int) else None)


def _person(names: Names) -> Callable[[Part], str]:
    return lambda part: names.person(part.key if isinstance(part.key, int) else None)


def agent_of(part: Part) -> str:
    return str(getattr(part.key, "label", part.key))


def _source(part: Part) -> str:
    return short_source(str(part.key))


def _parts(
    name: str, title: str, parts: Sequence[Part], label: Callable[[Part], str], zone: str
) -> Table:
    key = title.removeprefix("By ").capitalize()
    share = Column("share", "Share", Kind.SHARE)
    columns = (Column("key", key), *(column for column, _ in _SUM), share)
    rows = tuple((label(part), *(read(part.sum) for _, read in _SUM), part.share) for part in parts)
    return Table(name, title, columns, rows, zone)


def _summary(report: CostReport) -> Table:
    per_run, total = report.per_run, report.total
    rows: list[Fact] = [
        ("Cost", Kind.MONEY, total.cost_nusd),
        ("Period before", Kind.MONEY, report.before.cost_nusd),
        ("A day", Kind.MONEY, report.per_day),
        ("Calls", Kind.WHOLE, total.calls),
        ("Tokens", Kind.WHOLE, total.tokens),
        ("Runs", Kind.WHOLE, per_run.runs),
        ("Runs that cost nothing", Kind.WHOLE, per_run.free_runs),
        ("A run, on average", Kind.MONEY, per_run.average),
        ("A run, least", Kind.MONEY, per_run.least),
        ("A run, median", Kind.MONEY, per_run.median),
        ("A run, 95th percentile", Kind.MONEY, per_run.p95),
        ("A run, most", Kind.MONEY, per_run.most),
        ("Spent without an answer", Kind.MONEY, total.failed_nusd),
        ("Spent on asking again", Kind.MONEY, total.again_nusd),
        ("Spent on revisions", Kind.MONEY, total.revised_nusd),
        ("Saved by caches", Kind.MONEY, total.saved_nusd),
    ]
    return facts("summary", "Cost", rows, report.asked.time_zone, due_note(report.due))


def due_note(due: int) -> str:
    if not due:
        return ""
    many = "1,000 or more" if due >= 1_000 else str(due)
    return f"{many} calls and results that have ended are not added up yet."


def _recent(report: CostReport, names: Names) -> Table:
    sheet: Sheet[RecentRun] = Sheet(
        (
            (Column("run", "Run", detail=True), lambda row: str(row.run_id)),
            (Column("begun", "Begun", Kind.MOMENT), lambda row: row.begun_at),
            (Column("subsystem", "Subsystem"), lambda row: names.subsystem(row.subsystem)),
            (Column("person", "Person", detail=True), lambda row: names.person(row.person)),
            (Column("models", "Models"), lambda row: row.route or "none answered"),
            (
                Column("sources", "Sources", detail=True),
                lambda row: ", ".join(map(short_source, row.sources)),
            ),
            (Column("calls", "Calls", Kind.WHOLE), lambda row: row.calls),
            (Column("tokens", "Tokens", Kind.WHOLE, detail=True), lambda row: row.tokens),
            (Column("cost_usd", "Cost", Kind.MONEY), lambda row: row.cost_nusd),
        )
    )
    note = "All that each run ever cost, whatever the filter."
    return table("runs", "The latest runs", sheet, report.recent, report.asked.time_zone, note)


def budget_table(budgets: Sequence[ProjectBudget], time_zone: str) -> Table:
    """Where the budgets stand now, and when each limit is reached, with the interval of that."""
    sheet: Sheet[ProjectBudget] = Sheet(
        (
            (Column("account", "Account"), lambda one: one.title),
            (Column("spent_usd", "Spent", Kind.MONEY), lambda one: one.standing.spent_nusd),
            (Column("held_usd", "Held", Kind.MONEY, True), lambda one: one.standing.held_nusd),
            (Column("warn_usd", "Warning", Kind.MONEY, True), lambda one: one.standing.warn_nusd),
            (Column("stop_usd", "Stop", Kind.MONEY), lambda one: one.standing.max_nusd),
            (Column("left_usd", "Left", Kind.MONEY), lambda one: one.standing.left_nusd),
            (Column("forecast", "At this rate"), lambda one: one.forecast.sentence),
            *_ahead("warn", "Warning"),
            *_ahead("stop", "Stop"),
        )
    )
    note = "Of today, this month and in total, whatever the filter; early and late are of 80 %."
    return table("budgets", "Budgets now", sheet, budgets, time_zone, note)


def _ahead(
    limit: Literal["warn", "stop"], title: str
) -> Iterator[tuple[Column, Callable[[ProjectBudget], Value]]]:
    """When a limit is reached: the day, and the interval's first and last."""

    def reader(day: Literal["on", "early", "late"]) -> Callable[[ProjectBudget], Value]:
        def read(one: ProjectBudget) -> Value:
            crossing = one.forecast.warn if limit == "warn" else one.forecast.stop
            return None if crossing is None else getattr(crossing, day)

        return read

    yield Column(f"{limit}_on", f"{title} on", Kind.DAY, True), reader("on")
    yield Column(f"{limit}_early", "at the earliest", Kind.DAY, True), reader("early")
    yield Column(f"{limit}_late", "at the latest", Kind.DAY, True), reader("late")
