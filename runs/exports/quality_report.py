"""quality_report.md: did it pass, by which numbers, and what was found."""

import math
from collections.abc import Iterator, Mapping

from observability.langsmith import HEURISTIC, better_figures
from runs.exports.markdown import escape, page, table
from runs.exports.result import IssuePart, QualityPart, RunResult
from runs.exports.wording import (
    energy,
    energy_compared,
    is_estimated,
    moment,
    nothing_written,
    score,
    total_cost,
    verdict,
)
from runs.quality.finding import Dimension, Severity

POLICIES = {
    "rules": "the rules' overall score",
    "judge": "the judge's overall score",
    "mean": "the mean of the rules' and the judge's overall scores",
    "minimum": "the lower of the rules' and the judge's overall scores",
}


def render(result: RunResult) -> str:
    return page(_blocks(result))


def _blocks(result: RunResult) -> Iterator[str | list[str]]:
    yield f"# Quality of {escape(result.subsystem.name)} ({result.subsystem.code})"
    yield f"**{escape(verdict(result))}**"
    if result.nothing_allocated or not result.requirements:
        yield escape(nothing_written(result))
    last = result.last_quality
    if last is None:
        yield "Not validated: there are no scores."
    else:
        yield from _gate(result, last)
    yield from _history(result)
    yield from _findings(result)
    yield from _reviews(result)
    yield from _costs(result)


def _gate(result: RunResult, last: QualityPart) -> Iterator[str | list[str]]:
    yield "## The gate"
    yield (
        "A result passes if its overall score reaches the threshold and no finding is critical, "
        "whether a rule or the judge found it."
    )
    judged = last.judge_scores or {}
    yield table(
        ("Dimension", "Weight", "Score", "Judge's own"),
        [
            (
                dimension.value.capitalize(),
                f"{last.weights.get(dimension.value, 0):g}",
                score(_score_of(last, dimension)),
                score(judged.get(dimension.value)),
            )
            for dimension in _judged(last)
        ],
    )
    if last.allocated_count == 0:
        yield (
            "Nothing was allocated, so every score is 1.0 by definition, not by merit. "
            "Averages over runs leave this one out."
        )
    else:
        yield _formula(last)
    if result.run.rule_weights:
        yield _lowered(result.run.rule_weights)
    yield _decision(last)


def _judged(last: QualityPart) -> list[Dimension]:
    return [dimension for dimension in Dimension if _score_of(last, dimension) is not None]


def _score_of(row: QualityPart, dimension: Dimension) -> float | None:
    if dimension is Dimension.DOMAIN:
        return row.domain_compliance
    return float(getattr(row, dimension.value))


def _formula(last: QualityPart) -> str:
    """The weighted mean with its numbers, as `runs.quality.formula.overall` computes it."""
    judged = _judged(last)
    weights = {dimension: last.weights.get(dimension.value, 0.0) for dimension in judged}
    total = math.fsum(weights.values())
    if total <= 0:
        return "All weights are zero: there is no weighted mean."
    values = {dimension: _score_of(last, dimension) or 0.0 for dimension in judged}
    mean = math.fsum(values[item] * weights[item] for item in judged) / total
    terms = " + ".join(f"{weights[item]:g} × {score(values[item])}" for item in judged)
    return f"Weighted mean of the scores: ({terms}) / {total:g} = {score(mean)}"


def _lowered(weights: Mapping[str, float]) -> str:
    listed = ", ".join(f"`{rule}` {score(weight)}" for rule, weight in sorted(weights.items()))
    return (
        "Rules that weigh less than 1, because the team had dismissed findings of theirs: "
        f"{listed}. Words that were dismissed cost nothing."
    )


def _decision(last: QualityPart) -> list[str]:
    judge = "no judge was asked" if last.judge_overall is None else score(last.judge_overall)
    taken = POLICIES.get(last.gate_policy, escape(last.gate_policy))
    if last.judge_overall is None:
        taken = "without a judge, the rules' overall score"
    return [
        f"- By the rules: {score(last.rules_overall)}",
        f"- By the judge: {judge}",
        f"- Held against the threshold: {taken}, **{score(last.overall)}**",
        f"- Threshold: {score(float(last.threshold))}",
        f"- Critical findings: {last.critical_count}",
        f"- Gate: **{'passed' if last.validation_passed else 'not passed'}**. "
        f"{escape(last.gate_reason)}",
    ]


def _history(result: RunResult) -> Iterator[str | list[str]]:
    if not result.quality:
        return
    judged = _judged(result.quality[-1])
    yield "## Scores by iteration"
    yield table(
        (
            "Iteration",
            "Requirements",
            *(dimension.value.capitalize() for dimension in judged),
            "Rules",
            "Judge",
            "Overall",
            "Critical",
            "Gate",
        ),
        [
            (
                str(row.iteration),
                str(row.requirements_count),
                *(score(_score_of(row, dimension)) for dimension in judged),
                score(row.rules_overall),
                score(row.judge_overall),
                score(row.overall),
                str(row.critical_count),
                "passed" if row.validation_passed else "not passed",
            )
            for row in result.quality
        ],
    )


def _findings(result: RunResult) -> Iterator[str | list[str]]:
    if not result.requirements:
        return
    yield f"## Findings in iteration {result.run.iteration}"
    counts = {level: [row for row in result.issues if row.severity == level] for level in Severity}
    yield ", ".join(f"{len(rows)} {level.value}" for level, rows in counts.items()) + "."
    for level, rows in counts.items():
        if rows:
            yield f"### {level.value.capitalize()}"
            yield [line for row in rows for line in _finding(row)]


def _finding(row: IssuePart) -> Iterator[str]:
    about = row.child or row.parent or "The whole set"
    yield (
        f"- **{escape(about)}**: {escape(row.message)} "
        f"({row.dimension}; {row.source}: {escape(row.rule)})"
    )
    if row.quote:
        yield f"  - Passage: “{escape(row.quote)}”"
    if row.suggestion:
        yield f"  - Suggestion: {escape(row.suggestion)}"


def _reviews(result: RunResult) -> Iterator[str | list[str]]:
    if not result.reviews:
        return
    yield "## Reviews"
    yield table(
        ("What", "Iteration", "Decision", "By", "When", "Feedback"),
        [
            (
                row.kind,
                str(row.iteration),
                row.decision,
                escape(row.decided_by),
                moment(row.decided_at),
                escape(row.feedback),
            )
            for row in result.reviews
        ],
    )


def _costs(result: RunResult) -> Iterator[str | list[str]]:
    yield "## Time and cost" if result.costs_shown else "## Time"
    if result.costs:
        yield _nodes(result)
    everything = (*result.costs, *result.extraction_costs)
    lines = [f"- Figures: {result.run.tracing}"]
    if result.costs_shown:
        lines += [
            f"- This run: {total_cost(result.costs)}",
            "- The extraction, paid once by the revision and shared: "
            f"{total_cost(result.extraction_costs)}",
        ]
    lines.append(f"- Energy of this run: {energy_compared(result.costs)}")
    if result.costs_shown and is_estimated(everything):
        lines.append(f"- {HEURISTIC}: {better_figures()}")
    yield lines


def _nodes(result: RunResult) -> list[str]:
    names = ["Node", "Iteration", "Seconds", "Calls", "Tokens in", "Tokens out", "Energy"]
    rows = [
        [
            row.label,
            str(row.iteration or "–"),
            f"{row.seconds:.1f}" if row.ended else "not ended",
            str(row.calls),
            f"{row.input_tokens:,}",
            f"{row.output_tokens:,}",
            energy([row]),
            *([total_cost([row])] if result.costs_shown else []),
        ]
        for row in result.costs
    ]
    return table([*names, "Cost"] if result.costs_shown else names, rows)
