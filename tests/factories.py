"""Rows for tests, made without the graph: quick, explicit, and valid."""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from django.utils import timezone

from observability.models import Node, NodeCost, QualityRecord
from reqplatform.teams.models import Membership, Project, Role, User
from runs.models import (
    Allocation,
    Campaign,
    Dismissal,
    EventKind,
    ExportState,
    Extraction,
    ExtractionState,
    QualityIssue,
    Requirement,
    RequirementVersion,
    Revision,
    Run,
    RunStatus,
    SourceRequirement,
    Specification,
    StoredExport,
    StoredExportPart,
    Subsystem,
    TraceLink,
    VersionState,
)
from runs.models.stored_export import KEPT
from runs.records import append_event
from skills.models import Skill, SkillSlug, SkillVersion, VersionStatus

W = TypeVar("W")


def user(name: str, **values: Any) -> User:
    return User.objects.create_user(
        username=name, email=f"{name}@example.org", password="correct horse 1", **values
    )


def world(build: Callable[..., W]) -> W:
    project = Project.objects.create(slug="survey", name="Survey vessel")
    other = Project.objects.create(slug="other", name="Other project")
    people = {}
    for role in Role:
        people[role.value] = user(role.value)
        Membership.objects.create(project=project, user=people[role.value], role=role)
    stranger = user("stranger")
    Membership.objects.create(project=other, user=stranger, role=Role.OWNER)
    return build(project=project, other_project=other, stranger=stranger, **people)


def subsystem(project: Project, code: str = "NAV", name: str = "Navigation") -> Subsystem:
    found, _ = Subsystem.objects.get_or_create(
        project=project, code=code, defaults={"name": name, "description": f"{name} of the vessel"}
    )
    return found


def revision(project: Project, title: str = "Vessel") -> Revision:
    """A revision without content: enough for pages that only list it."""
    specification, _ = Specification.objects.get_or_create(project=project, title=title)
    return Revision.objects.create(
        specification=specification,
        number=specification.revisions.count() + 1,
        filename=f"{title}.txt",
        media_type="text/plain",
        size=10,
        sha256=hashlib.sha256(f"{title}{specification.revisions.count()}".encode()).hexdigest(),
        pages=1,
        language="en",
    )


def skill_version(slug: str = SkillSlug.EXTRACTION, project: Project | None = None) -> SkillVersion:
    """The active version of a skill; made if there is none."""
    skill, _ = Skill.objects.get_or_create(slug=slug, project=project)
    active = skill.versions.filter(status=VersionStatus.ACTIVE).first()
    if active:
        return active
    return SkillVersion.objects.create(
        skill=skill,
        number=skill.versions.count() + 1,
        status=VersionStatus.ACTIVE,
        body="Read carefully.",
        parameters={},
    )


def run(project: Project, **values: Any) -> Run:
    """A queued run of its own revision."""
    defaults: dict[str, Any] = {
        "revision": values.get("revision")
        or revision(project, title=f"Spec {Run.objects.count()}"),
        "subsystem": values.get("subsystem") or subsystem(project),
        "quality_threshold": Decimal("0.800"),
        "max_iterations": 3,
        "weights": project.weights,
        "graph_version": 1,
    }
    return Run.objects.create(project=project, **{**defaults, **values})


def campaign(project: Project, of: Revision | None = None, **values: Any) -> Campaign:
    """A campaign without runs: give them to it with `run(..., campaign=...)`."""
    made = Campaign(project=project, revision=of or revision(project, "Campaign"), **values)
    made.group = made.group or made.own_group
    made.save(force_insert=True)
    return made


def extraction(of: Revision) -> Extraction:
    return Extraction.objects.create(
        revision=of,
        skill_version=skill_version(),
        model="embedded/analyst-1",
        state=ExtractionState.DONE,
    )


def completed_run(project: Project, *, gate_passed: bool = True, requirements: int = 2) -> Run:
    """A completed run with `requirements` parents, a child for each, links, an issue and scores."""
    done = run(project, status=RunStatus.COMPLETED, gate_passed=gate_passed, iteration=1)
    done.extraction = extraction(done.revision)
    done.save(update_fields=["extraction"])
    state = VersionState.ACCEPTED if gate_passed else VersionState.PROPOSED
    for number in range(1, requirements + 1):
        parent = _source(done.extraction, number)
        Allocation.objects.create(
            run=done, source=parent, allocated=True, rule="named", rationale="It names Navigation."
        )
        child = _child(done, number, state)
        TraceLink.objects.create(
            parent=parent, child=child, relationship="refines", rationale="Restated for NAV."
        )
    spare = _source(done.extraction, requirements + 1)
    Allocation.objects.create(
        run=done, source=spare, allocated=False, rule="no-match", rationale="Nothing names it."
    )
    first = done.requirement_versions.order_by("ordinal").first()
    QualityIssue.objects.create(
        run=done, iteration=1, child=first, source="rule", rule="vague-term", dimension="clarity",
        severity="major", start=4, end=14, quote="Navigation", message="Vague.", suggestion="Say.",
    )  # fmt: skip
    _measures(done, requirements)
    append_event(done.pk, EventKind.STATUS, "Completed.", figures={"status": "completed"})
    return done


def _source(of: Extraction, number: int) -> SourceRequirement:
    text = f"The navigation unit shall report position {number} within 250 ms."
    return SourceRequirement.objects.create(
        extraction=of, ordinal=number, identifier=f"SYS-{number:03d}", text=text,
        fingerprint=hashlib.sha256(text.encode()).hexdigest(), section="3.1 Position", page=1,
        start=number * 100, end=number * 100 + len(text), type="PERF", modal="shall",
        confidence=0.9, reason="modal verb",
    )  # fmt: skip


def _child(of: Run, number: int, state: VersionState) -> RequirementVersion:
    identity, _ = Requirement.objects.get_or_create(
        project=of.project, subsystem=of.subsystem, derivation=f"test-{number}",
        defaults={"identifier": f"{of.subsystem.code}-PERF-{number:03d}", "type": "PERF"},
    )  # fmt: skip
    return RequirementVersion.objects.create(
        requirement=identity, run=of, iteration=1, ordinal=number, type="PERF", status=state,
        text=f"The Navigation shall report position {number} within 250 ms.",
        acceptance_criteria=["In a test of 100 reports, each arrives within 250 ms."],
        rationale="Restated for Navigation.", verification_method="test", pattern="direct",
        score=0.9,
    )  # fmt: skip


def _measures(of: Run, requirements: int) -> None:
    QualityRecord.objects.create(
        project=of.project, run=of, subsystem=of.subsystem,
        specification=of.revision.specification, iteration_count=1,
        requirements_count=requirements, allocated_count=requirements, overall=0.91,
        completeness=0.95, clarity=0.8, testability=0.9, traceability=1.0, rules_overall=0.91,
        gate_policy="minimum", threshold=of.quality_threshold, weights=of.weights,
        critical_count=0, findings_by_rule={"vague-term": 1},
        validation_passed=bool(of.gate_passed), gate_reason="0.91 is at least 0.80.",
        skill_versions={"requirement-extraction": 1},
    )  # fmt: skip
    for node in Node:
        NodeCost.objects.create(
            project=of.project, run=of, subsystem=of.subsystem, node=node,
            iteration=0 if node in {Node.EXTRACT, Node.ANALYZE} else 1, duration_ms=120, calls=1,
            input_tokens=900, output_tokens=100, cost_nusd=0, sources=["embedded"],
        )  # fmt: skip
        append_event(
            of.pk, EventKind.NODE_FINISHED, f"{node.label} done.", node=node,
            iteration=0 if node in {Node.EXTRACT, Node.ANALYZE} else 1, figures={"seconds": 0.12},
        )  # fmt: skip


def dismissal(of: Run, *, rule: str = "negative", term: str = "not") -> Dismissal:
    """A finding of the run, dismissed for its words or, with a term of "", for its rule."""
    issue = QualityIssue.objects.create(
        run=of, iteration=1, source="rule", rule=rule, dimension="clarity", severity="minor",
        quote=term, message="Says what is not.", suggestion="Say what is.",
    )  # fmt: skip
    return Dismissal.objects.create(
        project=of.project, issue=issue, rule=rule, term=term, reason="Everybody says it so here."
    )


def stored_export(owner: User, project: Project, content: bytes = b"id\r\n") -> StoredExport:
    """A file that is ready, of the list of runs."""
    now = timezone.now()
    export: StoredExport = StoredExport.objects.create(
        project=project, owner=owner, what="runs", title="Runs", columns=["id"], format="csv",
        state=ExportState.READY, rows_total=0, size=len(content), finished_at=now,
        expires_at=now + KEPT,
    )  # fmt: skip
    StoredExportPart.objects.create(export=export, ordinal=1, content=content)
    return export
