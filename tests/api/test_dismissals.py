from runs.models import Dismissal
from tests import factories
from tests.api.conftest import Caller, problem
from tests.conftest import World


def test_a_finding_is_dismissed_listed_and_taken_back(editor: Caller, world: World) -> None:
    issue = factories.completed_run(world.project).quality_issues.get()
    made = editor.post(f"/issues/{issue.pk}/dismiss", {"reason": "It is its name."})
    assert made.status_code == 201
    body = made.json()
    assert (body["rule"], body["term"], body["weight"]) == ("vague-term", "navigation", 0.9)
    assert editor.get("/projects/survey/dismissals").json()["items"] == [body]
    back = editor.post(f"/dismissals/{body['id']}/withdraw").json()
    assert back["withdrawn_at"]
    assert back["weight"] == 1.0
    assert editor.get("/projects/survey/dismissals").json()["items"] == []
    assert Dismissal.objects.count() == 1


def test_a_rule_is_dismissed(editor: Caller, world: World) -> None:
    issue = factories.completed_run(world.project).quality_issues.get()
    body = {"reason": "Not here.", "scope": "rule"}
    made = editor.post(f"/issues/{issue.pk}/dismiss", body).json()
    assert (made["term"], made["weight"]) == ("", 0.5)
    problem(editor.post(f"/issues/{issue.pk}/dismiss", body), 409, "conflict")


def test_refusals(editor: Caller, world: World) -> None:
    issue = factories.completed_run(world.project).quality_issues.get()
    path = f"/issues/{issue.pk}/dismiss"
    assert editor.post(path, {"reason": ""}).status_code == 422
    problem(editor.post("/issues/999999/dismiss", {"reason": "No."}), 404, "not_found")
    problem(editor.post("/dismissals/999999/withdraw"), 404, "not_found")
