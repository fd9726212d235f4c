"""How good are the estimates before a run, and what are their coefficients?

    python benchmarks/estimate.py [--data DIR]

Decomposes the example for each of its subsystems or, with --data, the PDFs in DIR/specs (PURE
corpus) and the example, each for one subsystem, with the embedded analyst in a fresh database. What
a priced model is estimated to use is printed beside what the journal says was asked and answered,
counted by the same rule: before anybody has read the document, and once its requirements are known.
Then come the coefficients of runs/estimating/coefficients.py as these documents give them, each
document with the same weight.

Exit code 1 if the estimated cost of a document whose requirements are known is more than 30 % off.
"""

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

from decompose_specs import SUBSYSTEMS
from scratch import ROOT, scratch

if TYPE_CHECKING:
    from observability.models import Node
    from observability.tokens import Usage
    from reqplatform.teams.models import Project
    from runs.estimating import Estimate
    from runs.estimating.workload import Frame
    from runs.models import Revision, Run, Subsystem

AIM = 0.3
STRICT = "0.995"  # a threshold that hardly any result reaches: its runs are revised


@dataclass(frozen=True)
class Case:
    """One document for one subsystem: what was estimated, what was used, what that teaches."""

    name: str
    unread: "Estimate | None"  # None: it was read for another subsystem before
    read: "Estimate"
    actual: "dict[str, list[Usage]]"  # by node, of the first iteration
    measured: dict[str, float]
    judged: int
    revised: int


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    data = parser.parse_args().data
    with scratch() as environment:
        os.environ.update(environment, DJANGO_SETTINGS_MODULE="reqplatform.settings")
        sys.path.insert(0, str(ROOT))
        import django

        django.setup()
        ran = [first_run(*each) for each in documents(data)]
        cases = [case_of(*each) for each in ran]  # what is revised now has taught no estimate
    for case in cases:
        report(case)
    print_coefficients(cases)
    return 1 if any(abs(off(case.read, case)) > AIM for case in cases) else 0


def documents(data: Path | None) -> "Iterator[tuple[Revision, Subsystem]]":
    """The revisions and the subsystems that they are decomposed for."""
    from reqplatform.teams.models import Project
    from runs.actions.specifications import add_revision
    from runs.actions.subsystems import add_subsystem
    from runs.examples.example import SPEC_PDF
    from runs.examples.example import SUBSYSTEMS as OF_THE_EXAMPLE

    example = Project.objects.create(slug="example", name="Example")
    rows = [
        add_subsystem(
            None, example, code=one.code, name=one.name, description=one.description,
            interfaces=one.interfaces, keywords=one.keywords,
        )
        for one in OF_THE_EXAMPLE
    ]  # fmt: skip
    revision = add_revision(None, example, filename=SPEC_PDF.name, content=SPEC_PDF.read_bytes())
    for row in rows[:1] if data else rows:
        yield revision, row
    for name, (title, code) in SUBSYSTEMS.items() if data else ():
        project = Project.objects.create(slug=code.lower(), name=title)
        content = (data / "specs" / name).read_bytes() if data else b""
        yield (
            add_revision(None, project, filename=name, content=content),
            add_subsystem(None, project, code=code, name=title),
        )


def first_run(
    revision: "Revision", subsystem: "Subsystem"
) -> "tuple[Run, Estimate | None, Estimate]":
    """A run, with its estimate before the document was read and after."""
    from runs.models import Extraction

    known = Extraction.objects.filter(revision=revision).exists()
    unread = None if known else estimated(revision, subsystem)
    run = executed(revision, subsystem)
    return run, unread, estimated(revision, subsystem)


def case_of(run: "Run", unread: "Estimate | None", read: "Estimate") -> Case:
    from decimal import Decimal

    again = executed(run.revision, run.subsystem, Decimal(STRICT))
    return Case(
        name=f"{run.revision.filename} {run.subsystem.code}",
        unread=unread,
        read=read,
        actual=usages(run),
        measured=measured(run, again),
        judged=run.iteration,
        revised=run.iteration - 1,
    )


def executed(revision: "Revision", subsystem: "Subsystem", threshold: Any = None) -> "Run":
    from runs.actions.execute import execute
    from runs.actions.start import RunOptions, start_run

    options = RunOptions(quality_threshold=threshold, unattended=True)
    run = start_run(None, revision, subsystem, options, enqueue=False)
    execute(run.pk)
    run.refresh_from_db()
    assert run.status == "completed", f"{run}: {run.status}. {run.reason}"
    return run


def estimated(revision: "Revision", subsystem: "Subsystem") -> "Estimate":
    """With a model that leaves as much room in a request as the embedded analyst does."""
    from observability.llm import routes
    from observability.models import ModelProfile
    from observability.pricing import WELL_KNOWN
    from runs.estimating import estimate

    known = WELL_KNOWN[0]
    profile, _ = ModelProfile.objects.get_or_create(
        name=known.name, provider=known.provider, model=known.model, context_window=1_000_000,
        max_output_tokens=200_000,
    )  # fmt: skip
    project: Project = subsystem.project
    pinned = routes.pin(project, only=profile)
    return estimate(revision, subsystem, pinned, project.max_iterations, project)


def usages(run: "Run", iterations: tuple[int, ...] = (0, 1)) -> "dict[str, list[Usage]]":
    """What each node of the run asked and was answered, extraction included."""
    from django.db.models import Q

    from observability import tokens
    from observability.models import CostSource, LLMCall

    found: dict[str, list[Usage]] = defaultdict(list)
    calls = LLMCall.objects.filter(
        Q(run=run) | Q(extraction=run.extraction), iteration__in=iterations
    )
    for call in calls.exclude(cost_source=CostSource.REPLAYED):
        prompt = "".join(content for _, content in call.prompt)
        found[call.node].append(tokens.estimate(prompt, call.answer))
    return found


def frames_of(run: "Run") -> "dict[Node, Frame]":
    from runs.estimating.workload import frames
    from runs.graph.shown import subsystem_in
    from runs.models import Subsystem
    from skills import registry

    siblings = Subsystem.objects.filter(project=run.project).exclude(pk=run.subsystem_id)
    return frames(
        registry.active_versions(run.project), run.revision.filename,
        subsystem_in(run.subsystem), [subsystem_in(row) for row in siblings],
    )  # fmt: skip


def measured(run: "Run", again: "Run") -> dict[str, float]:
    """The coefficients as one document gives them; `again` was revised, if anything could be."""
    import json

    from observability import tokens
    from observability.models import Node

    frame, used = frames_of(run), usages(run)
    strategy = tokens.estimate(json.dumps(run.strategy), "").input_fresh

    def into(node: Node, beside: int = 0) -> int:
        return sum(one.input_fresh - frame[node].tokens - beside for one in used[node.value])

    def out(node: Node) -> int:
        return sum(one.output for one in used[node.value])

    found = counted(run)
    sources, parents, children = found["sources"], found["parents"], found["children"]
    later = usages(again, (2,)).get(Node.DECOMPOSE.value, [])
    if later:
        first = sum(one.input_fresh for one in used[Node.DECOMPOSE.value])
        found["previous_in"] = (sum(one.input_fresh for one in later) - first) / children
    return found | {
        "allocated_share": parents / sources,
        "children_per_parent": children / parents,
        "extracted_out": out(Node.EXTRACT) / sources,
        "source_in": into(Node.ANALYZE) / sources,
        "decided_out": (out(Node.ANALYZE) - strategy) / sources,
        "strategy": strategy,
        "parent_in": into(Node.DECOMPOSE, strategy) / parents,
        "child_out": out(Node.DECOMPOSE) / children,
        "judged_in": into(Node.VALIDATE, strategy) / children,
        "findings_out": out(Node.VALIDATE) / children,
    }


def counted(run: "Run") -> dict[str, float]:
    """What the run found and wrote, and what the number of sources is guessed from."""
    from runs.documents.serialise import from_bytes
    from runs.estimating.workload import Reading

    assert run.extraction is not None
    sources = list(run.extraction.requirements.all())
    children = list(run.requirement_versions.filter(iteration=1))
    reading = Reading(from_bytes(bytes(run.revision.content.document)))
    return {
        "sources": len(sources),
        "parents": run.allocations.filter(allocated=True).count(),
        "children": len(children),
        "modals": reading.modals,
        "thousands": reading.characters / 1000,
        "statement_characters": mean(len(row.text) + len(row.lead_in) for row in sources),
        "child_characters": mean(len(row.text) for row in children),
        "criteria_characters": mean(sum(map(len, row.acceptance_criteria)) for row in children),
    }


def off(estimate: "Estimate", case: Case) -> float:
    """By how much the estimated cost is off, as a share of what the tokens in the journal cost."""
    from observability.pricing import Price

    step = estimate.first.routes["extract"][0]
    price = Price.from_json(step["price"])
    cost = sum(price.cost_nusd(usage) for usages in case.actual.values() for usage in usages)
    return estimate.first.expected_nusd / cost - 1


def report(case: Case) -> None:
    print(f"\n{case.name}: {case.read.sources} source requirements", end="")
    print(f", guessed {case.unread.sources}" if case.unread else "")
    print(f"  {'':10}{'tokens in':>22}{'':11}{'tokens out':>22}")
    print(f"  {'':10}" + 2 * f"{'unread':>11}{'read':>11}{'actual':>11}")
    unread = case.unread.first.nodes if case.unread else [None] * 4
    for before, after in zip(unread, case.read.first.nodes, strict=True):
        actual = case.actual[after.node.value]
        figures = [
            before.input_tokens if before else None,
            after.input_tokens,
            sum(one.input_fresh for one in actual),
            before.output_tokens if before else None,
            after.output_tokens,
            sum(one.output for one in actual),
        ]
        shown = "".join(f"{'' if figure is None else f'{figure:,}':>11}" for figure in figures)
        print(f"  {after.node.value:10}{shown}")
    before_off = f"unread {off(case.unread, case):+.0%}, " if case.unread else ""
    print(f"  cost       {before_off}read {off(case.read, case):+.0%} of what the journal says")


def print_coefficients(cases: list[Case]) -> None:
    from runs.estimating.coefficients import MEASURED

    sums = {"judged": sum(one.judged for one in cases), "revised": sum(c.revised for c in cases)}
    fitted = dict(
        zip(("sources_per_modal", "sources_per_1000_characters"), fit(cases), strict=True)
    )
    print(f"\n{'coefficient':30}{'used':>9}{'here':>9}   from ... to")
    for field in fields(MEASURED):
        used = getattr(MEASURED, field.name)
        each = [one.measured[field.name] for one in cases if field.name in one.measured]
        here = sums.get(field.name, fitted.get(field.name, mean(each) if each else 0.0))
        spread = f"   {min(each):.2f} ... {max(each):.2f}" if each else ""
        print(f"{field.name:30}{used:9.2f}{here:9.2f}{spread}")


def fit(cases: list[Case]) -> tuple[float, float]:
    """a and b so that a modals + b thousands of characters is near the number of sources: least
    squares of the relative error, each document once."""
    once = {case.name.split()[0]: case.measured for case in cases}.values()
    pairs = [(m["modals"] / m["sources"], m["thousands"] / m["sources"]) for m in once]
    xx, yy = sum(x * x for x, _ in pairs), sum(y * y for _, y in pairs)
    xy = sum(x * y for x, y in pairs)
    determinant = xx * yy - xy * xy
    if abs(determinant) < 1e-12:  # one document: nothing to tell the two apart
        return 1 / pairs[0][0], 0.0
    x, y = sum(x for x, _ in pairs), sum(y for _, y in pairs)
    return (x * yy - y * xy) / determinant, (y * xx - x * xy) / determinant


if __name__ == "__main__":
    sys.exit(main())
