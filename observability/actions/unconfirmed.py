"""What a person knows of a call whose outcome nobody else could tell."""

from observability import ledger, node_costs
from observability.models import CallState, CostSource, LLMCall
from observability.money import MOST_NUSD, format_usd
from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import require_role


def not_billed(user: User | None, call: LLMCall) -> None:
    """Give back what an unconfirmed call holds: the provider did not bill it. Owners only.

    Raises Conflict if the call is not unconfirmed any more.
    """
    require_role(user, call.project, Role.OWNER)  # what was billed is true in an archive as well
    note = f"Not billed by the provider, says {_name(user)}."
    if not ledger.release(ledger.Held.of(call), note, frm=(CallState.UNCONFIRMED,)):
        raise _too_late(call)
    _settled(call)


class AboveHold(InvalidInput):
    """The amount is more than the call could cost; `sure` says that it is meant."""

    code = "above_hold"


def billed(user: User | None, call: LLMCall, cost_nusd: int, *, sure: bool = False) -> None:
    """Book what the provider's bill says that an unconfirmed call cost. Owners only.

    Raises InvalidInput for an amount that no call costs, AboveHold for more than was held unless
    the person is `sure`, and Conflict if the call is not unconfirmed any more.

    More than was held means a wrong cap or price. The model is switched off for all projects, but
    only if an administrator says so: an owner speaks for one project.
    """
    require_role(user, call.project, Role.OWNER)
    if not 0 <= cost_nusd <= MOST_NUSD:
        raise InvalidInput(
            f"A call costs {format_usd(0)} to {format_usd(MOST_NUSD)}; the bill says the amount in "
            "dollars.",
            field="amount",
        )
    if cost_nusd and not call.held_nusd:
        raise InvalidInput(
            f"By its price {call.profile.name} costs nothing, so no budget was charged with this "
            "call and none can be now. If it is billed after all, an administrator corrects the "
            "price; runs that start then are charged.",
            field="amount",
        )
    if cost_nusd > call.held_nusd and not sure:
        raise AboveHold(above_hold(user, call, cost_nusd), field="amount")
    held = ledger.Held.of(call)
    note = f"{format_usd(cost_nusd)} by the provider's bill, says {_name(user)}."
    note = f"{note} Before: {call.error}"
    if not ledger.confirm(
        held,
        cost_nusd=cost_nusd,
        source=CostSource.INVOICE,
        note=note,
        may_disable=_speaks_for_all(user),
    ):
        raise _too_late(call)
    _settled(call)


def above_hold(user: User | None, call: LLMCall, cost_nusd: int) -> str:
    """What follows from a bill above what the call could cost, for whoever enters it."""
    then = "it is switched off for all projects" if _speaks_for_all(user) else "owners are told"
    return (
        f"{format_usd(cost_nusd)} is more than the {format_usd(call.held_nusd)} that was held, the "
        f"most that the call could cost. If the bill says so, {call.profile.name} ignored its cap "
        f"or has another price: {then}, and the budgets count the whole amount, past their stops."
    )


def _speaks_for_all(user: User | None) -> bool:
    return user is None or user.is_superuser


def _settled(call: LLMCall) -> None:
    """Add up again what the call is part of."""
    node_costs.refresh()
    call.refresh_from_db(fields=["state", "cost_source", "cost_nusd", "overrun", "error"])


def _name(user: User | None) -> str:
    return user.display_name if user else "the operator"


def _too_late(call: LLMCall) -> Conflict:
    call.refresh_from_db(fields=["state"])
    return Conflict(
        f"The call is {call.get_state_display().lower()}: only an unconfirmed one can be settled "
        "by hand."
    )
