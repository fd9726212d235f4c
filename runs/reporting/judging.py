"""The tables of the reports on quality and on subsystems."""

from observability.reports.comparison import Compared, Comparison, Trend
from observability.reports.quality import (
    Finding,
    JudgedRun,
    Point,
    QualityReport,
    Score,
)
from runs.reporting.names import Names
from runs.reporting.spending import due_note
from runs.reporting.table import Column, Fact, Kind, Sheet, Table, facts, table

SMALL = "small sample"
_TRENDS = {
    Trend.UP: "↑ better",
    Trend.DOWN: "↓ worse",
    Trend.LEVEL: "→ level",
    Trend.UNKNOWN: "–",
}
_SCORES: Sheet[Score] = Sheet(
    (
        (Column("dimension", "Dimension"), lambda one: one.dimension.capitalize()),
        (Column("runs", "Runs", Kind.WHOLE), lambda one: one.n),
        (Column("mean", "Average", Kind.SCORE), lambda one: one.mean),
        (Column("deviation", "Deviation", Kind.SCORE, detail=True), lambda one: one.deviation),
        (Column("least", "Least", Kind.SCORE, detail=True), lambda one: one.least),
        (Column("most", "Most", Kind.SCORE, detail=True), lambda one: one.most),
        (
            Column("mean_from", "95 % from", Kind.SCORE, detail=True),
            lambda one: _end(one.interval, 0),
        ),
        (Column("mean_to", "to", Kind.SCORE, detail=True), lambda one: _end(one.interval, 1)),
    )
)
_POINTS: Sheet[Point] = Sheet(
    (
        (Column("key", "Day or version"), lambda row: row.key),
        (Column("runs", "Runs", Kind.WHOLE), lambda row: row.runs),
        (Column("overall", "Overall", Kind.SCORE), lambda row: row.overall.mean),
        (Column("least", "Least", Kind.SCORE, detail=True), lambda row: row.overall.least),
        (Column("most", "Most", Kind.SCORE, detail=True), lambda row: row.overall.most),
        (Column("passed", "Passed", Kind.WHOLE, detail=True), lambda row: row.pass_rate.passed),
        (Column("pass_rate", "Pass rate", Kind.SHARE), lambda row: row.pass_rate.share),
        (
            Column("pass_from", "95 % from", Kind.SHARE, detail=True),
            lambda row: _end(row.pass_rate.interval, 0),
        ),
        (
            Column("pass_to", "to", Kind.SHARE, detail=True),
            lambda row: _end(row.pass_rate.interval, 1),
        ),
        (
            Column("sample", "Sample", detail=True),
            lambda row: SMALL if row.pass_rate.is_small else "",
        ),
    )
)
_FINDINGS: Sheet[Finding] = Sheet(
    (
        (Column("rule", "Rule"), lambda row: row.rule),
        (Column("findings", "Findings", Kind.WHOLE), lambda row: row.findings),
        (Column("runs", "In runs", Kind.WHOLE), lambda row: row.runs),
    )
)


def _end(interval: tuple[float, float] | None, index: int) -> float | None:
    return interval[index] if interval else None


def quality_tables(report: QualityReport, names: Names) -> list[Table]:
    """All of a quality report, the summary first."""
    zone = report.asked.time_zone
    return [
        _summary(report),
        table("scores", "Scores", _SCORES, report.scores, zone, "From 0, the worst, to 1."),
        table("days", "Day by day", _POINTS, report.days, zone),
        table("versions", "By skill version", _POINTS, report.versions, zone),
        table("findings", "Findings by rule", _FINDINGS, report.findings, zone),
        _recent(report, names),
    ]


def _summary(report: QualityReport) -> Table:
    rate, judges = report.pass_rate, report.judges
    rows: list[Fact] = [
        ("Judged runs", Kind.WHOLE, report.runs),
        ("Runs with nothing allocated, in no average", Kind.WHOLE, report.nothing_allocated),
        ("Requirements", Kind.WHOLE, report.requirements),
        ("Passed their gate", Kind.WHOLE, rate.passed),
        ("Pass rate", Kind.SHARE, rate.share),
        ("Pass rate, 95 % from", Kind.SHARE, _end(rate.interval, 0)),
        ("Pass rate, 95 % to", Kind.SHARE, _end(rate.interval, 1)),
        ("Iterations, average", Kind.NUMBER, report.iterations.mean),
        ("Iterations, most", Kind.WHOLE, _whole(report.iterations.most)),
        ("Runs that a judge scored as well", Kind.WHOLE, judges.runs),
        ("Rules' score of these", Kind.SCORE, judges.rules),
        ("Judge's score", Kind.SCORE, judges.judge),
        ("Distance between the two, average", Kind.SCORE, judges.distance),
        ("Agree about the threshold", Kind.SHARE, judges.agreed),
    ]
    return facts("summary", "Quality", rows, report.asked.time_zone, due_note(report.due))


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _recent(report: QualityReport, names: Names) -> Table:
    sheet: Sheet[JudgedRun] = Sheet(
        (
            (Column("run", "Run", detail=True), lambda row: str(row.run_id)),
            (Column("judged", "Judged", Kind.MOMENT), lambda row: row.judged_at),
            (Column("subsystem", "Subsystem"), lambda row: names.subsystem(row.subsystem)),
            (Column("gate", "Gate"), _gate),
            (Column("overall", "Overall", Kind.SCORE), lambda row: row.overall),
            (Column("threshold", "Threshold", Kind.SCORE, detail=True), lambda row: row.threshold),
            (
                Column("iterations", "Iterations", Kind.WHOLE, detail=True),
                lambda row: row.iterations,
            ),
            (Column("requirements", "Requirements", Kind.WHOLE), lambda row: row.requirements),
            (Column("findings", "Findings", Kind.WHOLE), lambda row: row.findings),
            (Column("critical", "Critical", Kind.WHOLE, detail=True), lambda row: row.critical),
        )
    )
    return table("runs", "The latest results", sheet, report.recent, report.asked.time_zone)


def _gate(row: JudgedRun) -> str:
    if not row.allocated:
        return "nothing allocated"
    return "passed" if row.passed else "missed"


def comparison_tables(report: Comparison, names: Names) -> list[Table]:
    """Subsystems beside one another, in the order of their codes."""
    scores: list[tuple[Column, str]] = [
        (Column(name, name.capitalize(), Kind.SCORE, detail=True), name)
        for name in ("completeness", "clarity", "testability", "traceability", "domain")
    ]

    def mean(row: Compared, name: str) -> float | None:
        one = row.score(name)
        return one.mean if one else None

    def interval(row: Compared, index: int) -> float | None:
        one = row.score("overall")
        return _end(one.interval, index) if one else None

    def deviation(row: Compared) -> float | None:
        one = row.score("overall")
        return one.deviation if one else None

    sheet: Sheet[Compared] = Sheet(
        (
            (Column("subsystem", "Subsystem"), lambda row: names.subsystem(row.subsystem)),
            (Column("runs", "Runs", Kind.WHOLE), lambda row: row.runs),
            (Column("sample", "Sample"), lambda row: SMALL if row.is_small else ""),
            (
                Column("nothing_allocated", "Nothing allocated", Kind.WHOLE, detail=True),
                lambda row: row.nothing_allocated,
            ),
            (
                Column("requirements", "Requirements", Kind.WHOLE, detail=True),
                lambda row: row.requirements,
            ),
            (Column("overall", "Overall", Kind.SCORE), lambda row: mean(row, "overall")),
            (
                Column("overall_from", "95 % from", Kind.SCORE, detail=True),
                lambda row: interval(row, 0),
            ),
            (Column("overall_to", "to", Kind.SCORE, detail=True), lambda row: interval(row, 1)),
            (Column("deviation", "Deviation", Kind.SCORE, detail=True), deviation),
            *((column, lambda row, name=name: mean(row, name)) for column, name in scores),
            (Column("pass_rate", "Pass rate", Kind.SHARE), lambda row: row.pass_rate.share),
            (
                Column("pass_from", "95 % from", Kind.SHARE, detail=True),
                lambda row: _end(row.pass_rate.interval, 0),
            ),
            (
                Column("pass_to", "to", Kind.SHARE, detail=True),
                lambda row: _end(row.pass_rate.interval, 1),
            ),
            (
                Column("iterations", "Iterations", Kind.NUMBER, detail=True),
                lambda row: row.iterations,
            ),
            (Column("cost_usd", "Cost", Kind.MONEY, detail=True), lambda row: row.cost_nusd),
            (
                Column("usd_per_requirement", "A requirement", Kind.MONEY),
                lambda row: row.nusd_per_requirement,
            ),
            (
                Column("usd_per_point", "A quality point", Kind.MONEY, detail=True),
                lambda row: row.nusd_per_point,
            ),
            (
                Column("unresolved", "Unresolved", Kind.WHOLE, detail=True),
                lambda row: row.unresolved,
            ),
            (
                Column("critical", "Critical", Kind.WHOLE, detail=True),
                lambda row: row.unresolved_critical,
            ),
            (Column("trend", "Trend"), lambda row: _TRENDS[row.trend]),
        )
    )
    note = (
        "No ranking: intervals that overlap say that chance may have made the difference. The "
        "trend is told from two runs in both periods on, and as a change only beyond twice its "
        "standard error. Costs are without extraction. A quality point is a hundredth of a score. "
    ) + due_note(report.due)
    rows = sorted(report.rows, key=lambda row: names.subsystem(row.subsystem))
    return [table("subsystems", "Subsystems", sheet, rows, report.asked.time_zone, note.strip())]
