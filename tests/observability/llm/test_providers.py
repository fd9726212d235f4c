"""A provider is a name and a path; its code is loaded when it is first asked, and not before."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from observability.llm import providers
from observability.llm.errors import NoSuchProvider
from tests import factories
from tests.conftest import World

ROOT = Path(__file__).parents[3]
HEAVY = ["langgraph", "langchain", "langchain_core", "openai", "anthropic", "langsmith"]

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
        providers.chat_model("later")


def test_each_caller_gets_a_model_of_the_registered_class(registry: None) -> None:
    providers.register("other", "tests.observability.conftest:SecondModel")
    one, two = providers.chat_model("other"), providers.chat_model("other")
    assert type(one).__name__ == type(two).__name__ == "SecondModel"
    assert one is not two


def test_an_unknown_provider_is_refused_with_those_there_are(registry: None) -> None:
    with pytest.raises(NoSuchProvider, match=r"'mistake'.*embedded"):
        providers.chat_model("mistake")


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
