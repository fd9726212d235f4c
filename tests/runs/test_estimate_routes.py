"""Estimates of each route: its worst case, its models, its keys, and what looking takes."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from observability.llm import routes
from observability.models import ModelProfile, Node, Route
from reqplatform.teams.models import Project
from runs.estimating import alternatives, estimate, missing_keys_of, models_of
from runs.estimating.shown import EstimateOut
from runs.models import Revision, Subsystem
from tests import factories
from tests.runs.estimated import ended, estimated, node_of, priced, read_before
from tests.runs.estimated import project as project
from tests.runs.estimated import revision as revision
from tests.runs.estimated import subsystem as subsystem
from tests.runs.estimated import writer as writer

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


# Keys


def test_a_route_without_a_key_does_not_fit_and_names_the_variable(
    project: Project,
    revision: Revision,
    subsystem: Subsystem,
    writer: ModelProfile,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keyed = priced("Keyed", api_key_env="KEYED_API_KEY")
    monkeypatch.delenv("KEYED_API_KEY", raising=False)
    for node in Node:
        for position, profile in enumerate((keyed, writer), start=1):
            Route.objects.create(project=project, node=node, profile=profile, position=position)
    without = estimated(revision, subsystem, None)
    first, second, _ = without.routes
    assert (first.missing_keys, first.fits) == (("KEYED_API_KEY",), False)
    assert first.too_tight is None
    assert (second.missing_keys, second.fits) == ((), True)
    assert without.first_that_fits is second
    assert missing_keys_of(first.routes) == first.missing_keys
    shown = EstimateOut.of(without).routes[0]
    assert (shown.missing_keys, shown.fits) == (["KEYED_API_KEY"], False)
    monkeypatch.setenv("KEYED_API_KEY", "key")
    with_it = estimated(revision, subsystem, None)
    assert (with_it.first.missing_keys, with_it.first.fits) == ((), True)
    assert missing_keys_of(with_it.first.routes) == ()


def test_where_only_workers_have_the_key_the_cheaper_route_is_offered_all_the_same(
    project: Project, revision: Revision, subsystem: Subsystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KEYED_API_KEY", raising=False)
    Project.objects.filter(pk=project.pk).update(embedded_fallback=False)
    project.refresh_from_db()
    keyed = priced("Keyed", api_key_env="KEYED_API_KEY")
    found = estimated(revision, subsystem, keyed)
    assert not found.first.fits
    assert found.first_that_fits is found.first


# What it takes


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

    read_before(revision, sources=2)
    fresh = estimated(revision, subsystem, writer)
    ended(project, fresh, times=1)
    before = queries()
    assert before <= 16
    for number in range(4):
        factories.subsystem(project, f"S{number}", f"Sibling {number}")
        ended(project, fresh, times=1)
    read_before(revision, writer, sources=30)
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
