"""One rule for all names that switch tracing on, and LangSmith's SDK goes by it too."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langsmith import utils

from reqplatform import tracing

ROOT = Path(__file__).parent.parent
NAMES = (*tracing.SWITCHES, *tracing.KEYS, *tracing.PROJECTS, *tracing.ENDPOINTS)
WRITTEN = ("LANGSMITH_USE_DAEMON", "LANGSMITH_DISABLE_RUN_COMPRESSION", "LANGCHAIN_HANDLER")
NOWHERE = "http://127.0.0.1:9"  # a private endpoint, which may need no key

Given = Callable[..., tracing.Tracing]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """Read an environment that has these variables, and no others of ours."""

    def given(**variables: str) -> tracing.Tracing:
        for name in (*NAMES, *WRITTEN):
            monkeypatch.setenv(name, variables.get(name, ""))
        return tracing.read()

    return given


def sdk_traces() -> bool:
    """What the SDK makes of the environment, as in a process that has only just loaded it."""
    remembered: Any = utils.get_env_var
    remembered.cache_clear()
    try:
        return bool(utils.tracing_is_enabled())
    finally:
        remembered.cache_clear()


@pytest.mark.parametrize(
    ("variables", "enabled", "won"),
    [
        ({}, False, ""),
        ({"LANGSMITH_TRACING": "true"}, True, "LANGSMITH_TRACING"),
        ({"LANGSMITH_TRACING": "True"}, True, "LANGSMITH_TRACING"),
        ({"LANGSMITH_TRACING": "1"}, True, "LANGSMITH_TRACING"),
        ({"LANGSMITH_TRACING": " YES "}, True, "LANGSMITH_TRACING"),
        ({"LANGSMITH_TRACING": "on"}, True, "LANGSMITH_TRACING"),
        ({"LANGSMITH_TRACING": "no"}, False, "LANGSMITH_TRACING"),
        ({"LANGSMITH_TRACING_V2": "on"}, True, "LANGSMITH_TRACING_V2"),
        ({"LANGCHAIN_TRACING_V2": "1"}, True, "LANGCHAIN_TRACING_V2"),
        ({"LANGCHAIN_TRACING_V2": "OFF"}, False, "LANGCHAIN_TRACING_V2"),
        ({"LANGCHAIN_TRACING": "yes"}, True, "LANGCHAIN_TRACING"),
        ({"LANGCHAIN_TRACING": "0"}, False, "LANGCHAIN_TRACING"),
        (
            {"LANGSMITH_TRACING": "true", "LANGCHAIN_TRACING_V2": "false"},
            True,
            "LANGSMITH_TRACING",
        ),
        (
            {"LANGSMITH_TRACING": "false", "LANGCHAIN_TRACING_V2": "true"},
            False,
            "LANGSMITH_TRACING",
        ),
        ({"LANGSMITH_TRACING": "1", "LANGSMITH_TRACING_V2": "0"}, True, "LANGSMITH_TRACING"),
        ({"LANGSMITH_TRACING": " ", "LANGCHAIN_TRACING_V2": ""}, False, ""),
        ({"LANGSMITH_TRACING": " ", "LANGCHAIN_TRACING_V2": "yes"}, True, "LANGCHAIN_TRACING_V2"),
    ],
)
def test_the_switch_and_what_the_sdk_makes_of_it(
    given: Given, variables: dict[str, str], enabled: bool, won: str
) -> None:
    found = given(**variables, LANGSMITH_ENDPOINT=NOWHERE)
    assert (found.enabled, found.tracing_from) == (enabled, won)
    assert sdk_traces() is enabled
    assert (won or "LANGSMITH_TRACING is not set") in found.reason


@pytest.mark.parametrize("switch", tracing.SWITCHES)
@pytest.mark.parametrize("endpoint", [NOWHERE, tracing.DEFAULT_ENDPOINT])
def test_a_process_started_from_this_one_reads_the_same(
    given: Given, switch: str, endpoint: str
) -> None:
    variables = {switch: "Yes", "LANGCHAIN_PROJECT": "plans", "LANGSMITH_ENDPOINT": endpoint}
    first = given(**variables)
    second = tracing.read()
    if switch == "LANGCHAIN_TRACING":  # a name that LangChain does not bear with
        assert (second.enabled, second.tracing_from) == (first.enabled, "LANGCHAIN_TRACING_V2")
    else:
        assert second == first
    assert sdk_traces() is first.enabled is (endpoint == NOWHERE)


def test_the_sdk_alone_would_surprise(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is translated here: if the SDK changes its mind, the translation may go."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    assert sdk_traces()
    monkeypatch.setenv("LANGCHAIN_TRACING_V2", "false")
    assert not sdk_traces()
    monkeypatch.delenv("LANGCHAIN_TRACING_V2")
    monkeypatch.setenv("LANGSMITH_TRACING", "True")
    assert not sdk_traces()
    monkeypatch.setenv("LANGCHAIN_TRACING", "yes")
    with pytest.raises(RuntimeError, match="LangChainTracerV1"):
        FakeListChatModel(responses=["Yes."]).invoke("Is it?")


def test_the_oldest_name_does_not_stop_models(given: Given) -> None:
    given(LANGCHAIN_TRACING="yes", LANGCHAIN_HANDLER="langchain")  # on, but without a key
    assert not sdk_traces()
    assert FakeListChatModel(responses=["Yes."]).invoke("Is it?").text == "Yes."


def test_overruled_names_are_told(given: Given) -> None:
    found = given(
        LANGSMITH_TRACING="on",
        LANGCHAIN_TRACING_V2="off",
        LANGCHAIN_TRACING="true",
        LANGSMITH_API_KEY="k",
    )
    assert found.reason == "LANGSMITH_TRACING is on, which wins over LANGCHAIN_TRACING_V2"


@pytest.mark.parametrize(
    "endpoint", ["", "https://api.smith.langchain.com/", "https://eu.api.smith.langchain.com"]
)
def test_the_public_endpoint_needs_a_key(given: Given, endpoint: str) -> None:
    found = given(LANGSMITH_TRACING="true", LANGSMITH_ENDPOINT=endpoint)
    assert not found.enabled
    assert not found.api_key_set
    assert re.search(r"LANGSMITH_API_KEY is not set.*smith\.langchain\.com", found.reason)
    assert not sdk_traces()
    found = given(LANGSMITH_TRACING="true", LANGSMITH_ENDPOINT=endpoint, LANGCHAIN_API_KEY="k")
    assert (found.enabled, found.api_key_set, found.api_key_from) == (
        True,
        True,
        "LANGCHAIN_API_KEY",
    )
    assert sdk_traces()


def test_a_name_that_only_ends_alike_is_not_the_public_endpoint(given: Given) -> None:
    assert given(
        LANGSMITH_TRACING="1", LANGSMITH_ENDPOINT="https://traces.notlangchain.com"
    ).enabled


def test_the_new_names_win(given: Given) -> None:
    old = {
        "LANGCHAIN_API_KEY": "old",
        "LANGCHAIN_PROJECT": "old plans",
        "LANGCHAIN_ENDPOINT": "https://old.example/api/v1/",
    }
    found = given(**old)
    assert (found.project, found.endpoint) == ("old plans", "https://old.example/api/v1")
    assert found.project_from == "LANGCHAIN_PROJECT"
    new = {name.replace("LANGCHAIN", "LANGSMITH"): value + "er" for name, value in old.items()}
    new["LANGSMITH_ENDPOINT"] = "https://new.example"
    found = given(**old, **new)
    assert (found.project, found.endpoint) == ("old planser", "https://new.example")
    assert (found.api_key_from, found.project_from, found.endpoint_from) == (
        "LANGSMITH_API_KEY",
        "LANGSMITH_PROJECT",
        "LANGSMITH_ENDPOINT",
    )
    found = given()
    assert (found.project, found.endpoint) == ("default", "https://api.smith.langchain.com")
    assert (found.api_key_from, found.project_from, found.endpoint_from) == ("", "", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "perhaps") for name in tracing.SWITCHES),
        ("LANGSMITH_ENDPOINT", "smith.secret.example"),
        ("LANGSMITH_ENDPOINT", "ftp://secret.example"),
        ("LANGSMITH_ENDPOINT", "https://"),
        ("LANGSMITH_ENDPOINT", "https://user:secret@host:99999"),
        ("LANGCHAIN_ENDPOINT", "https://user:secret@[host"),
    ],
)
def test_a_wrong_value_is_named_but_no_address_is_quoted(
    given: Given, name: str, value: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=name) as refusal:
        given(**{name: value})
    assert "secret" not in str(refusal.value)


def test_a_wrong_value_is_not_hidden_by_a_name_that_wins(given: Given) -> None:
    with pytest.raises(ImproperlyConfigured, match="LANGCHAIN_TRACING_V2"):
        given(LANGSMITH_TRACING="true", LANGCHAIN_TRACING_V2="treu")


def test_every_variable_is_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    advised = [name for name in NAMES if name.startswith("LANGSMITH_") and name[-2:] != "V2"]
    assert [name for name in advised if not re.search(rf"^#? ?{name}=", example, re.M)] == []


SHOW = """
import json, sys
from django.conf import settings
before = "langsmith" in sys.modules, settings.TRACING.enabled, settings.TRACING.reason
from langsmith.utils import tracing_is_enabled
print(json.dumps([*before, tracing_is_enabled()]))
"""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Yes", [False, True, "LANGSMITH_TRACING is on", True]),
        ("off", [False, False, "LANGSMITH_TRACING is off", False]),
    ],
)
def test_the_settings_translate_before_the_sdk_is_loaded(
    tmp_path: Path, value: str, shown: list[object]
) -> None:
    given = {"LANGSMITH_TRACING": value, "LANGSMITH_API_KEY": "k"}
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "reqplatform.settings",
            "REQPLATFORM_DATA_DIR": str(tmp_path),
            **given,
        },
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == shown
