"""A project with a long history, made up and always the same: runs, their calls, their scores."""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

from scratch import ROOT, database

DAYS = 365
CALLS_PER_RUN = 10
MODELS = (("openai", "gpt-5-mini"), ("anthropic", "claude-sonnet-4-5"), ("embedded", "analyst-1"))
RULES = (
    "vague-term", "passive-voice", "missing-unit", "compound", "no-criterion", "escape-clause",
    "negative", "placeholder", "universal", "pronoun",
)  # fmt: skip
BATCH = 2_000


@dataclass
class World:
    """What the runs belong to."""

    project: Any
    subsystems: list[Any]
    people: list[Any]
    revisions: list[Any]
    extractions: list[Any]
    profiles: dict[str, Any]
    price: dict[str, Any]
    last: date
    chance: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311


def world(last: date) -> World:
    """A project of ten subsystems and eight people, and three models."""
    from django.utils import timezone

    from observability.models import ModelProfile
    from observability.pricing import price_of
    from reqplatform.teams.models import Membership, Project, Role, User
    from runs.models import Extraction
    from tests import factories

    project = Project.objects.create(
        slug="history", name="History", time_zone="Europe/Berlin", created_at=timezone.now()
    )
    people = [User.objects.create(username=f"person-{n}", email=f"{n}@x.org") for n in range(8)]
    for person in people:
        Membership.objects.create(project=project, user=person, role=Role.OWNER)
    subsystems = [factories.subsystem(project, f"S{n:02}", f"Subsystem {n}") for n in range(10)]
    revisions = [factories.revision(project, f"Vessel {n}") for n in range(5)]
    skill = factories.skill_version()
    extractions = [
        Extraction.objects.create(revision=row, skill_version=skill, model="openai/gpt-5-mini")
        for row in revisions
    ]
    profiles = {}
    for provider, model in MODELS:
        profiles[model], _ = ModelProfile.objects.get_or_create(
            provider=provider, model=model, base_url="",
            defaults={
                "name": model, "context_window": 200_000, "max_output_tokens": 8_000,
                "input_price": 3, "output_price": 15, "cache_read_price": "0.3",
            },
        )  # fmt: skip
    price = price_of(profiles["gpt-5-mini"], datetime(2026, 11, 1, tzinfo=UTC)).as_json()
    return World(project, subsystems, people, revisions, extractions, profiles, price, last)


def identifier(at: datetime, number: int) -> UUID:
    """A UUID of version 7 of that moment."""
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62) | number)


def fill(runs: int, last: date) -> None:
    """Write the history of so many runs, in the year that ends on that day."""
    from observability.models import LLMCall, QualityRecord
    from runs.models import Run

    base = world(last)
    for start in range(0, runs, BATCH):
        made = [_run(base, number, runs) for number in range(start, min(runs, start + BATCH))]
        Run.objects.bulk_create(made)
        rows = [call for run in made for call in _calls(base, run)]
        for first in range(0, len(rows), BATCH):
            LLMCall.objects.bulk_create(rows[first : first + BATCH])
        QualityRecord.objects.bulk_create(
            [
                record
                for number, run in enumerate(made, start)
                for record in _records(base, run, number)
            ]
        )
        if start % 20_000 == 0:
            print(f"  {start + len(made):,} of {runs:,} runs", file=sys.stderr, flush=True)
    analyze()


def analyze() -> None:
    """What a database does by itself sooner or later."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _run(base: World, number: int, runs: int) -> Any:
    from runs.models import Run

    chance = base.chance
    day = base.last - timedelta(days=DAYS - 1 - number * DAYS // runs)
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(
        seconds=chance.randrange(86_400)
    )
    return Run(
        id=identifier(at, number),
        project=base.project,
        revision=chance.choice(base.revisions),
        subsystem=chance.choice(base.subsystems),
        started_by=chance.choice(base.people),
        status="completed",
        gate_passed=True,
        iteration=1,
        quality_threshold=base.project.quality_threshold,
        max_iterations=3,
        weights=base.project.weights,
        graph_version=1,
        created_at=at,
    )


def _calls(base: World, run: Any) -> Iterator[Any]:
    chance = base.chance
    provider, model = chance.choices(MODELS, (6, 3, 1))[0]
    shared = chance.random() < 0.05
    for number in range(CALLS_PER_RUN):
        node = ("analyze", "analyze", "decompose", "validate")[number % 4]
        extract = shared and number == 0
        at = run.created_at + timedelta(seconds=5 * number)
        yield _call(base, run, number, at, (provider, model), "extract" if extract else node)


def _call(
    base: World, run: Any, number: int, at: datetime, whose: tuple[str, str], node: str
) -> Any:
    from observability.models import LLMCall

    chance, (provider, model) = base.chance, whose
    state, source, purpose = _kind(chance, provider)
    cost = 0 if provider == "embedded" or state == "released" else chance.randrange(10**5, 10**8)
    extract = node == "extract"
    return LLMCall(
        id=identifier(at, run.id.int % 10**12 * 100 + number),
        project=base.project,
        run=None if extract else run,
        extraction=base.extractions[base.revisions.index(run.revision)] if extract else None,
        subsystem=None if extract else run.subsystem,
        person=run.started_by,
        node=node,
        iteration=0 if extract or node == "analyze" else 1 + number // 6,
        purpose=purpose,
        profile=base.profiles[model],
        provider=provider,
        model=model,
        request_key=f"{run.id.int}-{number}"[-64:],
        prompt=[["human", "What shall it do? " * 8]],
        answer="It shall report its position. " * 4,
        state=state,
        cost_source=source,
        price=base.price if provider == "openai" else None,
        held_nusd=cost + 10**6,
        cost_nusd=cost,
        input_fresh=chance.randrange(200, 9_000),
        cache_read=chance.choice((0, 0, 1_024)),
        output=chance.randrange(50, 3_000),
        energy_low_wh=None if provider == "embedded" else 0.125,
        energy_high_wh=None if provider == "embedded" else 0.5,
        created_at=at,
        finished_at=at + timedelta(milliseconds=chance.randrange(200, 9_000)),
    )


def _kind(chance: random.Random, provider: str) -> tuple[str, str, str]:
    """State, source and purpose of a call."""
    if provider == "embedded":
        return "settled", "embedded", "ask"
    drawn = chance.random()
    if drawn < 0.01:
        return "unconfirmed", "unconfirmed", "ask"
    if drawn < 0.02:
        return "released", "", "retry"
    source = "langsmith" if drawn < 0.03 else "estimated" if drawn < 0.08 else "metered"
    purpose = "repair" if drawn > 0.97 else "fallback" if drawn > 0.96 else "ask"
    return "settled", source, purpose


def _records(base: World, run: Any, number: int) -> Iterator[Any]:
    from observability.models import QualityRecord

    chance = base.chance
    nothing = chance.random() < 0.02
    iterations = 0 if nothing else chance.choices((1, 2, 3), (6, 3, 1))[0]
    for iteration in range(min(1, iterations), iterations + 1):
        scores = [1.0 if nothing else chance.uniform(0.5, 1.0) for _ in range(6)]
        judge = scores[5] if number % 3 and not nothing else None
        yield QualityRecord(
            project=base.project, run=run, subsystem=run.subsystem,
            specification=run.revision.specification, revision=run.revision,
            person=run.started_by, iteration_count=iteration,
            requirements_count=0 if nothing else chance.randrange(3, 60),
            allocated_count=0 if nothing else chance.randrange(1, 30),
            overall=scores[0], completeness=scores[1], clarity=scores[2], testability=scores[3],
            traceability=scores[4], rules_overall=scores[0], judge_overall=judge,
            gate_policy="minimum", threshold=run.quality_threshold, weights=run.weights,
            critical_count=0,
            findings_by_rule={} if nothing else {
                rule: chance.randrange(1, 9) for rule in chance.sample(RULES, 4)
            },
            validation_passed=nothing or scores[0] >= 0.8, gate_reason="By its score.",
            skill_versions={
                "decomposition": f"decomposition@{1 + run.created_at.month // 4}",
                "quality-validation": "quality-validation@1",
            },
            timestamp=run.created_at + timedelta(minutes=2 * iteration),
        )  # fmt: skip


@dataclass(frozen=True)
class History:
    """A filled database: what making it took, in seconds; None for what was there already."""

    project: Any
    last: date
    fill_seconds: float | None
    rebuild_seconds: float | None

    def json(self) -> dict[str, Any]:
        from observability.models import LLMCall
        from runs.models import Run

        return {
            "runs": Run.objects.count(), "calls": LLMCall.objects.count(),
            "fill_seconds": self.fill_seconds, "rebuild_seconds": self.rebuild_seconds,
            "rows": counts(),
        }  # fmt: skip


@contextmanager
def filled(kind: str, options: argparse.Namespace) -> Iterator[History]:
    """A database with a history and its sums, by `options_of`. Django speaks to one database
    for the life of a process, so a process can call this once."""
    sys.path.insert(0, str(ROOT))
    keep = options.keep and options.keep / f"{kind}-{options.runs}"
    with database(kind, keep):
        os.environ["DJANGO_SETTINGS_MODULE"] = "reqplatform.settings"
        os.environ["DJANGO_ALLOWED_HOSTS"] = "testserver"
        import_module("reqplatform.wsgi")  # as web servers do
        yield _history(options.runs, options.rebuild)


def _history(runs: int, anew: bool) -> History:
    from django.utils import timezone

    from observability import rollups
    from observability.models import RunFigures
    from reqplatform.teams.models import Project
    from runs.models import Run

    clock, filling, adding = time.perf_counter, None, None
    if not Project.objects.filter(slug="history").exists():
        began = clock()
        fill(runs, timezone.now().date())
        filling = round(clock() - began, 1)
    project = Project.objects.get(slug="history")
    if anew or not RunFigures.objects.exists():
        began = clock()
        rollups.rebuild([project.pk])
        adding = round(clock() - began, 1)
        analyze()
    return History(project, Run.objects.latest("created_at").created_at.date(), filling, adding)


def options_of() -> argparse.Namespace:
    """The options that the benchmarks of a long history share. `child`: measure this database."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="a folder for filled databases, to use again")
    parser.add_argument("--rebuild", action="store_true", help="add a kept database up anew")
    parser.add_argument("--child", choices=["sqlite", "postgresql"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    both = ["sqlite", "postgresql"]
    options.kinds = both if options.database == "both" else [options.database]
    return options


def played(
    script: str, kind: str, options: argparse.Namespace, runs: int | None = None
) -> dict[str, Any]:
    """What a script prints of one database, in a process of its own."""
    command = [sys.executable, script, "--child", kind, "--repeats", str(options.repeats)]
    command += ["--runs", str(runs or options.runs)]
    if options.keep:
        command += ["--keep", str(options.keep.resolve())]
    command += ["--rebuild"] * options.rebuild
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def quantile(values: list[float], q: float) -> float:
    """In milliseconds with one place."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * q))], 1)


@dataclass(frozen=True)
class Known:
    """What reports of the project are asked about."""

    project: Any
    subsystems: list[Any]
    people: list[Any]


def known(project: Any) -> Known:
    from reqplatform.teams.models import User
    from runs.models import Subsystem

    return Known(
        project,
        list(Subsystem.objects.filter(project=project).order_by("code")),
        list(User.objects.filter(memberships__project=project).order_by("username")),
    )


def counts() -> dict[str, int]:
    """How many rows the sums have."""
    from observability.rollups.refreshing import TABLES

    return {table.__name__: table._default_manager.count() for table in TABLES}
