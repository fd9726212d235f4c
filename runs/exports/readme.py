"""README.txt: what the files are, and the facts that make the result repeatable."""

import textwrap
from collections.abc import Iterator

from runs.exports.markdown import plain
from runs.exports.registry import EXPORTERS
from runs.exports.result import RunResult
from runs.exports.wording import count, energy, moment, score, total_cost, verdict

WIDTH = 96


def render(result: RunResult) -> str:
    title = f"{plain(result.subsystem.name)} ({result.subsystem.code}), run {result.run.short_id}"
    lines = [title, "=" * len(title), ""]
    lines += textwrap.wrap(plain(verdict(result)), WIDTH)
    lines += ["", "Files", "-----"]
    lines += [f"{info.name:<22}{info.description}" for info, _ in EXPORTERS.values()]
    lines += ["", "Facts", "-----"]
    lines += [f"{name:<22}{value}" for name, value in _facts(result)]
    return "\n".join(lines) + "\n"


def _facts(result: RunResult) -> Iterator[tuple[str, str]]:
    run, specification = result.run, result.specification
    yield "Project", f"{plain(result.project.name)} ({result.project.slug})"
    yield "Specification", plain(specification.title)
    yield "Revision", f"{specification.revision}, {plain(specification.filename)}"
    yield "", f"{count(specification.pages, 'page')}, {count(specification.size, 'byte')}"
    yield "SHA-256", specification.sha256
    yield "Subsystem", f"{plain(result.subsystem.name)} ({result.subsystem.code})"
    yield "Source requirements", f"{len(result.sources)}, {len(result.allocated)} allocated"
    yield "Requirements", str(len(result.requirements))
    yield "Run", str(run.id)
    yield "Status", run.status_label
    yield "Gate", {True: "passed", False: "not passed", None: "not judged"}[run.gate_passed]
    yield "Quality threshold", score(float(run.quality_threshold))
    yield "Weights", ", ".join(f"{name} {weight:g}" for name, weight in run.weights.items())
    yield "Gate policy", plain(run.gate_policy)
    yield "Iterations", f"{run.iteration} of at most {run.max_iterations}"
    yield "Skills", ", ".join(run.skills) or "none pinned"
    yield "Models", ", ".join(run.models) or "none asked"
    yield "Figures", run.tracing
    if result.costs_shown:
        yield "Cost of the run", total_cost(result.costs)
        yield "Cost of extraction", total_cost(result.extraction_costs)
        yield "", "paid once by the revision, shared by all its runs"
    yield "Energy of the run", energy(result.costs)
    yield "Started by", plain(run.started_by) or "the operator"
    yield "Queued", moment(run.created_at)
    yield "Started", moment(run.started_at)
    yield "Finished", moment(run.finished_at)
