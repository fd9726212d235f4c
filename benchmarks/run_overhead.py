"""What a run costs beside its model: the graph, checkpoints, journal and rows, with an instant one.

    python benchmarks/run_overhead.py [--database sqlite|postgresql] [--runs 7]

Executes whole runs (extract, analyze, decompose, validate, document) of specifications with 5 and
900 requirements, each with a revision of its own, as a worker does: claim, heartbeat, LangGraph,
checkpoints, journal. The model answers at once with what it answered in a run before; its answers,
and the quality rules, which are the product's work and no overhead, are timed and taken out of the
sum. Prints CPU milliseconds of the process, all threads, as the median run has them, and where they
go. The aims are those of a tool that keeps none of these records (79 to 99 ms, 358 ms).
"""

import argparse
import os
import re
import statistics
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any

from scratch import ROOT, database

AIMS_MS = {5: 120, 900: 500}
MODEL, RULES = "the model's answers", "quality rules"


class Stopwatch:
    """CPU seconds of each part, of the thread it runs on and without the parts inside it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._here = threading.local()

    def time(self, part: str, holder: Any, name: str) -> None:
        """Count what `holder.name` takes as `part`."""
        setattr(holder, name, self.timed(part, getattr(holder, name)))

    def timed(self, part: str, real: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(real)
        def timed(*args: Any, **kwargs: Any) -> Any:
            outer: list[float] = getattr(self._here, "inner", [])
            self._here.inner = inner = [0.0]
            began = time.thread_time()
            try:
                return real(*args, **kwargs)
            finally:
                took = time.thread_time() - began
                self.seconds[part] += took - inner[0]
                if outer:
                    outer[0] += took
                self._here.inner = outer

        return timed


def watch_all(clock: Stopwatch, model: type) -> None:
    """What belongs to which part."""
    from observability import ledger, node_costs
    from observability.llm import attempt, gateway
    from runs.actions import execute as executing
    from runs.analyst import envelope
    from runs.graph import execution
    from runs.graph.checkpointer import DjangoCheckpointSaver
    from runs.graph.nodes import analyze, decompose, document, extract, validate

    on_thread = DjangoCheckpointSaver._on_thread

    def timed_on_thread(saver: Any, work: Callable[[], Any]) -> Any:
        return on_thread(saver, clock.timed("checkpoints", work))

    setattr(DjangoCheckpointSaver, "_on_thread", timed_on_thread)  # noqa: B010
    clock.time(MODEL, model, "_generate")
    clock.time(RULES, validate, "assess")
    clock.time("graph", executing, "_walk")
    clock.time("lease and state", executing, "claim")
    clock.time("lease and state", execution, "confirm_lease")
    clock.time("events", execution, "append_event")
    clock.time("node costs", node_costs, "aggregate")
    clock.time("prompts", envelope, "render")
    clock.time("gateway", gateway, "complete")
    clock.time("gateway: journal", ledger, "hold")
    clock.time("gateway: journal", ledger, "settle")
    clock.time("gateway: one call", attempt, "ask")
    for node in (extract.Extract, analyze.Analyze, decompose.Decompose, validate.Validate,
                 document.Document):  # fmt: skip
        clock.time(f"{node.__name__}: asking", node, "ask")
        clock.time(f"{node.__name__}: rows", node, "commit")


def instant_model() -> type:
    from langchain_core.outputs import ChatResult

    from runs.analyst.provider import EmbeddedChatModel

    answers: dict[str, ChatResult] = {}

    class Instant(EmbeddedChatModel):
        def _generate(self, messages: list[Any], *args: Any, **kwargs: Any) -> ChatResult:
            asked = re.sub(r"Revision \d+", "Revision", str(messages[-1].content))
            if asked not in answers:
                answers[asked] = super()._generate(messages, *args, **kwargs)
            return answers[asked]

    return Instant


def text_of(requirements: int, revision: int) -> str:
    lines = [
        f"SYS-{number:04d} The Navigation subsystem shall report reading {number} of channel "
        f"{number % 7} to the bridge within {100 + number} ms."
        for number in range(1, requirements + 1)
    ]
    return "\n\n".join(["1 Requirements", *lines, f"Revision {revision}", ""])


def measure(requirements: int, runs: int, clock: Stopwatch) -> tuple[float, dict[str, float], int]:
    """Of the median run: CPU milliseconds, its parts, and how many model calls it made."""
    from observability.models import LLMCall
    from reqplatform.teams.models import Project
    from runs.actions.execute import execute
    from runs.actions.specifications import add_revision
    from runs.actions.start import RunOptions, start_run
    from runs.models import RunStatus, Subsystem
    from runs.serving.preload import preload

    project = Project.objects.create(slug=f"bench-{requirements}", name="Benchmark")
    subsystem = Subsystem.objects.create(project=project, code="NAV", name="Navigation")
    taken: list[tuple[float, dict[str, float], int]] = []
    for number in range(runs + 1):  # the first one warms up, and fills the model's memory
        content = text_of(requirements, number).encode()
        revision = add_revision(
            None, project, filename="spec.txt", content=content, title=f"Specification {number}"
        )
        run = start_run(None, revision, subsystem, RunOptions(unattended=True), enqueue=False)
        if number == 1:
            preload()  # as the workers of a cluster do, which find LangGraph loaded
        clock.seconds.clear()
        began = time.process_time()
        execute(run.pk)
        seconds = time.process_time() - began
        run.refresh_from_db()
        assert run.status == RunStatus.COMPLETED, run.reason
        assert run.requirement_versions.count() >= requirements, "not all were decomposed"
        calls = LLMCall.objects.filter(run=run).count()
        taken.append((seconds * 1000, {k: v * 1000 for k, v in clock.seconds.items()}, calls))
    measured = sorted(taken[1:], key=lambda one: one[0] - one[1][MODEL] - one[1][RULES])
    print(
        f"\n{requirements} requirements, {measured[0][2]} model calls and those of the extraction; "
        f"median of {runs} runs ({statistics.stdev(one[0] for one in measured):.0f} ms deviation)"
    )
    return measured[runs // 2]


def show(requirements: int, total: float, parts: dict[str, float]) -> None:
    known = sum(parts.values())
    rows = sorted(parts.items(), key=lambda row: -row[1])
    for name, milliseconds in [*rows, ("threads, signals, the rest", total - known)]:
        print(f"  {name:<28}{milliseconds:8.1f}")
    overhead = total - parts[MODEL] - parts[RULES]
    print(f"  {'all':<28}{total:8.1f}")
    print(f"  {'without model and rules':<28}{overhead:8.1f}  (aim: under {AIMS_MS[requirements]})")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    with database(options.database):
        os.environ["DJANGO_SETTINGS_MODULE"] = "reqplatform.settings"
        import django

        django.setup()
        from observability.llm import providers
        from skills.loading import load_library

        load_library()
        globals()["Instant"] = instant = instant_model()
        providers.register("embedded", f"{__name__}:Instant")
        clock = Stopwatch()
        watch_all(clock, instant)
        print(f"CPU milliseconds of a run on {options.database}")
        for requirements in AIMS_MS:
            total, parts, _ = measure(requirements, options.runs, clock)
            show(requirements, total, parts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
