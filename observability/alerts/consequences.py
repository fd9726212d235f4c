"""What follows from how a call ended: a model that is disabled, alerts that are raised or answered.

Called by the ledger after it has booked, outside of its transactions: nothing here moves money.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone

from observability.alerts import raise_alert
from observability.models import Alert, AlertCause, CallState, CostSource, LLMCall, ModelProfile
from observability.money import format_usd

# Shown to every project that asks the model, so without the figures of the one it happened to.
IGNORED = (
    "A call cost more than its cap allows: the provider ignored the cap, or the price is wrong. An "
    "administrator mends the cap's name or the price, then switches the model on again."
)

CHECK = "An administrator checks the price and the cap's name of the model."


def overrun(call_id: UUID, held_nusd: int, cost_nusd: int, *, disables: bool = True) -> None:
    """Disable the profile of a call that cost more than it could, and tell its project: both, or
    neither."""
    call = LLMCall.objects.select_related("profile").defer("prompt", "answer").get(pk=call_id)
    what = f"{call.profile.name}: by the bill, a call cost"
    if disables:
        what = f"{call.profile.name} is disabled: a call cost"
    with transaction.atomic():
        if disables:
            profile = ModelProfile.objects.filter(pk=call.profile_id)
            profile.update(enabled=False, disabled_reason=IGNORED)
        raise_alert(
            call.project_id,
            AlertCause.OVERRUN,
            _model_subject(call.profile_id),
            f"{what} {format_usd(cost_nusd)} where its cap allows for at most "
            f"{format_usd(held_nusd)}. {IGNORED if disables else CHECK}",
            run_id=call.run_id,
        )


def missed_overruns(project_id: int, since: datetime) -> int:
    """Do the same for calls that were booked since by a process that died before it could; for how
    many models. One is missed if no alert of its model stands open or was acknowledged later."""
    rows = LLMCall.objects.filter(project=project_id, overrun=True, finished_at__gte=since)
    columns = ("profile_id", "held_nusd", "cost_nusd", "cost_source", "finished_at")
    latest = {call.profile_id: call for call in rows.only(*columns).order_by("finished_at")}
    missed = 0
    for call in latest.values():
        told = Q(acknowledged_at=None) | Q(acknowledged_at__gte=call.finished_at)
        seen = Alert.objects.filter(
            told,
            project=project_id,
            cause=AlertCause.OVERRUN,
            subject=_model_subject(call.profile_id),
        )
        if not seen.exists():
            disables = call.cost_source != CostSource.INVOICE
            overrun(call.pk, call.held_nusd, call.cost_nusd or 0, disables=disables)
            missed += 1
    return missed


def _model_subject(profile_id: int) -> str:
    return f"model {profile_id}"


def left_unconfirmed(call_id: UUID) -> None:
    """The alert of the call's run, or of its extraction, says what of it is unconfirmed now."""
    call = _light(call_id)
    if text := _text(call):  # else it was settled meanwhile
        raise_alert(
            call.project_id, AlertCause.UNCONFIRMED, _subject(call), text, run_id=call.run_id
        )


def settled_late(call_id: UUID) -> None:
    """That alert, while it is open, says what is left, and is answered when nothing is."""
    call = _light(call_id)
    text = _text(call)
    Alert.objects.filter(
        project=call.project_id,
        cause=AlertCause.UNCONFIRMED,
        subject=_subject(call),
        acknowledged_at=None,
    ).update(**({"message": text} if text else {"acknowledged_at": timezone.now()}))


def _light(call_id: UUID) -> LLMCall:
    call: LLMCall = LLMCall.objects.only("project_id", "run_id", "extraction_id").get(pk=call_id)
    return call


def _subject(call: LLMCall) -> str:
    return f"run {call.run_id}" if call.run_id else f"extraction {call.extraction_id}"


def _text(call: LLMCall) -> str:
    """What is unconfirmed of the call's run or extraction; "" if nothing is."""
    payer: dict[str, Any] = (
        {"run": call.run_id} if call.run_id else {"extraction": call.extraction_id}
    )
    rows = LLMCall.objects.filter(**payer, state=CallState.UNCONFIRMED, held_nusd__gt=0)
    left = rows.order_by().aggregate(count=Count("pk"), nusd=Sum("held_nusd", default=0))
    if not left["count"]:
        return ""
    calls = "a call is" if left["count"] == 1 else f"{left['count']} calls is"
    return (
        f"The outcome of {calls} unknown: {format_usd(left['nusd'])}, the most that can have been "
        "billed, stay charged until LangSmith or a person settles it (under Budgets)."
    )
