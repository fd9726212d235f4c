"""The API's schema is a promise to scripts: it changes only together with the golden file."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.api.conftest import BASE, Caller, problem
from tests.conftest import World

GOLDEN = Path(__file__).parent.parent / "golden" / "openapi.json"


@pytest.fixture
def schema(viewer: Caller) -> dict[str, Any]:
    answer: dict[str, Any] = viewer.get("/openapi.json").json()
    return answer


def test_the_schema_is_the_golden_one(schema: dict[str, Any]) -> None:
    assert schema == json.loads(GOLDEN.read_text("utf-8")), (
        "The API's schema has changed. If that is wanted, refresh the golden file with the command "
        "at the end of docs/api.md and say in the commit what changes for scripts."
    )


def test_the_command_that_refreshes_it(tmp_path: Path) -> None:
    target = tmp_path / "openapi.json"
    call_command(
        "export_openapi_schema", api="reqplatform.api.api", output=target, indent=1, sorted=True
    )
    assert target.read_text("utf-8").strip() == GOLDEN.read_text("utf-8").strip()


def test_every_operation_may_answer_with_a_problem(schema: dict[str, Any]) -> None:
    operations = [each for path in schema["paths"].values() for each in path.values()]
    assert len(operations) > 20
    for operation in operations:
        problem_type = operation["responses"]["default"]["content"]
        assert list(problem_type) == ["application/problem+json"]
        assert operation["security"] == [{"TokenAuth": []}, {"BrowserAuth": []}]
    assert {"Problem", "FieldProblem"} <= set(schema["components"]["schemas"])


def test_the_documentation_is_for_people_who_are_signed_in(world: World) -> None:
    response = Client().get(f"{BASE}/docs")
    assert response.status_code == 302
    assert response["Location"].endswith("?next=/api/v1/docs")
    problem(Caller().get("/openapi.json"), 401, "not_authenticated")
    for _ in range(19):
        Caller({"Authorization": "Bearer rp_x"}).get("/openapi.json")
    problem(Caller({"Authorization": "Bearer rp_x"}).get("/openapi.json"), 401, "not_authenticated")
    problem(Caller({"Authorization": "Bearer rp_x"}).get("/docs"), 429, "throttled")
    assert world.client(world.stranger).get(f"{BASE}/openapi.json").status_code == 200


def test_the_documentation_needs_no_looser_policy_and_no_foreign_host(world: World) -> None:
    """Swagger UI comes from an installed package; the page has data, but no inline script."""
    client = world.client(world.viewer)
    response = client.get(f"{BASE}/docs")
    page = response.content.decode()
    assert "script-src 'self';" in response["Content-Security-Policy"]
    assert "://" not in page
    scripts = [part.split(">")[0] for part in page.split("<script")[1:]]
    assert all('type="application/json"' in tag or 'src="/static/' in tag for tag in scripts)
    assert len(scripts) == 3
    for tag in scripts:
        if "src=" in tag:
            assert client.get(tag.split('src="')[1].split('"')[0]).status_code == 200
