"""A run follows the domain that it pinned: in its questions, its extraction and its scores."""

import json
from typing import Any

from observability.models import QualityRecord
from reqplatform.teams.models import Project
from runs.actions.execute import execute
from runs.actions.start import RunOptions, start_run
from runs.models import QualityIssue, RequirementVersion, Run
from skills.actions.domains import save_domain, use_domain
from tests.runs.conftest import ScriptedChatModel, Starter

DOMAIN = """# Survey vessel
## Conventions
- Modal verbs: must
## Glossary
- **alarm**: A sound with a light. (not: buzzer)
- **kelp**: A plant that nobody mentions.
## Subsystem: Navigation
It supplies the radio with 24 V.
"""


def asked(model: type[ScriptedChatModel], task: str) -> dict[str, Any]:
    request: dict[str, Any] = next(one for one in model.asked if one["task"] == task)["request"]
    return request


def test_what_the_models_are_told(
    project: Project, executed: Starter, scripted: type[ScriptedChatModel]
) -> None:
    save_domain(None, project, DOMAIN)
    executed(unattended=True)
    for task in ("extract", "analyze", "decompose", "validate"):
        domain = asked(scripted, task)["domain"]
        assert domain["modals"] == ["must"]
        assert [term["name"] for term in domain["glossary"]] == ["alarm"]
    analyzed = asked(scripted, "analyze")
    assert analyzed["subsystem"]["description"] == "It supplies the radio with 24 V."
    assert analyzed["siblings"][0]["description"] == ""


def test_without_a_domain_nothing_is_told(
    project: Project, executed: Starter, scripted: type[ScriptedChatModel]
) -> None:
    use_domain(None, save_domain(None, project, DOMAIN).domain, enabled=False)
    run = executed(unattended=True)
    assert run.domain_version is None
    assert "domain" not in run.weights
    assert all("domain" not in json.dumps(one) for one in scripted.asked)
    assert QualityRecord.objects.get(iteration_count=1).domain_compliance is None


def test_the_analyst_writes_in_the_domains_words(project: Project, executed: Starter) -> None:
    text = "1 Requirements\n\nSYS-001 The Navigation subsystem shall sound a buzzer within 2 s.\n"
    save_domain(None, project, DOMAIN)
    run = executed(text, unattended=True, max_iterations=1)
    child = RequirementVersion.objects.get(run=run)
    assert child.text == "The Navigation subsystem must sound an alarm within 2 s."
    assert "in the domain's words and form" in child.rationale
    found = set(QualityIssue.objects.filter(run=run).values_list("rule", flat=True))
    assert "forbidden-synonym" not in found
    assert "uncovered-parent" not in found


def test_rules_score_the_fifth_dimension(project: Project, executed: Starter) -> None:
    text = "1 Requirements\n\nSYS-001 The Navigation subsystem should sound an alarm in 2 s.\n"
    save_domain(None, project, DOMAIN)
    run = executed(text, unattended=True, max_iterations=1)
    record = QualityRecord.objects.get()
    found = QualityIssue.objects.filter(run=run, dimension="domain")
    assert set(found.values_list("rule", flat=True)) == {"modal-convention"}
    assert record.domain_compliance is not None
    assert 0 < record.domain_compliance < 1
    assert run.weights["domain"] == 0.25
    mean = (
        record.completeness + record.clarity + record.testability + record.traceability
        + record.domain_compliance
    ) / 5  # fmt: skip
    assert abs(record.rules_overall - mean) < 1e-9


def test_a_domain_that_changes_reaches_no_run_that_began_before(
    project: Project, begin: Starter
) -> None:
    save_domain(None, project, DOMAIN)
    first = begin(unattended=True, max_iterations=1)
    save_domain(None, project, "# Other\n## Conventions\n- Modal verbs: shall\n")
    assert execute(first.pk)
    first.refresh_from_db()
    assert first.domain_version is not None
    assert first.domain_version.number == 1
    texts = RequirementVersion.objects.filter(run=first).values_list("text", flat=True)
    assert texts
    assert all(" must " in text and " shall " not in text for text in texts)


def test_an_extraction_belongs_to_its_domain(project: Project, executed: Starter) -> None:
    plain = executed(unattended=True, max_iterations=1)

    def again() -> Run:
        options = RunOptions(unattended=True, max_iterations=1)
        run = start_run(None, plain.revision, plain.subsystem, options, enqueue=False)
        assert execute(run.pk)
        run.refresh_from_db()
        return run

    assert again().extraction_id == plain.extraction_id
    save_domain(None, project, DOMAIN)
    first, second = again(), again()
    assert first.extraction_id == second.extraction_id != plain.extraction_id
    assert first.extraction is not None
    assert first.extraction.domain_version == first.domain_version
