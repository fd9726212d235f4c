from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from reqplatform import env

NAME = "REQPLATFORM_TEST_VALUE"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda value: monkeypatch.setenv(NAME, value)


def integer() -> int:
    return env.integer(NAME, 5, least=1, most=10)


def decimal() -> Decimal:
    return env.decimal(NAME, Decimal("0.8"), least=Decimal(0), most=Decimal(1))


def boolean() -> bool:
    return env.boolean(NAME, False)


def choice() -> str:
    return env.choice(NAME, "a", ("a", "b"))


def database() -> dict[str, object]:
    return env.database(NAME, "sqlite:////tmp/x")


def key() -> str:
    return env.secret_key(NAME, Path("/nonexistent/secret"))


@pytest.mark.parametrize(
    ("read", "raw", "value"),
    [
        (integer, "", 5),
        (integer, "  ", 5),
        (integer, " 10 ", 10),
        (decimal, "", Decimal("0.8")),
        (decimal, "0.95", Decimal("0.95")),
        (decimal, "1", Decimal(1)),
        (boolean, "", False),
        (boolean, "YES", True),
        (boolean, "on", True),
        (boolean, "0", False),
        (choice, "b", "b"),
        (key, "k" * 32, "k" * 32),
    ],
)
def test_good_values(
    given: Callable[[str], None], read: Callable[[], Any], raw: str, value: Any
) -> None:
    given(raw)
    assert read() == value


@pytest.mark.parametrize(
    ("read", "raw"),
    [
        (integer, "0"),
        (integer, "11"),
        (integer, "3.5"),
        (integer, "x"),
        (decimal, "1.01"),
        (decimal, "-0.1"),
        (decimal, "NaN"),
        (decimal, "Infinity"),
        (decimal, "0,8"),
        (boolean, "maybe"),
        (choice, "c"),
        (database, "mysql://x/y"),
        (database, "postgresql://host"),
        (database, "sqlite"),
        (database, "postgresql://user:secret@host:abc/db"),
        (database, "postgresql://user:secret@host:99999/db"),
        (database, "postgresql://user:secret@[host/db"),
        (database, "postgresql://user:secret@host/db?sslmod=require"),
        (database, "postgresql://user:secret@host/db?sslmode"),
        (key, "short"),
    ],
)
def test_a_bad_value_fails_loudly_and_names_its_variable(
    given: Callable[[str], None], read: Callable[[], Any], raw: str
) -> None:
    given(raw)
    with pytest.raises(ImproperlyConfigured, match=NAME) as refusal:
        read()
    assert "secret" not in str(refusal.value)


def test_names(given: Callable[[str], None]) -> None:
    assert env.names(NAME, ["x"]) == ["x"]
    given("a.example, b.example,, ,")
    assert env.names(NAME, []) == ["a.example", "b.example"]


def test_database_urls(given: Callable[[str], None]) -> None:
    given("sqlite:////var/lib/db.sqlite3")
    sqlite = database()
    assert sqlite["NAME"] == "/var/lib/db.sqlite3"
    assert sqlite["OPTIONS"]["transaction_mode"] == "IMMEDIATE"  # type: ignore[index]
    given("postgresql://us%40er:p%2Fw@db.example:5433/plans")
    found = database()
    assert [found[part] for part in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "us@er",
        "p/w",
        "db.example",
        "5433",
        "plans",
    ]
    given("postgresql://postgres@/postgres?host=%2Frun%2Fsockets")
    found = database()
    assert (found["HOST"], found["OPTIONS"]) == ("/run/sockets", {})
    given("postgresql://db.example/plans?sslmode=verify-full&sslrootcert=%2Fca+1.pem")
    assert database()["OPTIONS"] == {"sslmode": "verify-full", "sslrootcert": "/ca+1.pem"}


def test_a_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    file = tmp_path / "new" / "secret_key"
    first = env.secret_key(NAME, file)
    assert len(first) >= 50
    assert env.secret_key(NAME, file) == first
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret_key"]
    assert env.secret_key(NAME, tmp_path / "other") != first


def test_a_file_of_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "from the environment")
    monkeypatch.delenv(NAME + "_2", raising=False)
    file = tmp_path / ".env"
    file.write_text(f'# a comment\n\n{NAME}=from the file\n{NAME}_2 = "a=b"\n', "utf-8")
    env.load_file(file)
    assert env.text(NAME) == "from the environment"
    assert env.text(NAME + "_2") == "a=b"
    monkeypatch.delenv(NAME + "_2")
    env.load_file(tmp_path / "missing")


@pytest.mark.parametrize("line", ["NAME", "=x", "my name=x", "export A=1"])
def test_a_line_that_is_no_value(tmp_path: Path, line: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"\n{line}\n", "utf-8")
    with pytest.raises(ImproperlyConfigured, match="line 2"):
        env.load_file(file)
