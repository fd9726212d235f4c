"""What an estimate is made of: a parsed document, and models with round prices."""

from typing import Any

from observability.models import Budget, ModelProfile, Node, NodeCost, Provider, Scope
from reqplatform.teams.models import Project
from runs.documents import parse
from runs.documents.serialise import to_bytes
from runs.estimating import Estimate
from runs.models import (
    Extraction,
    ExtractionState,
    Revision,
    RevisionContent,
    Run,
    RunStatus,
    SourceRequirement,
)
from skills import registry
from skills.models import SkillSlug
from tests import factories

DOLLAR = 10**9
SENTENCE = "SYS-{n:03d} The Navigation subsystem shall report value {n} to the operator within 2 s."


def text_of(requirements: int, between: str = "") -> str:
    lines = [SENTENCE.format(n=number) + between for number in range(1, requirements + 1)]
    return "\n\n".join(["1 Requirements", *lines])


def stored(project: Project, text: str = "", title: str = "Vessel") -> Revision:
    """A revision with its parsed document, by default of 20 requirements."""
    revision = factories.revision(project, title)
    give_document(revision, text)
    return revision


def give_document(revision: Revision, text: str = "") -> None:
    """The content that `factories.revision` leaves out."""
    content = (text or text_of(20)).encode()
    RevisionContent.objects.create(
        revision=revision, original=content, document=to_bytes(parse(content, "spec.txt"))
    )


def priced(name: str = "Writer", **values: Any) -> ModelProfile:
    """A model at $1 and $10 for a million tokens of input and output."""
    defaults: dict[str, Any] = {
        "provider": Provider.COMPATIBLE,
        "model": name.lower(),
        "base_url": "http://127.0.0.1:9/v1",
        "context_window": 200_000,
        "max_output_tokens": 8_000,
        "input_price": 1,
        "output_price": 10,
    }
    return ModelProfile.objects.create(name=name, **{**defaults, **values})


def read_before(revision: Revision, model: str, sources: int = 3) -> Extraction:
    """A finished extraction of the revision by this model, with the method of today."""
    project = revision.specification.project
    extraction = Extraction.objects.create(
        revision=revision,
        skill_version=registry.active_versions(project)[SkillSlug.EXTRACTION],
        model=model,
        state=ExtractionState.DONE,
    )
    for number in range(1, sources + 1):
        SourceRequirement.objects.create(
            extraction=extraction, ordinal=number, fingerprint=f"{number:064d}",
            text=SENTENCE.format(n=number), page=1, start=number * 100, end=number * 100 + 80,
            type="FUNC", modal="shall", confidence=1,
        )  # fmt: skip
    return extraction


def limit(project: Project, scope: Scope, max_nusd: int | None) -> None:
    Budget.objects.filter(project=project, scope=scope).update(warn_nusd=None, max_nusd=max_nusd)


def ended(project: Project, estimate: Estimate, times: float, **cost: Any) -> Run:
    """A completed run that cost so many times what it was expected to."""
    run = factories.run(
        project, status=RunStatus.COMPLETED, iteration=1, estimate=estimate.as_json(estimate.first)
    )
    for node in estimate.first.nodes:
        if node.node != Node.EXTRACT:
            NodeCost.objects.create(
                project=project, run=run, node=node.node, iteration=1,
                cost_nusd=round(node.expected_nusd * times), **{"sources": ["metered"], **cost},
            )  # fmt: skip
    return run
