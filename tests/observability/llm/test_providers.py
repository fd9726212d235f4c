"""A provider's code is loaded when it is first asked, and what it needs is asked for in words."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from observability.llm import providers
from observability.llm.errors import Fatal, MissingKey, NoSuchProvider
from tests import factories
from tests.conftest import World
from tests.wire.profiles import PROVIDERS, profile

ROOT = Path(__file__).parents[3]
HEAVY = [
    "langgraph", "langchain", "langchain_core", "openai", "anthropic", "google.genai", "langsmith",
    "langchain_openai", "langchain_anthropic", "langchain_google_genai", "httpx", "httpx2",
]  # fmt: skip

LOADED = f"print(json.dumps([name for name in {HEAVY} if name in sys.modules]))"
CHECK = f"""
import json, sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "check"])
{LOADED}
"""
REQUEST = f"""
import json, sys
from wsgiref.util import setup_testing_defaults
from reqplatform.wsgi import application

cookie, *paths = sys.argv[1:]
answers = {{}}
for path in paths:
    environ = {{"PATH_INFO": path, "HTTP_HOST": "localhost", "HTTP_COOKIE": cookie}}
    setup_testing_defaults(environ)
    body = application(environ, lambda status, headers, *_: answers.update({{path: status[:3]}}))
    assert b"".join(body) or answers[path] == "302"
print(json.dumps(answers))
{LOADED}
"""


@pytest.fixture
def registry() -> Iterator[None]:
    before = dict(providers._paths)
    yield
    providers._paths.clear()
    providers._paths.update(before)


def test_registering_loads_nothing(registry: None) -> None:
    providers.register("later", "no.such.module:Model")
    with pytest.raises(ModuleNotFoundError):
        providers.chat_model(profile("later"))


def test_each_caller_gets_a_model_of_the_registered_class(registry: None) -> None:
    providers.register("other", "tests.observability.conftest:SecondModel")
    one, two = providers.chat_model(profile("other")), providers.chat_model(profile("other"))
    assert type(one).__name__ == type(two).__name__ == "SecondModel"
    assert one is not two
    assert providers.is_registered("other")


def test_an_unknown_provider_is_refused_with_those_there_are(registry: None) -> None:
    with pytest.raises(NoSuchProvider, match=r"'mistake'.*anthropic, embedded, google, openai"):
        providers.chat_model(profile("mistake"))
    assert not providers.is_registered("mistake")


@pytest.mark.parametrize(
    ("provider", "variable"),
    [
        ("openai", "OPENAI_API_KEY"),
        ("anthropic", "ANTHROPIC_API_KEY"),
        ("google", "GOOGLE_API_KEY"),
    ],
)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_key_is_named(
    provider: str, variable: str, value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(variable, raising=False)
    if value is not None:
        monkeypatch.setenv(variable, value)
    with pytest.raises(MissingKey, match=f"Set the environment variable {variable}"):
        providers.chat_model(profile(provider))


@pytest.mark.parametrize(
    "name", ["HOME", "DJANGO_SECRET_KEY", "openai_api_key", "_API_KEY", "A_API_KEY\n", "X_API_KEYS"]
)
def test_only_a_variable_of_a_key_is_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "secret")
    with pytest.raises(MissingKey, match="ends in _API_KEY") as caught:
        providers.chat_model(profile("openai", api_key_env=name))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", ["two words", "line\nbreak", "kéy"])
def test_what_cannot_be_a_key_is_not_sent(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", value)
    with pytest.raises(MissingKey, match="no key") as caught:
        providers.chat_model(profile("openai"))
    assert value not in str(caught.value)


def test_space_around_a_key_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", " key-1\n")
    assert providers.api_key(profile("openai")) == "key-1"


def test_a_compatible_server_needs_an_address() -> None:
    with pytest.raises(Fatal, match="base URL"):
        providers.chat_model(profile("openai_compatible", base_url=""))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_model_is_kept_until_something_of_it_changes(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "OTHER_API_KEY"):
        monkeypatch.setenv(name, "key-1")
    base: dict[str, Any] = {"base_url": "http://127.0.0.1:9/v1"}
    kept = providers.chat_model(profile(provider, **base), temperature=0.0)
    assert providers.chat_model(profile(provider, **base), temperature=0.0) is kept
    assert providers.chat_model(profile(provider, name="Else", **base), temperature=0.0) is kept
    others = [
        providers.chat_model(profile(provider, **{**base, **change}), temperature=0.0)
        for change in (
            {"model": "wired-2"},
            {"base_url": "http://127.0.0.1:10/v1"},
            {"max_output_tokens": 7},
            {"timeout_seconds": 7},
            {"streaming": True},
            {"answer_format": "json_object"},
        )
    ]
    others += [
        providers.chat_model(profile(provider, **base), temperature=0.5),
        providers.chat_model(profile(provider, **base), temperature=0.0, schema={"type": "object"}),
    ]
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "OTHER_API_KEY"):
        monkeypatch.setenv(name, "key-2")
    others.append(
        providers.chat_model(
            profile(provider, api_key_env="OTHER_API_KEY", **base), temperature=0.0
        )
    )
    assert len({id(model) for model in [kept, *others]}) == 10


def test_no_more_models_are_kept_than_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "KEPT", 2)
    made = [
        providers.chat_model(profile("openai_compatible", base_url=f"http://127.0.0.1:{port}/v1"))
        for port in (1, 2, 3)
    ]
    again = providers.chat_model(profile("openai_compatible", base_url="http://127.0.0.1:3/v1"))
    assert again is made[2]
    assert len(providers._models) == 2


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_models_text_shows_no_key(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER_API_KEY", "quite-a-secret")
    model = providers.chat_model(
        profile(provider, api_key_env="OTHER_API_KEY", base_url="http://127.0.0.1:9/v1")
    )
    assert "quite-a-secret" not in repr(model)
    assert "quite-a-secret" not in str(model.asdict())


def python(code: str, *arguments: str) -> list[str]:
    """The lines that a fresh interpreter prints, working on the database of this test."""
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        url = f"postgresql://{database['USER']}@/{database['NAME']}?host={quote(database['HOST'])}"
    environment = os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "reqplatform.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_command_that_asks_no_model_loads_no_model() -> None:
    assert json.loads(python(CHECK)[-1]) == []


def test_a_web_process_loads_no_model(transactional_db: None, world: World) -> None:
    """Every kind of page is asked for, through the WSGI application, by somebody who may see it."""
    run = factories.completed_run(world.project)
    client = Client()
    client.force_login(world.owner)
    session: SimpleCookie = client.cookies
    paths = [
        "/accounts/login/",
        f"/projects/{world.project.slug}/",
        f"/projects/{world.project.slug}/runs/new",
        f"/runs/{run.pk}/",
        f"/runs/{run.pk}/quality",
        f"/runs/{run.pk}/files/results.json",
        f"/api/v1/runs/{run.pk}",
        f"/api/v1/projects/{world.project.slug}/runs",
    ]
    answers, loaded = python(REQUEST, session.output(header="", sep=";").strip(), *paths)
    assert json.loads(loaded) == []
    assert json.loads(answers) == {path: "302" if "login" in path else "200" for path in paths}


@pytest.mark.parametrize(
    ("provider", "where", "tier"),
    [("openai", "extra_body", "default"), ("anthropic", "model_kwargs", "standard_only")],
)
def test_the_providers_themselves_are_asked_for_their_standard_service(
    monkeypatch: pytest.MonkeyPatch, provider: str, where: str, tier: str
) -> None:
    """A dearer one could be an account's default, and the price list has none of it."""
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(f"{provider.upper()}_API_KEY", "some-key")
    at_home = getattr(providers.chat_model(profile(provider)), where)
    assert at_home["service_tier"] == tier
    elsewhere = getattr(
        providers.chat_model(profile(provider, base_url="http://127.0.0.1:9/v1")), where
    )
    assert "service_tier" not in elsewhere
