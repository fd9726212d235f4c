"""The figures of a report beside plain sums over the calls and records that they are about."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from math import isclose
from typing import Any

_TOKENS = ("input_fresh", "cache_read", "cache_write", "cache_write_1h", "output", "reasoning")


def queries(ask: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as found:
        ask()
    return len(found)


def wrong(report: Any) -> Iterator[str]:
    """Every figure that is not what the books say."""
    from observability.reports.comparison import Comparison
    from observability.reports.cost import CostReport
    from observability.reports.quality import QualityReport

    if isinstance(report, CostReport):
        yield from _cost(report)
    elif isinstance(report, QualityReport):
        yield from _quality(report)
    elif isinstance(report, Comparison):
        yield from _comparison(report)
    else:
        yield from _routes(report)


def _unlike(what: str, said: Any, plain: Any) -> Iterator[str]:
    same = said == plain
    if isinstance(said, float) or isinstance(plain, float):
        same = said is not None and plain is not None and isclose(said, plain, rel_tol=1e-9)
    if not same:
        yield f"{what} is {said}, the books say {plain}"


def _cost(report: Any) -> Iterator[str]:
    from django.db.models import Count, Sum

    from observability.reports.asked import calls_behind

    calls = calls_behind(report.asked).order_by()
    if report.asked.source != "released":
        calls = calls.exclude(state="released")
    sums = {name: Sum(name, default=0) for name in ("cost_nusd", *_TOKENS)}
    plain = calls.aggregate(calls=Count("pk"), **sums)
    for name, value in plain.items():
        yield from _unlike(name, getattr(report.total, name), value)
    for name in ("by_node", "by_model", "by_source", "by_subsystem", "by_person"):
        for part in getattr(report, name):
            behind = calls_behind(part.behind).order_by()
            if part.key == "released":
                yield from _unlike("released", part.sum.released_calls, behind.count())
                continue
            found = behind.aggregate(calls=Count("pk"), cost=Sum("cost_nusd", default=0))
            said = {"calls": part.sum.calls, "cost": part.sum.cost_nusd}
            yield from _unlike(f"{name} {part.key}", said, found)
        parts = sum(part.sum.cost_nusd for part in getattr(report, name))
        yield from _unlike(f"{name} together", parts, plain["cost_nusd"])
    yield from _unlike("days together", sum(d.cost_nusd for d in report.days), plain["cost_nusd"])
    yield from _days(report, calls)
    yield from _per_run(report)


def _days(report: Any, calls: Any) -> Iterator[str]:
    from zoneinfo import ZoneInfo

    from django.db.models import Count, Sum
    from django.db.models.functions import TruncDate

    zone = ZoneInfo(report.asked.time_zone)
    rows = calls.annotate(day=TruncDate("created_at", tzinfo=zone))
    rows = rows.values("day", "node", "provider", "model").annotate(
        number=Count("pk"), cost=Sum("cost_nusd")
    )
    plain = {
        (row["day"], row["node"], f"{row['provider']}/{row['model']}"): (row["number"], row["cost"])
        for row in rows
    }
    said = {(d.day, str(d.node), d.model): (d.calls, d.cost_nusd) for d in report.days}
    yield from _unlike("days", said, plain)


def _per_run(report: Any) -> Iterator[str]:
    """Over the runs that began in the period, with their calls of the filter also beyond it."""
    from django.db.models import Min, Sum

    from observability.models import LLMCall

    asked = report.asked
    begin, end = asked.period.bounds(asked.time_zone)
    calls = LLMCall.objects.filter(project=asked.project_id, run__isnull=False).order_by()
    begun = calls.values("run").annotate(first=Min("created_at"))
    runs = set(begun.filter(first__gte=begin, first__lt=end).values_list("run", flat=True))
    mine = calls.exclude(state__in=["released", "held"]).filter(asked.of_calls)
    if asked.source is not None:
        mine = mine.filter(cost_source=asked.source)
    costs = sorted(
        row["cost"]
        for row in mine.values("run").annotate(cost=Sum("cost_nusd"))
        if row["run"] in runs
    )
    n, said = len(costs), report.per_run
    yield from _unlike("runs", said.runs, n)
    yield from _unlike("cost of runs", said.total, sum(costs))
    yield from _unlike("cheapest and dearest", (said.least, said.most), (costs[0], costs[-1]))
    yield from _unlike("average", said.average, sum(costs) / n)
    yield from _unlike("median", said.median, costs[-(-n // 2) - 1])
    yield from _unlike("p95", said.p95, costs[-(-n * 95 // 100) - 1])


def _latest(asked: Any) -> list[dict[str, Any]]:
    """The last record of each run that was judged in the period."""
    from observability.models import QualityRecord

    begin, end = asked.period.bounds(asked.time_zone)
    rows = QualityRecord.objects.filter(project=asked.project_id).order_by("iteration_count")
    for name in ("subsystem", "person", "specification"):
        value = getattr(asked, name)
        if value is not None:
            rows = rows.filter(**{name: value})
    columns = (
        "run_id", "timestamp", "subsystem_id", "overall", "clarity", "validation_passed",
        "findings_by_rule", "allocated_count", "iteration_count", "requirements_count",
        "judge_overall", "rules_overall", "revision_id",
    )  # fmt: skip
    last = {row["run_id"]: row for row in rows.values(*columns)}
    return [row for row in last.values() if begin <= row["timestamp"] < end]


def _quality(report: Any) -> Iterator[str]:
    rows = _latest(report.asked)
    judged = [row for row in rows if row["allocated_count"]]
    n = len(judged)
    yield from _unlike("runs", report.runs, n)
    yield from _unlike("nothing allocated", report.nothing_allocated, len(rows) - n)
    for name in ("overall", "clarity"):
        said = next(one for one in report.scores if one.dimension == name)
        values = [row[name] for row in judged]
        yield from _unlike(f"mean {name}", said.mean, sum(values) / n)
        yield from _unlike(f"least {name}", said.least, min(values))
        yield from _unlike(f"most {name}", said.most, max(values))
    passed = sum(row["validation_passed"] for row in judged)
    yield from _unlike("passed", report.pass_rate.passed, passed)
    mean = sum(row["iteration_count"] for row in judged) / n
    yield from _unlike("iterations", report.iterations.mean, mean)
    written = sum(row["requirements_count"] for row in judged)
    yield from _unlike("requirements", report.requirements, written)
    rules: dict[str, list[int]] = defaultdict(list)
    for row in judged:
        for rule, count in row["findings_by_rule"].items():
            rules[rule].append(count)
    plain = {rule: (sum(counts), len(counts)) for rule, counts in rules.items()}
    said = {one.rule: (one.findings, one.runs) for one in report.findings}
    yield from _unlike("findings", said, plain)
    both = [row for row in judged if row["judge_overall"] is not None]
    yield from _unlike("judged by a judge", report.judges.runs, len(both))
    apart = sum(row["judge_overall"] - row["rules_overall"] for row in both) / len(both)
    if abs((report.judges.difference or 0) - apart) > 1e-9:
        yield f"rules against judge is {report.judges.difference}, the books say {apart}"
    yield from _unlike("runs of all days", sum(day.runs for day in report.days), n)


def _comparison(report: Any) -> Iterator[str]:
    from django.db.models import Sum

    from observability.models import LLMCall

    calls = LLMCall.objects.exclude(state__in=["released", "held"]).order_by()
    calls = calls.filter(project=report.asked.project_id, run__isnull=False)
    costs = {row["run"]: row["cost"] for row in calls.values("run").annotate(cost=Sum("cost_nusd"))}
    by: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in _latest(report.asked):
        if row["allocated_count"]:
            by[row["subsystem_id"]].append(row)
    yield from _unlike("subsystems", {row.subsystem for row in report.rows}, set(by))
    for said in report.rows:
        rows = by[said.subsystem]
        cost = sum(costs.get(row["run_id"], 0) for row in rows)
        written = sum(row["requirements_count"] for row in rows)
        found = sum(sum(row["findings_by_rule"].values()) for row in rows)
        yield from _unlike("runs", said.runs, len(rows))
        yield from _unlike("cost", said.cost_nusd, cost)
        yield from _unlike("requirements", said.requirements, written)
        yield from _unlike("cost of a requirement", said.nusd_per_requirement, cost / written)
        yield from _unlike("unresolved", said.unresolved, found)
        mean = sum(row["overall"] for row in rows) / len(rows)
        yield from _unlike("overall", said.score("overall").mean, mean)


def _routes(report: Any) -> Iterator[str]:
    if not report:
        yield "models are compared nowhere"
    for row in report:
        if not row.runs or row.nusd_per_run * row.runs - row.cost_nusd > 1:
            yield f"{row.route} of {row.revision} does not add up"
