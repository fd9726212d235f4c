"""What work that was done would have cost elsewhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from observability import pricing, tokens
from observability.models import CallState, CostSource, LLMCall


@dataclass(frozen=True, slots=True)
class Alternative:
    """A model and what it would have asked for, in nano-USD: an estimate, since its own tokenizer
    would count differently and its answers would differ in length."""

    name: str
    cost_nusd: int


def elsewhere(runs: Iterable[UUID], extractions: Iterable[int]) -> list[Alternative]:
    """What the calls of these runs and extractions would have cost with well-known models.

    Tokens are estimated from the words that were sent and answered (`tokens.estimate`), prices are
    today's of the built-in list. Each question counts once, whatever it took to get its answer.
    """
    calls = LLMCall.objects.filter(
        Q(run__in=list(runs)) | Q(extraction__in=list(extractions)), state=CallState.SETTLED
    ).exclude(cost_source=CostSource.REPLAYED)
    return [Alternative(name, nusd) for name, nusd in pricing.what_if(_usages(calls.iterator()))]


def _usages(calls: Iterable[LLMCall]) -> Iterator[tokens.Usage]:
    for call in calls:
        prompt = "".join(content for _, content in call.prompt)
        yield tokens.estimate(prompt, call.answer)
