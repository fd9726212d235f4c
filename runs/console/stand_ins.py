"""Which models answered in the place of others."""

from collections import Counter

from django.db.models import Count, Q

from observability.llm.routes import EMBEDDED
from observability.models import CallPurpose, CallState, LLMCall
from runs.models import Run


def stand_ins(run: Run) -> list[str]:
    """A sentence for each model that answered because those before it in a route did not."""
    mine = Q(run=run)
    if run.extraction_id:
        mine |= Q(run=None, extraction=run.extraction_id)
    rows = (
        LLMCall.objects.filter(mine, purpose=CallPurpose.FALLBACK, state=CallState.SETTLED)
        .order_by("node", "provider", "model")
        .values_list("node", "provider", "model")
        .annotate(answers=Count("pk"))
    )
    answers: Counter[tuple[str, str]] = Counter()
    for node, provider, name, count in rows:
        model = f"{provider}/{name}"
        order = [str(step["model"]) for step in run.routes.get(node, ())]
        before = order[: order.index(model)] if model in order else order[:1]
        answers[", ".join(before), model] += count
    return [_sentence(before, model, count) for (before, model), count in answers.items()]


def _sentence(before: str, model: str, answers: int) -> str:
    name = EMBEDDED.name if model == EMBEDDED.key else model
    count = "1 answer" if answers == 1 else f"{answers:,} answers"
    return f"{before} gave no answer that could be used: {name} answered instead ({count})."
