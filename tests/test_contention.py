"""Transactions that met others, or lost the database: done again where it helps."""

import psycopg
import pytest
from django.db import OperationalError, transaction

from reqplatform import contention
from reqplatform.contention import is_away, retried


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reqplatform.contention.time.sleep", lambda seconds: None)


def away() -> OperationalError:
    error = OperationalError("the connection is lost")
    error.__cause__ = psycopg.errors.AdminShutdown("terminating connection")
    return error


@pytest.mark.django_db(transaction=True)
def test_a_database_that_comes_back_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [away()] * 20

    @retried
    def work() -> str:
        if failures:
            raise failures.pop()
        return "done"

    assert work() == "done"
    failures[:] = [away()] * 20
    with transaction.atomic(), pytest.raises(OperationalError):
        work()
    monkeypatch.setattr(contention, "AWAY_SECONDS", 0.0)
    with pytest.raises(OperationalError):
        work()


def test_other_errors_are_no_outage() -> None:
    wrong = OperationalError("no such table")
    wrong.__cause__ = psycopg.errors.UndefinedTable("no such table")
    assert is_away(away())
    assert not is_away(wrong)
