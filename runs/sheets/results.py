"""The columns of runs and of what they yield."""

from collections.abc import Callable

from django.db.models import Prefetch

from observability.models import QualityRecord, RunFigures
from runs.models import (
    Allocation,
    QualityIssue,
    Requirement,
    RequirementVersion,
    Run,
    SourceRequirement,
    Subsystem,
    TraceLink,
)
from runs.reporting.table import Column, Kind, Sheet
from runs.sheets.money import MOMENT, MONEY, WHOLE, code_of, id_of, name_of, yes_no
from runs.sheets.spec import RowSheet

SCORE = Kind.SCORE
SEPARATOR = "; "  # between several values in one cell


_LINKS = TraceLink.objects.select_related("parent").order_by("parent__ordinal", "pk")


def _parents(row: RequirementVersion) -> str:
    return SEPARATOR.join(link.parent.key for link in row.trace_links.all())


def _children(row: Allocation) -> str:
    """`children` are loaded by the listing, which knows the run and the iteration."""
    links: list[TraceLink] = row.source.children  # type: ignore[attr-defined]
    return SEPARATOR.join(link.child.requirement.identifier for link in links)


def _last(
    read: Callable[[RequirementVersion], str],
) -> Callable[[Requirement], str | None]:
    """What the last version of an identity says; None if it has none."""

    def of(row: Requirement) -> str | None:
        versions = list(row.versions.all())
        return read(versions[-1]) if versions else None

    return of


RUNS: RowSheet[Run] = RowSheet(
    "runs",
    "Runs",
    Run,
    Sheet(
        (
            (Column("id", "Run"), lambda row: str(row.pk)),
            (Column("created_at", "Started", MOMENT), lambda row: row.created_at),
            (Column("finished_at", "Ended", MOMENT), lambda row: row.finished_at),
            (Column("project", "Project"), lambda row: row.project.slug),
            (Column("subsystem", "Subsystem"), lambda row: row.subsystem.code),
            (
                Column("specification", "Specification"),
                lambda row: row.revision.specification.title,
            ),
            (Column("revision", "Revision", WHOLE), lambda row: row.revision.number),
            (Column("status", "Status"), lambda row: row.status),
            (Column("gate_passed", "Gate passed"), lambda row: yes_no(row.gate_passed)),
            (Column("iteration", "Iteration", WHOLE), lambda row: row.iteration),
            (
                Column("threshold", "Threshold", SCORE),
                lambda row: float(row.quality_threshold),
            ),
            (Column("group", "Group"), lambda row: row.group),
            (Column("campaign", "Campaign"), lambda row: id_of(row.campaign_id)),
            (Column("started_by", "Started by"), lambda row: name_of(row.started_by)),
            (Column("reason", "Reason"), lambda row: row.reason),
        )
    ),
    related=("project", "subsystem", "revision__specification", "started_by"),
    left_out=("strategy", "routes", "weights", "estimate", "dismissals"),
)

VERSIONS: RowSheet[RequirementVersion] = RowSheet(
    "requirements",
    "Requirements",
    RequirementVersion,
    Sheet(
        (
            (Column("identifier", "Identifier"), lambda row: row.requirement.identifier),
            (Column("text", "Text"), lambda row: row.text),
            (Column("type", "Type"), lambda row: row.type),
            (Column("parents", "Parents"), _parents),
            (Column("subsystem", "Subsystem"), lambda row: row.requirement.subsystem.code),
            (
                Column("acceptance_criteria", "Acceptance criteria"),
                lambda row: "\n".join(map(str, row.acceptance_criteria)),
            ),
            (Column("verification_method", "Verification"), lambda row: row.verification_method),
            (Column("rationale", "Rationale"), lambda row: row.rationale),
            (Column("pattern", "Pattern"), lambda row: row.pattern),
            (Column("status", "Status"), lambda row: row.status),
            (Column("score", "Score by the rules", SCORE), lambda row: row.score),
            (Column("edited_by", "Edited by"), lambda row: name_of(row.edited_by)),
            (Column("run", "Run"), lambda row: str(row.run_id)),
            (Column("iteration", "Iteration", WHOLE), lambda row: row.iteration),
            (Column("ordinal", "Place", WHOLE), lambda row: row.ordinal),
            (Column("created_at", "Written", MOMENT), lambda row: row.created_at),
        )
    ),
    related=("requirement__subsystem", "edited_by"),
    prefetch=(Prefetch("trace_links", _LINKS),),
)

IDENTITIES: RowSheet[Requirement] = RowSheet(
    "identities",
    "Requirements by identity",
    Requirement,
    Sheet(
        (
            (Column("identifier", "Identifier"), lambda row: row.identifier),
            (Column("type", "Type"), lambda row: row.type),
            (Column("subsystem", "Subsystem"), lambda row: row.subsystem.code),
            (Column("project", "Project"), lambda row: row.project.slug),
            (
                Column("text", "Text of its last version"),
                _last(lambda version: version.text),
            ),
            (Column("status", "Status of it"), _last(lambda version: version.status)),
            (
                Column("parents", "Parents of it"),
                _last(_parents),
            ),
            (Column("versions", "Versions", WHOLE), lambda row: len(row.versions.all())),
            (Column("created_at", "Made", MOMENT), lambda row: row.created_at),
        )
    ),
    related=("project", "subsystem"),
    prefetch=(
        Prefetch("versions", RequirementVersion.objects.order_by("pk")),
        Prefetch("versions__trace_links", _LINKS),
    ),
)

SOURCES: RowSheet[SourceRequirement] = RowSheet(
    "source-requirements",
    "Source requirements",
    SourceRequirement,
    Sheet(
        (
            (Column("key", "Requirement"), lambda row: row.key),
            (Column("statement", "Statement"), lambda row: row.statement),
            (Column("type", "Type"), lambda row: row.type),
            (Column("quality_class", "Quality class"), lambda row: row.quality_class),
            (Column("section", "Section"), lambda row: row.section),
            (Column("page", "Page", WHOLE), lambda row: row.page),
            (Column("start", "From character", WHOLE), lambda row: row.start),
            (Column("end", "to", WHOLE), lambda row: row.end),
            (Column("modal", "Modal verb"), lambda row: row.modal),
            (Column("part", "Part of a statement"), lambda row: yes_no(row.part)),
            (Column("confidence", "Confidence", SCORE), lambda row: row.confidence),
            (Column("reason", "Why it was taken"), lambda row: row.reason),
            (
                Column("specification", "Specification"),
                lambda row: row.extraction.revision.specification.title,
            ),
            (Column("revision", "Revision", WHOLE), lambda row: row.extraction.revision.number),
        )
    ),
    related=("extraction__revision__specification",),
)

LINKS: RowSheet[TraceLink] = RowSheet(
    "links",
    "Trace links",
    TraceLink,
    Sheet(
        (
            (Column("parent", "Parent"), lambda row: row.parent.key),
            (Column("parent_text", "Its statement"), lambda row: row.parent.statement),
            (Column("relationship", "Relationship"), lambda row: row.relationship),
            (Column("child", "Child"), lambda row: row.child.requirement.identifier),
            (Column("child_text", "Its text"), lambda row: row.child.text),
            (Column("rationale", "Rationale"), lambda row: row.rationale),
            (Column("run", "Run"), lambda row: str(row.child.run_id)),
            (Column("iteration", "Iteration", WHOLE), lambda row: row.child.iteration),
        )
    ),
    related=("parent", "child__requirement"),
)

TRACE: RowSheet[Allocation] = RowSheet(
    "trace",
    "Trace",
    Allocation,
    Sheet(
        (
            (Column("parent", "Source requirement"), lambda row: row.source.key),
            (Column("statement", "Statement"), lambda row: row.source.statement),
            (Column("section", "Section"), lambda row: row.source.section),
            (Column("page", "Page", WHOLE), lambda row: row.source.page),
            (Column("allocated", "Allocated"), lambda row: yes_no(row.allocated)),
            (Column("rule", "Rule"), lambda row: row.rule),
            (Column("rationale", "Rationale"), lambda row: row.rationale),
            (
                Column("shared_with", "Shared with"),
                lambda row: SEPARATOR.join(map(str, row.shared_with)),
            ),
            (Column("children", "Children"), _children),
            (Column("run", "Run"), lambda row: str(row.run_id)),
        )
    ),
    related=("source",),
)

ISSUES: RowSheet[QualityIssue] = RowSheet(
    "issues",
    "Quality issues",
    QualityIssue,
    Sheet(
        (
            (Column("severity", "Severity"), lambda row: row.severity),
            (Column("rule", "Rule"), lambda row: row.rule),
            (Column("dimension", "Dimension"), lambda row: row.dimension),
            (Column("source", "Found by"), lambda row: row.source),
            (
                Column("requirement", "Requirement"),
                lambda row: row.child.requirement.identifier if row.child else None,
            ),
            (
                Column("parent", "Source requirement"),
                lambda row: row.parent.key if row.parent else None,
            ),
            (Column("quote", "Words"), lambda row: row.quote),
            (Column("message", "What is wrong"), lambda row: row.message),
            (Column("suggestion", "What to do"), lambda row: row.suggestion),
            (Column("run", "Run"), lambda row: str(row.run_id)),
            (Column("iteration", "Iteration", WHOLE), lambda row: row.iteration),
        )
    ),
    related=("child__requirement", "parent"),
)

QUALITY: RowSheet[QualityRecord] = RowSheet(
    "quality",
    "Quality records",
    QualityRecord,
    Sheet(
        (
            (Column("timestamp", "Judged", MOMENT), lambda row: row.timestamp),
            (Column("project", "Project"), lambda row: row.project.slug),
            (Column("run", "Run"), lambda row: str(row.run_id)),
            (Column("iteration", "Iteration", WHOLE), lambda row: row.iteration_count),
            (Column("subsystem", "Subsystem"), lambda row: row.subsystem.code),
            (Column("specification", "Specification"), lambda row: row.specification.title),
            (Column("requirements", "Requirements", WHOLE), lambda row: row.requirements_count),
            (Column("allocated", "Allocated", WHOLE), lambda row: row.allocated_count),
            (Column("overall", "Overall", SCORE), lambda row: row.overall),
            (Column("completeness", "Completeness", SCORE), lambda row: row.completeness),
            (Column("clarity", "Clarity", SCORE), lambda row: row.clarity),
            (Column("testability", "Testability", SCORE), lambda row: row.testability),
            (Column("traceability", "Traceability", SCORE), lambda row: row.traceability),
            (Column("domain", "Domain", SCORE), lambda row: row.domain_compliance),
            (Column("rules_overall", "By the rules", SCORE), lambda row: row.rules_overall),
            (Column("judge_overall", "By the judge", SCORE), lambda row: row.judge_overall),
            (Column("threshold", "Threshold", SCORE), lambda row: float(row.threshold)),
            (Column("critical", "Critical findings", WHOLE), lambda row: row.critical_count),
            (Column("passed", "Passed"), lambda row: yes_no(row.validation_passed)),
            (Column("reason", "Why"), lambda row: row.gate_reason),
            (
                Column("skills", "Skills"),
                lambda row: SEPARATOR.join(sorted(map(str, row.skill_versions.values()))),
            ),
        )
    ),
    related=("project", "subsystem", "specification"),
)

JUDGED: RowSheet[RunFigures] = RowSheet(
    "judged",
    "Judged runs",
    RunFigures,
    Sheet(
        (
            (Column("run", "Run"), lambda row: str(row.run_id)),
            (Column("judged_at", "Judged", MOMENT), lambda row: row.judged_at),
            (Column("project", "Project"), lambda row: row.project.slug),
            (Column("subsystem", "Subsystem"), lambda row: code_of(row.subsystem)),
            (Column("person", "Person"), lambda row: name_of(row.person)),
            (
                Column("specification", "Specification"),
                lambda row: row.specification.title if row.specification else None,
            ),
            (Column("passed", "Passed"), lambda row: yes_no(row.passed)),
            (Column("threshold", "Threshold", SCORE), lambda row: row.threshold),
            (Column("allocated", "Allocated", WHOLE), lambda row: row.allocated),
            (Column("overall", "Overall", SCORE), lambda row: row.overall),
            (Column("completeness", "Completeness", SCORE), lambda row: row.completeness),
            (Column("clarity", "Clarity", SCORE), lambda row: row.clarity),
            (Column("testability", "Testability", SCORE), lambda row: row.testability),
            (Column("traceability", "Traceability", SCORE), lambda row: row.traceability),
            (Column("domain", "Domain", SCORE), lambda row: row.domain),
            (Column("rules_overall", "By the rules", SCORE), lambda row: row.rules),
            (Column("judge_overall", "By the judge", SCORE), lambda row: row.judge),
            (Column("iterations", "Iterations", WHOLE), lambda row: row.iterations),
            (Column("requirements", "Requirements", WHOLE), lambda row: row.requirements),
            (Column("findings", "Findings", WHOLE), lambda row: row.findings),
            (Column("critical", "Critical findings", WHOLE), lambda row: row.critical),
            (Column("skills", "Skills"), lambda row: SEPARATOR.join(row.skills.split())),
            (Column("models", "Models"), lambda row: row.route),
            (Column("calls", "Calls", WHOLE), lambda row: row.calls),
            (Column("cost_usd", "Cost in USD", MONEY), lambda row: row.cost_nusd),
        )
    ),
    related=("project", "subsystem", "specification", "person"),
)

SUBSYSTEMS: RowSheet[Subsystem] = RowSheet(
    "subsystems",
    "Subsystems",
    Subsystem,
    Sheet(
        (
            (Column("project", "Project"), lambda row: row.project.slug),
            (Column("code", "Code"), lambda row: row.code),
            (Column("name", "Name"), lambda row: row.name),
            (Column("description", "Description"), lambda row: row.description),
            (Column("interfaces", "Interfaces"), lambda row: row.interfaces),
            (
                Column("keywords", "Keywords"),
                lambda row: SEPARATOR.join(map(str, row.keywords)),
            ),
        )
    ),
    related=("project",),
)
