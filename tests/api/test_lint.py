from skills.actions.domains import save_domain
from tests import factories
from tests.api.conftest import Caller, problem
from tests.conftest import World

DOMAIN = """# Survey
## Conventions
- Modal verbs: shall
## Glossary
- **fast mode**: Above 5 m/s. (not: sprint)
"""
TEXT = "The NAV must use a sprint.\n\nThe NAV shall leave the fast mode.\nThe NAV shall be fast.\n"


def linted(caller: Caller, text: str = TEXT) -> list[dict[str, object]]:
    statements: list[dict[str, object]] = caller.post(
        "/projects/survey/lint", {"text": text}
    ).json()["statements"]
    return statements


def rules(statement: dict[str, object]) -> set[str]:
    findings = statement["findings"]
    assert isinstance(findings, list)
    return {finding["rule"] for finding in findings}


def test_by_the_projects_domain(viewer: Caller, world: World, methods: None) -> None:
    first, second, third = linted(viewer)
    assert not rules(first) & {"modal-convention", "forbidden-synonym"}
    assert "fast" in str(second["findings"])
    save_domain(None, world.project, DOMAIN)
    first, second, third = linted(viewer)
    assert rules(first) >= {"modal-convention", "forbidden-synonym"}
    assert "fast" not in str(second["findings"])
    assert third["text"] == "The NAV shall be fast."
    assert "fast" in str(third["findings"])


def test_by_the_projects_dismissals(viewer: Caller, world: World, methods: None) -> None:
    text = "The NAV shall not be appropriate."
    (before,) = linted(viewer, text)
    factories.dismissal(factories.completed_run(world.project))
    (after,) = linted(viewer, text)
    weights = {one["rule"]: one["weight"] for one in after["findings"]}  # type: ignore[attr-defined]
    assert weights["negative"] < 1
    assert weights["vague-term"] == 1
    assert after["score"] > before["score"]  # type: ignore[operator]


def test_refusals(viewer: Caller, world: World, methods: None) -> None:
    problem(viewer.post("/projects/survey/lint", {"text": " \n"}), 422, "invalid_input")
    assert viewer.post("/projects/survey/lint", {"text": ""}).status_code == 422
    assert viewer.post("/projects/survey/lint", {"text": "x" * 100_001}).status_code == 422
    assert viewer.post("/projects/survey/lint", {"text": "a\x00"}).status_code == 422
    problem(viewer.post("/projects/none/lint", {"text": "x"}), 404, "not_found")
