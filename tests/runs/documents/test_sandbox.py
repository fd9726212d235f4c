"""The child process: same document, bounded time and memory, works from wherever it is called."""

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from runs.documents import DocumentRefused, parse, parse_safely

ROOT = Path(__file__).resolve().parents[3]
TEXT = b"1. Scope\n\nThe pump shall run.\n\n- at once\n"


def test_the_child_reads_what_the_parser_reads() -> None:
    assert parse_safely(TEXT, "pump.txt") == parse(TEXT, "pump.txt")


def test_odd_names_are_only_names() -> None:
    name = "--help; $(rm) 'ü\u202e\ud800.txt"
    assert parse_safely(TEXT, name).text == parse(TEXT, name).text


def test_a_refusal_comes_back_with_its_code_and_sentence() -> None:
    with pytest.raises(DocumentRefused, match="damaged") as refused:
        parse_safely(b"%PDF-1.4 and nothing else that fits", "a.pdf")
    assert refused.value.code == "corrupt"


def test_the_time_limit_is_kept() -> None:
    with pytest.raises(DocumentRefused, match=r"longer than 0\.01 seconds") as refused:
        parse_safely(TEXT, "a.txt", seconds=0.01)
    assert refused.value.code == "time_limit"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems don't bound address space")
def test_the_memory_limit_is_kept() -> None:
    words = b"The pump shall run. " * 500_000
    with pytest.raises(DocumentRefused) as refused:
        parse_safely(words, "a.txt", memory_mb=60)
    assert refused.value.code == "too_complex"


def test_it_works_in_threads() -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(parse_safely(TEXT, "a.txt").text))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [parse(TEXT, "a.txt").text] * 3


def _into(queue: "multiprocessing.Queue[str]") -> None:
    queue.put(parse_safely(TEXT, "a.txt").text)


def test_it_works_in_a_daemonic_worker() -> None:
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[str] = context.Queue()
    worker = context.Process(target=_into, args=(queue,), daemon=True)
    worker.start()
    assert queue.get(timeout=30) == parse(TEXT, "a.txt").text
    worker.join(timeout=30)


def test_the_child_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    passed: dict[str, str] = {}
    run: Callable[..., subprocess.CompletedProcess[bytes]] = subprocess.run

    def watched(*args: object, **kwargs: object) -> subprocess.CompletedProcess[bytes]:
        environment = kwargs["env"]
        assert isinstance(environment, dict)
        passed.update(environment)
        return run(*args, **kwargs)

    monkeypatch.setenv("SECRET_KEY", "not for the child")
    monkeypatch.setattr(subprocess, "run", watched)
    parse_safely(TEXT, "a.txt")
    assert passed
    assert "SECRET_KEY" not in passed


@pytest.mark.parametrize("module", ["runs.documents", "runs.documents.child"])
def test_importing_stays_lean(module: str) -> None:
    heavy = ("django", "pypdfium2", "docx", "lxml", "pydantic", "charset_normalizer", "markdown_it")
    program = f"import sys, {module}; print(*[m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True,
        env={"PATH": os.environ.get("PATH", "")},
    )  # fmt: skip
    assert done.stdout.split() == []
