"""The provider's bill beside our books: what was asked, paid, and written down."""

import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass

from fault_rows.stage import Measured, Stage
from observability.models import BudgetWindow, CallState, CostSource, LLMCall, Scope
from tests.observability.accounts import sums_of

Costs = Counter[int]


@dataclass(frozen=True)
class Books:
    """Of one row. `unrecorded` is money, in nano-USD; the others are counts of calls.

    A call is known by its words: the provider never sees our ids.
    """

    asked: int
    billed_nusd: int
    unrecorded_nusd: int  # billed, and neither settled nor held as unconfirmed
    spent_too_little_nusd: int  # the project's total beside the bill
    unjournaled: int  # asked without a row
    repeated: int  # asked again after the answer had been booked
    inexact: int  # settled at another figure than the provider's
    double: int  # settled more often than billed
    unconfirmed: int
    held: int
    drift_nusd: int

    def put(self, measured: Measured) -> None:
        """Everything that must be 0 in every row with a provider."""
        measured.figures["calls"] = self.asked
        measured.zero("unrecorded nano-USD", self.unrecorded_nusd + self.spent_too_little_nusd)
        measured.zero("settled calls repeated", self.repeated)
        measured.figures["unconfirmed"] = self.unconfirmed
        for name in ("unjournaled", "inexact", "double", "held", "drift_nusd"):
            count = getattr(self, name)
            measured.must(count == 0, f"{name}: {count}")


def books(stage: Stage) -> Books:
    calls = list(LLMCall.objects.filter(project=stage.project).order_by("id"))
    paid = [call for call in calls if call.cost_source != CostSource.REPLAYED]
    bill, asked = _bill(stage)
    rows: dict[str, list[LLMCall]] = defaultdict(list)
    for call in paid:
        rows[_digest([(role, text) for role, text in call.prompt])].append(call)
    unrecorded = inexact = double = 0
    for words in set(bill) | set(rows):
        settled = Counter(
            call.cost_nusd or 0 for call in rows[words] if call.state == CallState.SETTLED
        )
        more, lost = settled - bill[words], bill[words] - settled
        inexact += sum(more.values())
        double += max(0, settled.total() - bill[words].total())
        kept = sum(c.held_nusd for c in rows[words] if c.state == CallState.UNCONFIRMED)
        unrecorded += max(0, sum(lost.elements()) - kept)
    total = BudgetWindow.objects.filter(project=stage.project, budget__scope=Scope.TOTAL).first()
    return Books(
        asked=sum(asked.values()),
        billed_nusd=stage.wire.bill.nusd,
        unrecorded_nusd=unrecorded,
        spent_too_little_nusd=max(0, stage.wire.bill.nusd - (total.spent_nusd if total else 0)),
        unjournaled=sum(max(0, asked[words] - len(rows[words])) for words in asked),
        repeated=_repeated(paid),
        inexact=inexact,
        double=double,
        unconfirmed=sum(call.state == CallState.UNCONFIRMED for call in paid),
        held=sum(call.state == CallState.HELD for call in paid),
        drift_nusd=drift(stage.project.pk),
    )


def drift(project: int) -> int:
    """Nano-USD by which a window's columns differ from the sums of its calls."""
    found = 0
    for window in BudgetWindow.objects.filter(project=project).select_related("budget"):
        columns = (window.held_nusd, window.spent_nusd, window.unconfirmed_nusd)
        found += sum(abs(a - b) for a, b in zip(columns, sums_of(window), strict=True))
    return found


def _bill(stage: Stage) -> tuple[dict[str, Costs], Counter[str]]:
    """The provider's lines and requests by the words that were sent."""
    words = {f"wire-{one.number}": _digest(one.messages) for one in list(stage.wire.requests)}
    bill: dict[str, Costs] = defaultdict(Counter)
    for line in stage.wire.bill.lines:
        bill[words[line.id]][line.nusd] += 1
    return bill, Counter(words.values())


def _repeated(paid: list[LLMCall]) -> int:
    """Calls that were begun although the same question had been answered and booked before."""
    booked: dict[str, list[LLMCall]] = defaultdict(list)
    for call in paid:
        if call.state == CallState.SETTLED:
            booked[call.request_key].append(call)
    return sum(
        any(
            before.pk != call.pk and before.finished_at and before.finished_at < call.created_at
            for before in booked[call.request_key]
        )
        for call in paid
    )


def _digest(messages: list[tuple[str, str]]) -> str:
    return hashlib.sha256(json.dumps([list(one) for one in messages]).encode()).hexdigest()
