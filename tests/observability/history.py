"""Weeks of calls and judged runs, written at once instead of through the ledger."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from observability import rollups
from observability.models import CallState, LLMCall, ModelProfile, Node, QualityRecord
from observability.pricing import price_of
from observability.tokens import Usage
from reqplatform.teams.models import Project
from runs.models import Run
from tests import factories, money

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
USAGE = Usage(input_fresh=20_000, cache_read=60_000, output=8_000)
_numbers = count(1)


def model(name: str = "gpt-test", times: int = 1) -> ModelProfile:
    """So many times as dear as another."""
    return money.paid_model(
        name, name, input_price=3 * times, output_price=15 * times, cache_read_price="0.3"
    )


@dataclass(frozen=True)
class Spent:
    """The calls of a day, all alike."""

    calls: int = 10
    usage: Usage = USAGE
    model: str = "gpt-test"
    times: int = 1
    node: Node = Node.DECOMPOSE
    run: Run | None = None
    person: Any = None

    def more(self, **values: Any) -> "Spent":
        return replace(self, **values)

    @property
    def cost_nusd(self) -> int:
        price = price_of(model(self.model, self.times), datetime(2026, 1, 1, tzinfo=UTC))
        return self.calls * price.cost_nusd(self.usage)


def write(run: Run, spent: Mapping[date, Spent], at: time = time(12)) -> None:
    """Settled calls on these days of the project's time zone, added up."""
    zone = ZoneInfo(run.project.time_zone)
    rows = [
        row
        for day, one in spent.items()
        for row in _calls(one.run or run, one, datetime.combine(day, at, tzinfo=zone))
    ]
    LLMCall.objects.bulk_create(rows)
    rollups.refresh(run.project_id)


def _calls(run: Run, one: Spent, at: datetime) -> Iterator[LLMCall]:
    profile = model(one.model, one.times)
    price = price_of(profile, datetime(2026, 1, 1, tzinfo=UTC))
    for _ in range(one.calls):
        yield LLMCall(
            project=run.project,
            run=run,
            subsystem=run.subsystem,
            person=one.person,
            node=one.node,
            iteration=1,
            profile=profile,
            provider=profile.provider,
            model=profile.model,
            request_key=uuid4().hex,
            state=CallState.SETTLED,
            cost_source="metered",
            price=price.as_json(),
            held_nusd=10**10,
            cost_nusd=price.cost_nusd(one.usage),
            input_fresh=one.usage.input_fresh,
            cache_read=one.usage.cache_read,
            output=one.usage.output,
            created_at=at,
            finished_at=at + timedelta(seconds=2),
        )


def uneven(days: Iterable[date], usual: Spent | None = None) -> dict[date, Spent]:
    """Days with 9, 10 or 11 calls, as by chance."""
    usual = usual or Spent()
    return {day: usual.more(calls=usual.calls - 1 + number * 7 % 3) for number, day in
            enumerate(days)}  # fmt: skip


def before(day: date, days: int) -> list[date]:
    """The days before one, in order."""
    return [day - timedelta(days=back) for back in range(days, 0, -1)]


def judged(
    project: Project,
    scores: Iterable[float],
    *,
    versions: Iterable[str] = (),
    domain_version: Any = None,
    begin: datetime = datetime(2026, 9, 1, tzinfo=UTC),
    **values: Any,
) -> list[Run]:
    """A run for each score, two hours apart, added up. `versions`: of decomposition."""
    names = iter(versions)
    revision = values.pop("revision", None) or factories.revision(project, "Judged")
    subsystem = factories.subsystem(project)
    runs, records = [], []
    for number, score in enumerate(scores):
        at = begin + timedelta(hours=2 * number)
        run = Run(
            id=UUID(int=(int(at.timestamp() * 1000) << 80) | (7 << 76) | next(_numbers)),
            project=project, revision=revision, subsystem=subsystem, quality_threshold="0.800",
            max_iterations=3, weights=project.weights, graph_version=1, created_at=at,
            domain_version=domain_version if number >= 30 else None,
        )  # fmt: skip
        runs.append(run)
        records.append(
            QualityRecord(
                project=project, run=run, subsystem=subsystem,
                specification=revision.specification, revision=revision, iteration_count=1,
                requirements_count=5, allocated_count=values.get("allocated", 4), overall=score,
                completeness=score, clarity=score, testability=score, traceability=score,
                rules_overall=score, gate_policy="minimum", threshold="0.800",
                weights=project.weights, critical_count=0, validation_passed=score >= 0.8,
                gate_reason="By its score.",
                skill_versions={
                    "decomposition": f"decomposition@{next(names, '1')}",
                    "quality-validation": "quality-validation@1",
                },
                timestamp=at,
            )
        )  # fmt: skip
    Run.objects.bulk_create(runs)
    QualityRecord.objects.bulk_create(records)
    rollups.refresh(project.pk)
    return runs
