"""requirements.md: the subsystem's requirements, complete, to be read from top to bottom."""

from collections.abc import Iterator

from runs.exports.markdown import escape, page
from runs.exports.result import RequirementPart, RunResult
from runs.exports.wording import count, nothing_written, verdict


def render(result: RunResult) -> str:
    return page(_blocks(result))


def _blocks(result: RunResult) -> Iterator[str | list[str]]:
    specification, subsystem = result.specification, result.subsystem
    yield f"# Requirements of {escape(subsystem.name)} ({subsystem.code})"
    yield [
        f"- Project: {escape(result.project.name)}",
        f"- Specification: {escape(specification.title)}, revision {specification.revision}",
        f"- Run: {result.run.short_id}, iteration {result.run.iteration}",
        f"- {count(len(result.requirements), 'requirement')} from "
        f"{len(result.allocated)} of {count(len(result.allocations), 'source requirement')}",
    ]
    yield f"**{escape(verdict(result))}**"
    if not result.requirements:
        yield escape(nothing_written(result))
    statements = {source.key: source.statement for source in result.sources}
    for requirement in result.requirements:
        yield from _requirement(requirement, statements)


def _requirement(row: RequirementPart, statements: dict[str, str]) -> Iterator[str | list[str]]:
    yield f"## {escape(row.identifier)}"
    yield escape(row.text)
    facts = [
        f"- Type: {row.type}",
        f"- Verification: {row.verification_method}",
        f"- Status: {row.status}",
    ]
    if row.edited_by:
        facts.append(f"- Edited by: {escape(row.edited_by)}")
    yield facts
    yield "Acceptance criteria:"
    criteria = enumerate(row.acceptance_criteria, 1)
    yield [f"{number}. {escape(text)}" for number, text in criteria] or "None."
    yield f"Rationale: {escape(row.rationale) or 'none given.'}"
    yield "Parents:"
    parents = [f"- **{escape(key)}** {escape(statements.get(key, ''))}" for key in row.parents]
    yield parents or "None."
