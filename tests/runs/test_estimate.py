"""Estimates: what is counted, and what it costs."""

import json
import math
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from observability import tokens
from observability.llm import routes
from observability.models import ModelProfile, Node, Route, Scope
from observability.pricing import price_of
from observability.tokens import Usage
from reqplatform.teams.models import Project
from runs.analyst import envelope
from runs.documents.serialise import from_bytes
from runs.estimating import Estimate, alternatives, estimate, models_of
from runs.estimating.estimate import BAD_ANSWER
from runs.estimating.workload import MOST_BLOCKS, Reading
from runs.graph.room import room
from runs.models import Allocation, Revision, RunStatus, Subsystem
from runs.passages import requests
from runs.requests import ExtractAnswer
from skills import registry
from skills.loading import load_library
from skills.models import SkillSlug
from tests import factories
from tests.conftest import World
from tests.runs.estimated import DOLLAR, ended, limit, priced, read_before, stored, text_of


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
    project = subsystem.project
    pinned = routes.pin(project, only=only)
    return estimate(revision, subsystem, pinned, iterations, project, **more)


def node_of(estimate: Estimate, node: Node, route: int = 0) -> Any:
    return next(one for one in estimate.routes[route].nodes if one.node == node)


def sent(revision: Revision, profile: ModelProfile, project: Project) -> list[Any]:
    """The messages of extraction, as the graph will send them."""
    document = from_bytes(bytes(revision.content.document))
    skill = registry.active_versions(project)[SkillSlug.EXTRACTION]
    step = {"model": profile.key, "profile": profile.pk, "temperature": "0"}
    return [
        envelope.render("extract", skill.body, skill.parameters, request, ExtractAnswer)
        for request in requests(document, room([step]))
    ]


def counted(messages: Any) -> int:
    return tokens.estimate("".join(content for _, content in messages), "").input_fresh


# What is asked


@pytest.mark.parametrize("cap", [300, 700, 8_000])
def test_extraction_is_counted_on_the_requests_that_will_be_sent(
    project: Project, revision: Revision, subsystem: Subsystem, cap: int
) -> None:
    revision.filename = "spec.txt"  # the document's own name is in every request
    revision.save()
    profile = priced(max_output_tokens=cap)
    really = sent(revision, profile, project)
    extract = node_of(estimated(revision, subsystem, profile), Node.EXTRACT)
    assert extract.requests == len(really)
    assert len(really) > 1 or cap == 8_000
    assert extract.input_tokens == pytest.approx(sum(map(counted, really)), rel=0.01)


def test_the_price_of_extraction_is_that_of_its_tokens(
    revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    extract = node_of(estimated(revision, subsystem, writer), Node.EXTRACT)
    price = price_of(writer, timezone.now())
    usage = Usage(input_fresh=extract.input_tokens, output=extract.output_tokens)
    assert extract.requests == 1
    assert extract.expected_nusd == price.cost_nusd(usage)
    assert extract.hold_nusd >= price.bound_nusd(extract.input_tokens, writer.max_output_tokens)


def test_a_schema_that_is_sent_is_counted(revision: Revision, subsystem: Subsystem) -> None:
    plain = estimated(revision, subsystem, priced("Plain"))
    schema = estimated(revision, subsystem, priced("Strict", answer_format="json_schema"))
    for node in (Node.EXTRACT, Node.ANALYZE, Node.DECOMPOSE, Node.VALIDATE):
        assert node_of(schema, node).input_tokens > node_of(plain, node).input_tokens + 50
        assert node_of(schema, node).hold_nusd > node_of(plain, node).hold_nusd


def test_requirements_are_guessed_until_they_are_counted(
    revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    before = estimated(revision, subsystem, writer)
    assert not before.sources_known
    assert before.sources == pytest.approx(20, rel=0.3)
    read_before(revision, "embedded/analyst-1", sources=7)
    after = estimated(revision, subsystem, writer)
    assert (after.sources, after.sources_known) == (7, True)
    assert node_of(after, Node.ANALYZE).output_tokens < node_of(before, Node.ANALYZE).output_tokens


def test_none_counted_is_none(
    revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    read_before(revision, writer.key, sources=0)
    found = estimated(revision, subsystem, writer)
    assert (found.sources, found.sources_known, found.first.expected_nusd) == (0, True, 0)
    assert found.first.worst_nusd > 0


def test_an_extraction_that_is_there_is_not_paid_again(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    read_before(revision, "embedded/analyst-1")
    assert not node_of(estimated(revision, subsystem, writer), Node.EXTRACT).paid
    read_before(revision, writer.key)
    extract = node_of(estimated(revision, subsystem, writer), Node.EXTRACT)
    assert (extract.paid, extract.requests) == (True, 0)
    assert extract.expected_nusd == extract.worst_nusd == extract.hold_nusd == 0
    factories.skill_version(SkillSlug.EXTRACTION, project)  # another method reads anew
    assert not node_of(estimated(revision, subsystem, writer), Node.EXTRACT).paid


def test_another_revisions_extraction_says_nothing(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    read_before(stored(project, title="Other"), writer.key)
    found = estimated(revision, subsystem, writer)
    assert not found.sources_known
    assert not node_of(found, Node.EXTRACT).paid


def test_what_the_last_run_of_the_same_allocated_is_known(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    extraction = read_before(revision, "embedded/analyst-1", sources=10)
    guessed = node_of(estimated(revision, subsystem, writer), Node.DECOMPOSE)
    run = factories.run(project, revision=revision, subsystem=subsystem, strategy={})
    for source in extraction.requirements.all():
        Allocation.objects.create(
            run=run, source=source, allocated=source.ordinal < 10, rule="named", rationale="It is."
        )
    known = node_of(estimated(revision, subsystem, writer), Node.DECOMPOSE)
    assert known.output_tokens == pytest.approx(guessed.output_tokens * 9 / 3, rel=0.2)
    other = factories.subsystem(project, "PWR", "Power")
    assert node_of(estimated(revision, other, writer), Node.DECOMPOSE).output_tokens == (
        guessed.output_tokens
    )


def test_a_long_document_is_sampled(project: Project) -> None:
    prose = "\n\nIt is painted blue and stands in the northern hall."  # every other block
    text = text_of(MOST_BLOCKS, between=prose)
    reading = Reading(from_bytes(bytes(stored(project, text).content.document)))
    document = reading.document
    assert len(document.blocks) > MOST_BLOCKS
    whole = sum(
        tokens.estimate(json.dumps(request.model_dump(mode="json")), "").input_fresh
        for request in requests(document, 200_000)
    )
    assert reading.shown[0] == pytest.approx(whole, rel=0.05)
    assert reading.modals == pytest.approx(MOST_BLOCKS, rel=0.05)
    assert reading.requests(32_000) == pytest.approx(len(list(requests(document, 32_000))), rel=0.1)


# Iterations


def test_iterations_cost_what_they_are_likely_to(
    revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    one, three = (estimated(revision, subsystem, writer, most) for most in (1, 3))
    assert one.iterations == 1
    assert 1 < three.iterations < 1.5
    assert node_of(one, Node.ANALYZE) == node_of(three, Node.ANALYZE)
    for node in (Node.DECOMPOSE, Node.VALIDATE):
        assert node_of(one, node).expected_nusd < node_of(three, node).expected_nusd
        assert node_of(one, node).worst_nusd < node_of(three, node).worst_nusd


def test_the_projects_own_runs_say_how_often_it_revises(
    world: World, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    def iterations() -> float:
        return estimated(revision, subsystem, writer).iterations

    before = iterations()
    for _ in range(10):
        factories.run(world.other_project, status=RunStatus.COMPLETED, iteration=3)
        factories.run(world.project, status=RunStatus.FAILED, iteration=3)
    assert iterations() == before
    for _ in range(10):
        factories.run(world.project, status=RunStatus.COMPLETED, iteration=3)
    share = (10 * 2 + 1) / (7 + 10 * 3 + 2)
    assert iterations() == pytest.approx(1 + share + share**2)


# The worst case


def test_the_worst_case_by_its_formula(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    Project.objects.filter(pk=project.pk).update(embedded_fallback=False)
    extract = node_of(estimated(revision, subsystem, writer), Node.EXTRACT)
    price = price_of(writer, timezone.now())
    (messages,) = sent(revision, writer, project)
    size = tokens.input_bound(messages)
    cap = writer.max_output_tokens
    once = price.bound_nusd(size, cap) + price.bound_nusd(size + BAD_ANSWER, cap)
    assert extract.worst_nusd == pytest.approx(once, rel=0.01)


def test_the_worst_case_asks_every_model_of_the_route(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    second = priced("Second")
    alone = estimated(revision, subsystem, writer)
    for node in Node:
        for position, profile in enumerate((writer, second), start=1):
            Route.objects.create(project=project, node=node, profile=profile, position=position)
    both = estimated(revision, subsystem, None)
    assert both.first.expected_nusd == alone.first.expected_nusd
    assert both.first.formula_nusd == 2 * alone.first.formula_nusd


def test_the_worst_case_is_never_more_than_the_runs_budget(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    limit(project, Scope.RUN, DOLLAR // 10)
    tight = estimated(revision, subsystem, writer).first
    assert (tight.worst_nusd, tight.is_limited) == (DOLLAR // 10, True)
    assert tight.formula_nusd > DOLLAR
    limit(project, Scope.RUN, 1)  # not even the expected fits: no worst case lies below it
    hopeless = estimated(revision, subsystem, writer).first
    assert (hopeless.worst_nusd, hopeless.is_limited) == (hopeless.formula_nusd, False)
    limit(project, Scope.RUN, None)
    free = estimated(revision, subsystem, writer).first
    assert (free.worst_nusd, free.is_limited) == (free.formula_nusd, False)


# Routes


def test_alternatives_leave_out_one_model_after_the_other() -> None:
    a, b, c = ({"model": name} for name in ("x/a", "x/b", "x/c"))
    pinned = {node: [a, b] for node in Node.values} | {"decompose": [c], "document": [a, b, c]}
    offers = alternatives(pinned)
    first = [models_of({node: steps[:1] for node, steps in offer.items()}) for offer in offers]
    assert first == [["x/a", "x/c"], ["x/b", "x/c"]]
    assert models_of(pinned) == ["x/a", "x/c", "x/b"]


def test_each_alternative_has_its_own_cost(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    cheap = priced("Cheap", input_price=Decimal("0.1"), output_price=1)
    for position, profile in enumerate((writer, cheap), start=1):
        for node in Node:
            Route.objects.create(project=project, node=node, profile=profile, position=position)
    dear, cheaper, free = estimated(revision, subsystem, None).routes
    assert [dear.label, cheaper.label, free.label] == [writer.key, cheap.key, "Embedded analyst"]
    assert dear.expected_nusd == pytest.approx(10 * cheaper.expected_nusd, rel=0.001)
    assert (free.expected_nusd, free.worst_nusd, free.nodes) == (0, 0, ())


def test_nodes_may_ask_different_models(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    Route.objects.create(project=project, node=Node.VALIDATE, profile=writer)
    first = estimated(revision, subsystem, None).first
    assert first.models == ("embedded/analyst-1", writer.key)
    paid = {node.node: node.expected_nusd > 0 for node in first.nodes}
    assert paid == {
        Node.EXTRACT: False, Node.ANALYZE: False, Node.DECOMPOSE: False, Node.VALIDATE: True,
    }  # fmt: skip


def test_without_a_price_nothing_is_looked_up(project: Project, subsystem: Subsystem) -> None:
    never_parsed = factories.revision(project, "Bare")
    found = estimated(never_parsed, subsystem, None)
    assert found.costs_nothing
    assert found.first.fits
    assert (found.first.expected_nusd, found.first.worst_nusd) == (0, 0)


def test_a_local_model_that_costs_nothing_is_counted_all_the_same(
    revision: Revision, subsystem: Subsystem
) -> None:
    found = estimated(revision, subsystem, priced("Local", input_price=0, output_price=0))
    assert not found.costs_nothing
    assert (found.first.expected_nusd, found.first.worst_nusd, found.first.fits) == (0, 0, True)
    assert node_of(found, Node.DECOMPOSE).output_tokens > 0


# Budgets


def test_the_number_of_queries_depends_on_nothing(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    pinned = routes.pin(project, only=writer)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            estimate(revision, subsystem, pinned, 3, project)
        return len(captured)

    read_before(revision, "embedded/analyst-1", sources=2)
    fresh = estimated(revision, subsystem, writer)
    ended(project, fresh, times=1)
    before = queries()
    assert before <= 16
    for number in range(4):
        factories.subsystem(project, f"S{number}", f"Sibling {number}")
        ended(project, fresh, times=1)
    read_before(revision, writer.key, sources=30)
    assert queries() == before


def test_models_of_a_route_are_looked_up_together(
    project: Project, revision: Revision, subsystem: Subsystem
) -> None:
    def queries(models: int) -> int:
        for position in range(Route.objects.count() // len(Node) + 1, models + 1):
            profile = priced(f"Writer {position}", model=f"writer-{position}")
            for node in Node:
                Route.objects.create(project=project, node=node, profile=profile, position=position)
        with CaptureQueriesContext(connection) as captured:
            assert len(estimated(revision, subsystem, None).routes) == models + 1
        return len(captured)

    assert queries(2) == queries(5)


def test_the_narrowest_model_that_can_be_asked_bounds_the_requests(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    narrow = priced("Narrow", max_output_tokens=700)
    for position, profile in enumerate((writer, narrow), start=1):
        Route.objects.create(project=project, node=Node.EXTRACT, profile=profile, position=position)
    pinned = routes.pin(project)

    def extract() -> Any:
        return node_of(estimate(revision, subsystem, pinned, 3, project), Node.EXTRACT)

    both = extract()
    assert both.requests > 1
    ModelProfile.objects.filter(pk=narrow.pk).update(enabled=False)  # after the pinning
    assert extract().requests == 1


def test_all_sums_are_whole_nano_dollars(
    revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    found = estimated(revision, subsystem, writer)
    kept = found.as_json(found.first)
    assert kept["expected_nusd"] == sum(node["expected_nusd"] for node in kept["nodes"])
    assert math.floor(kept["expected_nusd"]) == kept["expected_nusd"] > 0
    assert kept["models"] == [writer.key]
    assert [node["node"] for node in kept["nodes"]] == [
        "extract", "analyze", "decompose", "validate",
    ]  # fmt: skip
