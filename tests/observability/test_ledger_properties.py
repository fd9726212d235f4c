"""Whatever the order of hold, settle, release and expire: the books agree, and no budget is passed
while no cost exceeds its hold."""

from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observability import budgets, ledger
from observability.budgets import Payer
from observability.ledger import Denied, Held
from observability.models import BudgetWindow, CallState, CostSource, LLMCall, Scope
from observability.tokens import Usage
from runs.models import Run
from tests.observability.accounts import assert_books_agree
from tests.observability.conftest import Caller

LIMITS = {Scope.RUN: 1_000, Scope.DAY: 1_500, Scope.MONTH: None, Scope.TOTAL: 1_300}

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["hold", "settle", "release", "lose", "expire", "confirm", "forgive"]),
        st.integers(0, 12),  # which call
        st.integers(0, 600),  # how much, in nano-USD
    ),
    max_size=40,
)


class Books:
    """The ledger under test, and beside it what a person would note on paper."""

    def __init__(self, call: Caller, windows: list[int], *, honest: bool) -> None:
        self.call, self.windows, self.honest = call, windows, honest
        self.held: list[Held] = []

    def act(self, step: str, which: int, amount: int) -> None:
        if step == "hold":
            answer = ledger.hold(self.call(held_nusd=amount, expires_at=None), self.windows)
            if isinstance(answer, Held):
                self.held.append(answer)
            else:
                self.check_denial(answer)
        elif step == "expire":
            LLMCall.objects.filter(state=CallState.HELD).update(expires_at="2000-01-01T00:00Z")
            ledger.expire()
        elif self.held:
            self.end(step, self.held[which % len(self.held)], amount)

    def end(self, step: str, held: Held, amount: int) -> None:
        cost = min(amount, held.amount_nusd) if self.honest else amount
        if step == "settle":
            ledger.settle(held, answer="", usage=Usage(), cost_nusd=cost, source=CostSource.METERED)
        elif step == "confirm":
            ledger.confirm(held, cost_nusd=cost, source=CostSource.INVOICE)
        elif step == "release":
            ledger.release(held, "refused")
        elif step == "forgive":
            ledger.release(held, "not billed", (CallState.UNCONFIRMED,))
        else:
            ledger.leave_unconfirmed(held, "lost")

    def check_denial(self, denied: Denied) -> None:
        window = BudgetWindow.objects.get(pk=denied.window_id)
        assert window.max_nusd is not None
        assert window.used_nusd + denied.needed_nusd > window.max_nusd
        assert denied.may_wait == (window.spent_nusd + denied.needed_nusd <= window.max_nusd)

    def assert_within_limits(self) -> None:
        for window in BudgetWindow.objects.exclude(max_nusd=None):
            assert window.used_nusd <= (window.max_nusd or 0), window


@pytest.fixture
def limited(run: Run) -> list[int]:
    for budget in run.project.budgets.all():
        limit = LIMITS.get(Scope(budget.scope))
        budgets.set_limits(None, budget, warn_nusd=None, max_nusd=limit)
    return budgets.windows_of(Payer(run.project_id, run.pk))


Examine = Callable[[list[tuple[str, int, int]], bool], None]


@pytest.fixture
def examine(call: Caller, limited: list[int]) -> Examine:
    def examine(steps: list[tuple[str, int, int]], honest: bool) -> None:
        point = transaction.savepoint()  # every example begins with the same, empty accounts
        books = Books(call, limited, honest=honest)
        for step in steps:
            books.act(*step)
            if honest:
                books.assert_within_limits()
        assert_books_agree()
        transaction.savepoint_rollback(point)

    return examine


EXAMPLES = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@EXAMPLES
@given(STEPS)
def test_no_budget_is_passed_while_no_cost_exceeds_its_hold(
    examine: Examine, steps: list[tuple[str, int, int]]
) -> None:
    examine(steps, True)


@EXAMPLES
@given(STEPS)
def test_with_overruns_the_books_agree(examine: Examine, steps: list[tuple[str, int, int]]) -> None:
    examine(steps, False)
