"""Callers of the API: each sends the token of one person, as a script would."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from reqplatform.teams.actions.tokens import issue_token
from reqplatform.teams.models import User
from runs.documents.document import Document
from runs.documents.serialise import to_bytes
from runs.models import Revision, RevisionContent
from skills.models import SkillSlug
from tests import factories
from tests.conftest import World

BASE = "/api/v1"


@dataclass(frozen=True)
class Caller:
    """Sends what a script sends (a token) or a browser (a client that is signed in)."""

    headers: dict[str, str] = field(default_factory=dict)
    client: Client = field(default_factory=Client)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(BASE + path, query, headers=self.headers)

    def post(self, path: str, body: Any = None) -> Any:
        return self.client.post(BASE + path, body, "application/json", headers=self.headers)

    def patch(self, path: str, body: Any = None) -> Any:
        return self.client.patch(BASE + path, body, "application/json", headers=self.headers)

    def send(self, method: str, path: str, **extra: Any) -> Any:
        return self.client.generic(method, BASE + path, headers=self.headers, **extra)

    def upload(self, path: str, **form: Any) -> Any:
        return self.client.post(BASE + path, form, headers=self.headers)


@pytest.fixture(autouse=True)
def _fresh_rates() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def call(world: World) -> Callable[[User | None], Caller]:
    """A caller with a token of the person; None calls without one."""

    def caller(user: User | None) -> Caller:
        if user is None:
            return Caller()
        _, token = issue_token(user, "test")
        return Caller({"Authorization": f"Bearer {token}"})

    return caller


@pytest.fixture
def methods(world: World) -> None:
    """An active version of each skill, without which no run starts."""
    for slug in SkillSlug:
        factories.skill_version(slug)


@pytest.fixture
def owner(call: Callable[[User], Caller], world: World) -> Caller:
    return call(world.owner)


@pytest.fixture
def editor(call: Callable[[User], Caller], world: World) -> Caller:
    return call(world.editor)


@pytest.fixture
def viewer(call: Callable[[User], Caller], world: World) -> Caller:
    return call(world.viewer)


def give_text(revision: Revision, text: str = "The unit shall deliver 5 W.") -> None:
    """The content that `factories.revision` leaves out."""
    document = Document("a.txt", "text/plain", text, 1, (), (), (0,))
    RevisionContent.objects.create(
        revision=revision, original=text.encode(), document=to_bytes(document)
    )


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The problem of a response, which must be one, of this status and code."""
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    body: dict[str, Any] = response.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]
    assert body["detail"].endswith(".")
    return body
