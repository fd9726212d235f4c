"""The world of the tests: a project, its people in every role, and a stranger."""

from dataclasses import dataclass

import pytest
from django.conf import LazySettings, settings
from django.test import Client

from observability.llm import outages
from reqplatform.teams.models import Project, User
from tests import factories


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_xdist_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite tests use a file: an in-memory database locks as soon as a second thread writes."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(
            tmp_path_factory.mktemp("db") / "test.sqlite3"
        )


@pytest.fixture(autouse=True)
def _quick_passwords(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_outages() -> None:
    """What a process remembers of models is another test's."""
    outages._until.clear()


@dataclass(frozen=True)
class World:
    """One project with a member in each role; the stranger belongs to another project."""

    project: Project
    owner: User
    editor: User
    reviewer: User
    viewer: User
    stranger: User
    other_project: Project

    def client(self, user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client


@pytest.fixture
def world(db: None) -> World:
    return factories.world(World)
