"""Prompts and answers go when they are old enough; figures and what may be replayed stay."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.utils import timezone

from observability import retention, rollups
from observability.models import LLMCall, SpanCost
from runs.models import ExtractionState, Run, RunStatus
from tests import factories
from tests.conftest import World
from tests.money import CENT, held_call, paid_call, refused_call, unconfirmed_call

WORDS: dict[str, Any] = {"prompt": [["human", "What shall it do?"]]}


@pytest.fixture
def run(world: World, settings: LazySettings) -> Run:
    settings.PROMPT_DAYS = 30
    return factories.completed_run(world.project)


def old(call: LLMCall, days: int = 31) -> LLMCall:
    at = timezone.now() - timedelta(days=days)
    LLMCall.objects.filter(pk=call.pk).update(created_at=at)
    return call


def kept(call: LLMCall) -> bool:
    call.refresh_from_db()
    assert bool(call.prompt) == (call.pruned_at is None)
    return bool(call.prompt)


def test_words_go_and_figures_stay(run: Run) -> None:
    call = old(paid_call(run, 3 * CENT, **WORDS))
    young = old(paid_call(run, **WORDS), 29)
    rollups.refresh()
    before = list(SpanCost.objects.order_by("id").values())
    figures = LLMCall.objects.values("cost_nusd", "input_fresh", "output", "price", "request_key")
    was = figures.get(pk=call.pk)
    assert retention.prune() == 1
    assert retention.prune() == 0
    assert (kept(call), kept(young)) == (False, True)
    assert call.answer == ""
    assert figures.get(pk=call.pk) == was
    rollups.rebuild([run.project_id])
    after = list(SpanCost.objects.order_by("id").values())
    assert [{**row, "id": 0} for row in before] == [{**row, "id": 0} for row in after]


def test_what_may_be_needed_stays(run: Run, world: World) -> None:
    failed = factories.run(world.project, status=RunStatus.FAILED)
    needed = [
        old(paid_call(failed, **WORDS)),
        old(held_call(run, **WORDS)),
        old(unconfirmed_call(run, **WORDS)),
    ]
    shared = old(paid_call(run, shared=True, **WORDS))
    assert run.extraction is not None
    run.extraction.state = ExtractionState.PENDING
    run.extraction.save(update_fields=["state"])
    assert retention.prune() == 0
    assert all(map(kept, [*needed, shared]))
    run.extraction.state = ExtractionState.DONE
    run.extraction.save(update_fields=["state"])
    released = old(refused_call(run, **WORDS))
    assert retention.prune() == 2
    assert (kept(shared), kept(released)) == (False, False)


def test_a_project_says_otherwise(run: Run) -> None:
    call = old(paid_call(run, **WORDS))
    run.project.prompt_days = 0
    run.project.save()
    assert retention.prune() == 0
    run.project.prompt_days = 40
    run.project.save()
    assert retention.prune() == 0
    run.project.prompt_days = 10
    run.project.save()
    assert retention.prune() == 1
    assert not kept(call)


def test_nothing_goes_unless_somebody_says_so(run: Run, settings: LazySettings) -> None:
    settings.PROMPT_DAYS = 0
    old(paid_call(run, **WORDS), 5_000)
    assert retention.prune() == 0


def test_the_command(run: Run) -> None:
    call = old(paid_call(run, **WORDS))
    out = StringIO()
    call_command("prune_prompts", dry_run=True, stdout=out)
    assert "survey: kept for 30 days; 1 calls to be pruned" in out.getvalue()
    assert kept(call)
    call_command("prune_prompts", stdout=out)
    assert "Pruned 1 calls." in out.getvalue()
    assert not kept(call)


def test_the_page_says_so(run: Run, world: World) -> None:
    call = old(paid_call(run, 3 * CENT, **WORDS))
    retention.prune()
    text = world.client(world.viewer).get(f"/calls/{call.pk}/").text
    assert "prompts and answers are kept for a time only" in text
    assert "$0.0300" in text
