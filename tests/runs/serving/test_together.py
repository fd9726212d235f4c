"""Children never outlive whoever looks after them, whatever goes wrong with it."""

import signal
import sys
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management.base import OutputWrapper

from runs.serving import children
from runs.serving import watchdog as watching
from runs.serving.children import Child
from runs.serving.together import run_together

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def sleeper() -> Iterator[Child]:
    child = children.start("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"])
    yield child
    child.kill()


def together(begin: Iterator[Child]) -> None:
    run_together(OutputWrapper(StringIO()), lambda: begin, drain_seconds=5)


def test_one_that_cannot_be_started_leaves_none_behind(sleeper: Child) -> None:
    def begin() -> Iterator[Child]:
        yield sleeper
        raise OSError("no more processes")

    with pytest.raises(OSError, match="no more processes"):
        together(begin())
    assert sleeper.has_ended


def test_an_error_of_the_watchdog_leaves_none_behind(
    sleeper: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    def watch(*args: object, **options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(watching.Watchdog, "watch", watch)
    with pytest.raises(ZeroDivisionError):
        together(iter([sleeper]))
    assert sleeper.has_ended


def test_an_error_of_a_sweep_ends_nobody(sleeper: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    swept = []

    def sweep() -> None:
        swept.append(True)
        raise ValueError("a row that nobody thought of")

    monkeypatch.setattr(watching, "sweep", sweep)
    watchdog = watching.Watchdog()
    watchdog.children.append(sleeper)
    assert watchdog.watch(until=lambda: len(swept) > 0) is None
    assert not sleeper.has_ended
