"""allocation_report.md: requirement by requirement, whether it belongs to the subsystem and why."""

from collections import Counter
from collections.abc import Iterable, Iterator

from runs.exports.markdown import escape, page, table
from runs.exports.result import AllocationPart, RunResult, SourcePart
from runs.exports.wording import count, nothing_written


def render(result: RunResult) -> str:
    return page(_blocks(result))


def _blocks(result: RunResult) -> Iterator[str | list[str]]:
    subsystem = result.subsystem
    taken = result.allocated
    left = [row for row in result.allocations if not row.allocated]
    yield f"# Allocation to {escape(subsystem.name)} ({subsystem.code})"
    if not result.allocations:
        yield (
            "Nothing has been allocated yet: the run is "
            f"{result.run.status_label.lower()}. {escape(result.run.reason)}".strip()
        )
        return
    yield (
        f"{len(taken)} of {count(len(result.allocations), 'requirement')} of "
        f"{escape(result.specification.title)} (revision {result.specification.revision}) "
        f"{'belongs' if len(taken) == 1 else 'belong'} to {escape(subsystem.name)}."
    )
    if not taken:
        yield escape(nothing_written(result))
    yield from _rules(result)
    sources = {source.key: source for source in result.sources}
    yield from _section("Allocated", taken, sources)
    yield from _section("Not allocated", left, sources)


def _rules(result: RunResult) -> Iterator[str | list[str]]:
    yield "## By rule"
    counts = Counter((row.rule, row.allocated) for row in result.allocations)
    ordered = sorted(counts.items(), key=lambda item: (not item[0][1], -item[1], item[0][0]))
    yield table(
        ("Rule", "Outcome", "Requirements"),
        [
            (escape(rule), "allocated" if allocated else "not allocated", str(number))
            for (rule, allocated), number in ordered
        ],
    )


def _section(
    title: str, rows: Iterable[AllocationPart], sources: dict[str, SourcePart]
) -> Iterator[str | list[str]]:
    listed = list(rows)
    yield f"## {title} ({len(listed)})"
    if listed:
        yield table(
            ("Requirement", "Type", "Page", "Text", "Rule", "Why", "Also fits"),
            [_row(row, sources[row.source]) for row in listed],
        )
    else:
        yield "None."


def _row(row: AllocationPart, source: SourcePart) -> tuple[str, ...]:
    return (
        escape(row.source),
        f"{source.type}, {source.quality_class}" if source.quality_class else source.type,
        str(source.page),
        escape(source.statement),
        escape(row.rule),
        escape(row.rationale),
        escape(", ".join(row.shared_with)),
    )
