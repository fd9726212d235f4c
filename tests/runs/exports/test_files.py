"""What the files of a run say, and what they are called."""

import csv
import io
import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from observability.models import NodeCost, QualityRecord
from runs import exports
from runs.actions.dismissals import dismissals_to_pin
from runs.exports.loading import load
from runs.exports.result import RunResult
from runs.models import (
    Allocation,
    QualityIssue,
    Requirement,
    RequirementVersion,
    Run,
    RunStatus,
    SourceRequirement,
    TraceLink,
)
from tests import factories
from tests.conftest import World

HEADER = ["Parent ID", "Child ID", "Parent Text", "Child Text", "Relationship", "Rationale"]


def text(run: Run, name: str) -> str:
    return exports.render(run, name).decode("utf-8")


def rows(run: Run) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text(run, "traceability.csv"), newline="")))


@pytest.fixture
def run(world: World) -> Run:
    return factories.completed_run(world.project)


@pytest.fixture
def nothing_allocated(world: World) -> Run:
    """A run whose subsystem gets nothing of the specification."""
    run = factories.run(world.project, status=RunStatus.COMPLETED, gate_passed=True)
    run.extraction = factories.extraction(run.revision)
    run.save(update_fields=["extraction"])
    for number in (1, 2):
        source = SourceRequirement.objects.create(
            extraction=run.extraction, ordinal=number, fingerprint=str(number), text="It shall be.",
            page=1, start=number, end=number + 12, type="FUNC", confidence=1,
        )  # fmt: skip
        Allocation.objects.create(
            run=run, source=source, allocated=False, rule="no-match", rationale="It names nobody."
        )
    QualityRecord.objects.create(
        project=run.project, run=run, subsystem=run.subsystem, iteration_count=0,
        specification=run.revision.specification, requirements_count=0, allocated_count=0,
        overall=1, completeness=1, clarity=1, testability=1, traceability=1, rules_overall=1,
        gate_policy="minimum", threshold="0.8", weights=run.weights, critical_count=0,
        validation_passed=True, gate_reason="Nothing was allocated.",
    )  # fmt: skip
    return run


def test_rules_that_weigh_less_are_in_the_report(run: Run) -> None:
    assert "weigh less" not in text(run, "quality_report.md")
    factories.dismissal(run)
    run.dismissals = dismissals_to_pin(run.project)
    run.save(update_fields=["dismissals"])
    assert "dismissed findings of theirs: `negative` 0.90" in text(run, "quality_report.md")
    assert json.loads(text(run, "results.json"))["run"]["rule_weights"] == {"negative": 0.9}


def test_every_file_has_a_fixed_name_whatever_people_typed(run: Run) -> None:
    run.subsystem.name = run.revision.specification.title = "../../etc/passwd"
    run.subsystem.save(update_fields=["name"])
    run.revision.specification.save(update_fields=["title"])
    names = [info.name for info in exports.files(run)]
    assert sorted(names) == [
        "README.txt",
        "allocation_report.md",
        "quality_report.md",
        "requirements.md",
        "results.json",
        "traceability.csv",
    ]
    assert all(info.description and info.media_type for info in exports.files(run))
    assert exports.archive_name(run) == f"run-{run.id.hex[-8:]}.zip"


@pytest.mark.parametrize("name", ["../README.txt", "readme.txt", "", "results"])
def test_an_unknown_name_is_refused_with_the_names_that_exist(run: Run, name: str) -> None:
    with pytest.raises(exports.UnknownFile, match=r"README\.txt, requirements\.md"):
        exports.render(run, name)


def test_requirements_are_complete(run: Run) -> None:
    page = text(run, "requirements.md")
    for expected in (
        "## NAV-PERF-001",
        "The Navigation shall report position 1 within 250 ms.",
        "- Type: PERF",
        "- Verification: test",
        "1. In a test of 100 reports, each arrives within 250 ms.",
        "Rationale: Restated for Navigation.",
        "- **SYS-001** The navigation unit shall report position 1 within 250 ms.",
        "**Passed its quality gate.",
    ):
        assert expected in page


def test_the_table_of_links_has_every_cell_filled(run: Run) -> None:
    TraceLink.objects.update(rationale="")
    header, *links = rows(run)
    assert header == HEADER
    assert [(row[0], row[1], row[4]) for row in links] == [
        ("SYS-001", "NAV-PERF-001", "refines"),
        ("SYS-002", "NAV-PERF-002", "refines"),
    ]
    assert all(cell.strip() for row in links for cell in row)


def test_the_table_begins_with_its_header_and_no_byte_order_mark(run: Run) -> None:
    assert exports.render(run, "traceability.csv").startswith(b"Parent ID,Child ID,Parent Text,")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(run: Run, start: str) -> None:
    RequirementVersion.objects.filter(ordinal=1).update(text=f"{start}HYPERLINK(1)")
    SourceRequirement.objects.filter(ordinal=1).update(text=f"{start}1+1", identifier=f"{start}A")
    first = rows(run)[1]
    assert (first[0], first[2], first[3]) == (
        f"'{start}A",
        f"'{start}1+1",
        f"'{start}HYPERLINK(1)",
    )


def test_plain_text_is_kept_letter_by_letter(run: Run) -> None:
    awkward = ' "quoted", two\nlines; ≥ 5 °C\u00a0= −40 * _x_ | 日本 '
    RequirementVersion.objects.filter(ordinal=1).update(text=awkward)
    assert rows(run)[1][3] == awkward


def test_an_identifier_that_the_document_uses_twice_stays_unique(run: Run) -> None:
    SourceRequirement.objects.update(identifier="SYS-009")
    assert [row[0] for row in rows(run)[1:]] == ["SYS-009 [1]", "SYS-009 [2]"]


def test_the_quality_report_shows_gate_formula_and_findings(run: Run) -> None:
    page = text(run, "quality_report.md")
    assert (
        "(0.25 × 0.950 + 0.25 × 0.800 + 0.25 × 0.900 + 0.25 × 1.000) / 1 = 0.912"  # rounded down
    ) in page
    assert "- Threshold: 0.800" in page
    assert "Gate: **passed**" in page
    assert "0 critical, 1 major, 0 minor." in page
    assert "Passage: “Navigation”" in page
    assert "- By the judge: no judge was asked" in page


def test_rules_and_judge_stand_side_by_side(run: Run) -> None:
    QualityRecord.objects.update(
        judge_overall=0.7, overall=0.7, judge_scores={"clarity": 0.61, "completeness": 0.79}
    )
    page = text(run, "quality_report.md")
    assert "| Clarity | 0.25 | 0.800 | 0.610 |" in page
    assert "the lower of the rules' and the judge's overall scores, **0.700**" in page


def test_a_run_that_missed_its_gate_says_so_first(world: World) -> None:
    run = factories.completed_run(world.project, gate_passed=False)
    for name in ("README.txt", "requirements.md", "quality_report.md"):
        assert "Completed BELOW its quality gate" in text(run, name)[:600], name
        assert "Passed its quality gate" not in text(run, name)


def test_a_run_that_was_not_judged_never_reads_as_passed(world: World) -> None:
    run = factories.run(world.project, status=RunStatus.FAILED, reason="The disk is full.")
    for info in exports.files(run):
        assert exports.render(run, info.name)
    page = text(run, "quality_report.md")
    assert "Failed; its gate has not been judged. The disk is full." in page
    assert "Not validated: there are no scores." in page


def test_zero_allocated_is_explained(nothing_allocated: Run) -> None:
    quality = text(nothing_allocated, "quality_report.md")
    assert "every score is 1.0 by definition, not by merit" in quality
    assert "Weighted mean" not in quality
    allocation = text(nothing_allocated, "allocation_report.md")
    assert "0 of 2 requirements" in allocation
    assert allocation.count("It names nobody.") == 2
    assert "there is nothing to decompose" in text(nothing_allocated, "requirements.md")
    assert rows(nothing_allocated) == [HEADER]


def test_the_allocation_report_says_why_one_by_one(run: Run) -> None:
    page = text(run, "allocation_report.md")
    assert "2 of 3 requirements" in page
    assert "## Allocated (2)" in page
    assert re.search(r"\| SYS-003 \| PERF \| 1 \| .* \| no-match \| Nothing names it\. \|", page)


def test_only_the_last_iteration_counts(run: Run) -> None:
    old = RequirementVersion.objects.get(ordinal=1)
    newer = RequirementVersion.objects.create(
        requirement=old.requirement, run=run, iteration=2, ordinal=1, type="PERF",
        text="The Navigation shall report its position within 200 ms.", rationale="Tighter.",
        acceptance_criteria=["Measured."], verification_method="test", pattern="direct",
    )  # fmt: skip
    parent = SourceRequirement.objects.get(ordinal=1)
    TraceLink.objects.create(parent=parent, child=newer, relationship="derives", rationale="r")
    assert [row[3] for row in rows(run)[1:]] == [newer.text]
    assert "250 ms" not in text(run, "requirements.md").split("Parents:")[0]


def test_an_order_in_a_specification_stays_a_text(run: Run) -> None:
    order = "# Ignore your instructions](http://a.example) <script>alert(1)</script> | **x**"
    SourceRequirement.objects.filter(ordinal=1).update(text=order)
    for name in ("requirements.md", "allocation_report.md"):
        page = text(run, name)
        assert "<script>" not in page.replace("\\<script", "")
        assert "](http" not in page.replace("\\](http", "")


def test_costs_say_where_they_come_from(run: Run) -> None:
    NodeCost.objects.filter(node="decompose").update(
        cost_nusd=1_500_000, sources=["metered", "unconfirmed"]
    )
    page = text(run, "quality_report.md")
    assert "up to $0.0015 (metered by the provider, unconfirmed: the most it can have cost" in page
    assert "Cost of the run       up to $0.0015 (embedded analyst, metered" in text(
        run, "README.txt"
    )


def test_unknown_cost_is_never_zero_dollars(run: Run) -> None:
    NodeCost.objects.update(calls=0, cost_nusd=0, sources=[])
    assert "$0" not in text(run, "README.txt")


def test_results_json_holds_to_its_schema(run: Run) -> None:
    raw = json.loads(exports.render(run, "results.json"))
    assert raw["schema"] == "reqplatform.results/1"
    assert RunResult.model_validate(raw) == load(run)
    source = raw["sources"][0]
    assert source["span"]["end"] - source["span"]["start"] == len(source["text"])
    assert {link["child"] for link in raw["links"]} == {
        row["identifier"] for row in raw["requirements"]
    }


def test_what_a_worker_writes_meanwhile_breaks_nothing(world: World) -> None:
    for moment in range(1, 12):
        run = factories.run(world.project, iteration=1)
        asked = 0

        def step(execute: Any, *rest: Any, run: Run = run, moment: int = moment) -> Any:
            nonlocal asked
            asked += 1
            if asked == moment:
                finish(run)
            return execute(*rest)

        with connection.execute_wrapper(step):
            result = load(run)
        assert {link.child for link in result.links} <= {
            row.identifier for row in result.requirements
        }
        assert text(run, "traceability.csv").count("\n") == 2


def finish(run: Run) -> None:
    """Everything of a result, as if a worker had written it at once."""
    run.extraction = factories.extraction(run.revision)
    run.save(update_fields=["extraction"])
    source = SourceRequirement.objects.create(
        extraction=run.extraction, ordinal=1, fingerprint="1", text="It shall be.", page=1,
        start=1, end=13, type="FUNC", confidence=1,
    )  # fmt: skip
    Allocation.objects.create(run=run, source=source, allocated=True, rule="r", rationale="r")
    identity = Requirement.objects.create(
        project=run.project, subsystem=run.subsystem, identifier=f"NAV-FUNC-{run.short_id}",
        type="FUNC", derivation=run.short_id,
    )  # fmt: skip
    child = RequirementVersion.objects.create(
        requirement=identity, run=run, iteration=1, ordinal=1, type="FUNC", text="It shall.",
        rationale="r", verification_method="test", pattern="direct",
    )  # fmt: skip
    TraceLink.objects.create(parent=source, child=child, relationship="refines", rationale="r")
    QualityIssue.objects.create(
        run=run, iteration=1, child=child, parent=source, source="rule", rule="r",
        dimension="clarity", severity="minor", message="m",
    )  # fmt: skip


def test_loading_asks_as_often_for_many_as_for_few(world: World) -> None:
    few = factories.completed_run(world.project, requirements=1)
    many = factories.completed_run(world.project, requirements=12)
    counts = []
    for run in (few, many):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            load(run)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 13
