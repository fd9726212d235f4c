"""What an estimate is made of: a parsed document, and models with round prices."""

from typing import Any

import pytest

from observability.llm import routes
from observability.llm.routes import EMBEDDED
from observability.models import Budget, ModelProfile, Node, NodeCost, Provider, Scope
from reqplatform.teams.models import Project
from runs.analyst import envelope
from runs.documents import parse
from runs.documents.serialise import from_bytes, to_bytes
from runs.estimating import Estimate, estimate
from runs.graph.room import room
from runs.models import (
    Extraction,
    ExtractionState,
    Revision,
    RevisionContent,
    Run,
    RunStatus,
    SourceRequirement,
    Subsystem,
)
from runs.passages import requests
from runs.requests import ExtractAnswer
from skills import registry
from skills.loading import load_library
from skills.models import SkillSlug
from tests import factories
from tests.conftest import World

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


def read_before(revision: Revision, by: ModelProfile = EMBEDDED, sources: int = 3) -> Extraction:
    """A finished extraction of the revision by this model, with the method of today."""
    project = revision.specification.project
    extraction = Extraction.objects.create(
        revision=revision,
        skill_version=registry.active_versions(project)[SkillSlug.EXTRACTION],
        model=routes.name_of({"model": by.key, "base_url": by.base_url}),
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


@pytest.fixture
def project(world: World) -> Project:
    load_library()
    return world.project


@pytest.fixture
def revision(project: Project) -> Revision:
    return stored(project)


@pytest.fixture
def subsystem(project: Project) -> Subsystem:
    return factories.subsystem(project)


@pytest.fixture
def writer(project: Project) -> ModelProfile:
    return priced()


def estimated(
    revision: Revision,
    subsystem: Subsystem,
    only: ModelProfile | None,
    iterations: int = 3,
    **more: Any,
) -> Estimate:
    """The estimate of a run with `only` this model, or with the project's routes."""
    project = subsystem.project
    pinned = routes.pin(project, only=only)
    return estimate(revision, subsystem, pinned, iterations, project, **more)


def node_of(estimate: Estimate, node: Node, route: int = 0) -> Any:
    return next(one for one in estimate.routes[route].nodes if one.node == node)


def sent(revision: Revision, profile: ModelProfile, project: Project) -> list[Any]:
    """The messages of extraction, as the graph will send them."""
    document = from_bytes(bytes(revision.content.document))
    skill = registry.active_versions(project)[SkillSlug.EXTRACTION]
    steps = routes.pin(project, only=profile)["extract"]
    return [
        envelope.render("extract", skill.body, skill.parameters, request, ExtractAnswer)
        for request in requests(document, room(steps))
    ]
