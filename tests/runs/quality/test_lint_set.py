"""Statements judged together, by a project's words, without parents."""

import pytest

from runs.quality.dismissals import Dismissed
from runs.quality.lint import lint
from runs.quality.lint_set import WITHOUT_PARENTS, lint_set
from runs.quality.rules.registry import SET_RULES
from skills.domain import parse

ALARM = "The console shall sound the alarm for 5 s."


def rules(*texts: str) -> list[set[str]]:
    return [{each.finding.rule for each in result.findings} for result in lint_set(texts)]


def test_a_statement_alone_is_judged_as_by_lint() -> None:
    text = "The horn shall be fast and appropriate."
    (result,) = lint_set([text])
    alone = lint(text)
    assert tuple(each.finding for each in result.findings) == alone.findings
    assert result.score == alone.score


def test_statements_are_compared_with_each_other() -> None:
    first, second = rules(ALARM, ALARM)
    assert "duplicate" in second | first
    assert "contradiction" in set().union(*rules(ALARM, ALARM.replace("5", "9")))
    assert not set().union(*rules(ALARM, "The lamp shall be red.")) & WITHOUT_PARENTS


def test_rules_about_parents_and_criteria_are_not_asked() -> None:
    asked_for = {rule.id for rule in SET_RULES} - WITHOUT_PARENTS
    assert asked_for >= {"orphan-child", "missing-criteria", "missing-rationale", "lost-clause"}
    assert not set().union(*rules(ALARM)) & asked_for
    assert {rule.id for rule in SET_RULES} >= WITHOUT_PARENTS


def test_dismissed_words_cost_nothing_and_stay_reported() -> None:
    text = "The horn shall be appropriate."
    dismissed = Dismissed.of([("vague-term", "appropriate"), ("negative", "")])
    (result,) = lint_set([text], dismissed=dismissed)
    (found,) = (each for each in result.findings if each.finding.rule == "vague-term")
    assert found.weight == 0
    (before,) = lint_set([text])
    assert before.score is not None
    assert result.score is not None
    assert result.score > before.score


def test_a_domain_is_heeded() -> None:
    domain = parse("# D\n## Glossary\n- **horn**: It sounds. (not: hooter)\n")
    (result,) = lint_set(["The hooter shall sound for 5 s."], domain=domain)
    assert "forbidden-synonym" in {each.finding.rule for each in result.findings}


@pytest.mark.parametrize("texts", [[], [""], ["Die Hupe muss innerhalb von fünf Sekunden tönen."]])
def test_nothing_and_other_languages(texts: list[str]) -> None:
    results = lint_set(texts)
    assert len(results) == len(texts)
    if texts and texts[0]:
        assert results[0].score is None
        assert [each.finding.rule for each in results[0].findings] == ["language-not-covered"]
