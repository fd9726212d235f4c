"""Estimates: what is counted, and what it costs."""

import json
import math
from typing import Any

import pytest
from django.utils import timezone

from observability import tokens
from observability.models import ModelProfile, Node
from observability.pricing import price_of
from observability.tokens import Usage
from reqplatform.teams.models import Project
from runs.documents.serialise import from_bytes
from runs.estimating.workload import MOST_BLOCKS, Reading
from runs.models import Allocation, Revision, RunStatus, Subsystem
from runs.passages import requests
from skills.models import SkillSlug
from tests import factories
from tests.conftest import World
from tests.runs.estimated import (
    ended,
    estimated,
    node_of,
    priced,
    read_before,
    sent,
    stored,
    text_of,
)
from tests.runs.estimated import project as project
from tests.runs.estimated import revision as revision
from tests.runs.estimated import subsystem as subsystem
from tests.runs.estimated import writer as writer


def counted(messages: Any) -> int:
    return tokens.estimate("".join(content for _, content in messages), "").input_fresh


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
    read_before(revision, sources=7)
    after = estimated(revision, subsystem, writer)
    assert (after.sources, after.sources_known) == (7, True)
    assert node_of(after, Node.ANALYZE).output_tokens < node_of(before, Node.ANALYZE).output_tokens


def test_the_note_names_what_would_make_it_better_and_only_that(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    fresh = estimated(revision, subsystem, writer)
    assert "Once the revision has been read" in fresh.note
    assert "Once a run with the model has ended" in fresh.note
    read_before(revision)
    ended(project, fresh, times=1)
    assert "Once" not in estimated(revision, subsystem, writer).note


def test_none_counted_is_none(
    revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    read_before(revision, writer, sources=0)
    found = estimated(revision, subsystem, writer)
    assert (found.sources, found.sources_known, found.first.expected_nusd) == (0, True, 0)
    assert found.first.worst_nusd > 0


def test_an_extraction_that_is_there_is_not_paid_again(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    read_before(revision)
    assert not node_of(estimated(revision, subsystem, writer), Node.EXTRACT).paid
    read_before(revision, writer)
    extract = node_of(estimated(revision, subsystem, writer), Node.EXTRACT)
    assert (extract.paid, extract.requests) == (True, 0)
    assert extract.expected_nusd == extract.worst_nusd == extract.hold_nusd == 0
    factories.skill_version(SkillSlug.EXTRACTION, project)  # another method reads anew
    assert not node_of(estimated(revision, subsystem, writer), Node.EXTRACT).paid


def test_another_revisions_extraction_says_nothing(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    read_before(stored(project, title="Other"), writer)
    found = estimated(revision, subsystem, writer)
    assert not found.sources_known
    assert not node_of(found, Node.EXTRACT).paid


def test_what_the_last_run_of_the_same_allocated_is_known(
    project: Project, revision: Revision, subsystem: Subsystem, writer: ModelProfile
) -> None:
    extraction = read_before(revision, sources=10)
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
