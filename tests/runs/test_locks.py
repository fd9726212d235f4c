"""What a worker locks while it commits a node does not hold up what only refers to it."""

import pytest
from django.db import connection, transaction

from observability import budgets, ledger
from observability.budgets import Payer
from observability.ledger import Held
from observability.llm import routes
from observability.models import CallState, LLMCall
from runs.actions.claim import claim
from runs.graph.identities import identify
from runs.models import Run, Subsystem
from runs.records import confirm_lease
from tests import factories
from tests.conftest import World
from tests.runs.actions.at_once import all_at_once


@pytest.fixture
def run(transactional_db: None, world: World) -> Run:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, whatever is locked.")
    return factories.run(world.project)


def soon() -> None:
    """Wait for no lock longer than this."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")


def test_a_call_is_journalled_while_a_node_commits(run: Run) -> None:
    token = claim(run.pk)
    assert token is not None
    profile = routes.profile_of(routes.EMBEDDED_STEP)

    def held() -> bool:
        soon()
        call = LLMCall(project=run.project, run=run, node="analyze", profile=profile, held_nusd=5)
        windows = budgets.windows_of(Payer(run.project_id, run.pk))
        return isinstance(ledger.hold(call, windows), Held)

    with transaction.atomic():
        confirm_lease(run.pk, token)
        assert all_at_once(held) == [True]
    assert LLMCall.objects.get().state == CallState.HELD


def test_a_run_starts_while_another_writes_its_identities(run: Run) -> None:
    other = factories.revision(run.project)

    def start() -> Subsystem:
        soon()
        return factories.run(run.project, revision=other, subsystem=run.subsystem).subsystem

    with transaction.atomic():
        identify(run.subsystem, [])
        assert all_at_once(start) == [run.subsystem]


def test_the_lease_stays_locked_until_the_commit(run: Run) -> None:
    """Nobody else confirms or takes the lease between the confirmation and the commit."""
    token = claim(run.pk)
    assert token is not None

    def confirmed() -> bool:
        with transaction.atomic():
            rows = Run.objects.select_for_update(skip_locked=True, no_key=True)
            return rows.filter(pk=run.pk).exists()

    with transaction.atomic():
        confirm_lease(run.pk, token)
        assert all_at_once(confirmed) == [False]
    assert all_at_once(confirmed) == [True]
