"""What the settings are when nobody sets anything, in a process that has only just begun."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
READ = re.compile(r"env\.(?:\w+)\(\s*\"([A-Z_]+)\"", re.DOTALL)
SHOW = """
import json
from reqplatform import settings
print(json.dumps({name: getattr(settings, name, None) for name in (
    "DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "ACCOUNT_SIGNUP_OPEN", "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "X_FRAME_OPTIONS",
    "Q_CLUSTER",
)}))
"""


def python(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these environment variables and no others."""
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The settings as in a fresh clone: no .env file of a developer's, no var folder."""
    package = tmp_path / "clone" / "reqplatform"
    package.mkdir(parents=True)
    for name in ("__init__.py", "settings.py", "env.py", "tracing.py", "amounts.py"):
        shutil.copy(ROOT / "reqplatform" / name, package)
    return package.parent


def shown(clone: Path, **variables: str) -> dict[str, object]:
    done = python("-c", SHOW, cwd=clone, **variables)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_every_variable_is_listed_in_the_example() -> None:
    read = set(READ.findall((ROOT / "reqplatform" / "settings.py").read_text()))
    listed = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert len(read) > 15
    assert read == listed


def test_secure_unless_asked_otherwise(clone: Path) -> None:
    found = shown(clone)
    assert found["DEBUG"] is False
    assert found["ACCOUNT_SIGNUP_OPEN"] is False
    assert found["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]
    assert (found["SESSION_COOKIE_HTTPONLY"], found["X_FRAME_OPTIONS"]) == (True, "DENY")
    assert shown(clone, DJANGO_DEBUG="yes")["DEBUG"] is True  # so the first line can fail


def test_behind_https_cookies_are_sent_over_it_only(clone: Path) -> None:
    found = shown(clone, REQPLATFORM_HTTPS="1")
    assert (found["SESSION_COOKIE_SECURE"], found["CSRF_COOKIE_SECURE"]) == (True, True)
    assert found["SECURE_HSTS_SECONDS"] == 31_536_000


def test_redis_takes_the_place_of_the_database_s_queue(clone: Path) -> None:
    url = "redis://127.0.0.1:6379/3"
    assert "'orm': 'default'" in str(shown(clone)["Q_CLUSTER"])
    found = str(shown(clone, REDIS_URL=url)["Q_CLUSTER"])
    assert ("'orm'" in found, f"'redis': '{url}'" in found) == (False, True)
    hidden = "import importlib.util as u; u.find_spec = lambda name: None\n" + SHOW
    done = python("-c", hidden, cwd=clone, REDIS_URL="redis://:secret@127.0.0.1:6379/3")
    assert "pip install" in done.stderr.splitlines()[-1]
    assert "secret" not in done.stderr


def test_each_installation_makes_a_secret_key_of_its_own(clone: Path, tmp_path: Path) -> None:
    first = shown(clone)["SECRET_KEY"]
    kept = clone / "var" / "secret_key"
    assert (kept.read_text(), kept.stat().st_mode & 0o777) == (first, 0o600)
    assert len(str(first)) >= 50
    assert shown(clone)["SECRET_KEY"] == first
    second = shown(clone, REQPLATFORM_DATA_DIR=str(tmp_path / "elsewhere"))["SECRET_KEY"]
    assert (tmp_path / "elsewhere" / "secret_key").read_text() == second
    assert second != first
    given = "given-" * 6
    assert shown(clone, DJANGO_SECRET_KEY=given)["SECRET_KEY"] == given


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DJANGO_DEBUG", "perhaps"),
        ("DJANGO_SECRET_KEY", "short"),
        ("QUALITY_THRESHOLD", "NaN"),
        ("MAX_ITERATIONS", "11"),
        ("DATABASE_URL", "mysql://db/plans"),
        ("REQPLATFORM_PARSE_SECONDS", "soon"),
        ("LOG_LEVEL", "LOUD"),
        ("RUN_LEASE_SECONDS", "14"),
        ("RUN_HEARTBEAT_SECONDS", "7"),
        ("REDIS_URL", "localhost:6379"),
        ("METRICS_TOKEN", "short"),
        ("METRICS_TOKEN", "a token with blanks in it"),
        ("METRICS_ALLOW", "10.0.0.0/8, localhost"),
        ("METRICS_ALLOW", "10.0.0.1/8"),
    ],
)
def test_a_wrong_value_stops_the_server_and_names_its_variable(
    tmp_path: Path, variable: str, value: str
) -> None:
    data = str(tmp_path)
    done = python("manage.py", "check", cwd=ROOT, **{"REQPLATFORM_DATA_DIR": data, variable: value})
    assert done.returncode != 0
    assert variable in done.stderr.splitlines()[-1]
