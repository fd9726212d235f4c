from typing import Any, get_args

import pytest

from reqplatform.errors import InvalidInput
from runs.analyst import allocate
from runs.analyst.envelope import Task
from runs.analyst.tasks import answer
from runs.requests import (
    AnalyzeRequest,
    DecomposeRequest,
    ExtractRequest,
    ParentIn,
    RequirementType,
    Strategy,
    SubsystemIn,
    ValidateRequest,
)
from skills import parameters
from skills.models import SkillSlug


def test_there_is_a_schema_for_each_method_and_each_parameter_is_explained() -> None:
    assert set(parameters.SCHEMAS) == set(SkillSlug.values)
    for schema in parameters.SCHEMAS.values():
        for name, field in schema.model_fields.items():
            assert field.description, name
        schema()  # every parameter has a default


def test_the_rules_agree_with_those_of_the_runs() -> None:
    named = set(get_args(parameters.AllocatingRule))
    assert named | {"other-subsystem", "other-actor", "system-wide", "no-match"} == set(
        allocate.RULES
    )


@pytest.mark.parametrize(
    ("slug", "values", "complaint"),
    [
        (SkillSlug.EXTRACTION, {"minimum_confidence": 1.5}, "minimum_confidence"),
        (SkillSlug.EXTRACTION, {"minimum_confidence": float("nan")}, "minimum_confidence"),
        (SkillSlug.SYSTEM_ANALYSIS, {"disabled_rules": ["name"]}, "disabled_rules"),
        (SkillSlug.SYSTEM_ANALYSIS, {"max_children_per_parent": 0}, "max_children_per_parent"),
        (SkillSlug.SYSTEM_ANALYSIS, {"max_children_per_parent": "many"}, "max_children_per_parent"),
        (SkillSlug.DECOMPOSITION, {"split_budgets": "sometimes"}, "split_budgets"),
        (SkillSlug.QUALITY_VALIDATION, {"terms": ["a\x00b"]}, "terms"),
        (SkillSlug.QUALITY_VALIDATION, {"terms": "fast"}, "terms"),
        (SkillSlug.QUALITY_VALIDATION, {"threshold": 0.8}, "no parameter 'threshold'"),
    ],
)
def test_a_value_out_of_bounds_or_an_unknown_name_is_refused_by_its_name(
    slug: SkillSlug, values: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        parameters.parse(slug, values)


def test_an_old_version_gets_new_parameters_and_loses_those_that_have_gone() -> None:
    found = parameters.with_defaults("system-analysis", {"gone": 1, "max_children_per_parent": 3})
    assert found["max_children_per_parent"] == 3
    assert set(found) == set(parameters.AnalysisParameters.model_fields)


class Asked(dict[str, object]):
    """Remembers which names were asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return default


STRATEGY = Strategy(allocation_rules=[])
NAV = SubsystemIn(code="NAV", name="Navigation")
PARENT = ParentIn(ref=0, statement="Navigation shall plan a route.", type=RequirementType.FUNC)
REQUESTS = {
    SkillSlug.EXTRACTION: (Task.EXTRACT, ExtractRequest(document="d", blocks=[])),
    SkillSlug.SYSTEM_ANALYSIS: (Task.ANALYZE, AnalyzeRequest(subsystem=NAV, requirements=[])),
    SkillSlug.DECOMPOSITION: (
        Task.DECOMPOSE,
        DecomposeRequest(subsystem=NAV, strategy=STRATEGY, parents=[PARENT], iteration=1),
    ),
    SkillSlug.QUALITY_VALIDATION: (
        Task.VALIDATE,
        ValidateRequest(subsystem=NAV, strategy=STRATEGY, parents=[PARENT], children=[]),
    ),
}


@pytest.mark.parametrize("slug", SkillSlug)
def test_the_embedded_analyst_reads_every_parameter_that_a_form_offers(slug: SkillSlug) -> None:
    """A switch that nothing is connected to would be a lie."""
    asked = Asked()
    answer(*REQUESTS[slug], asked)
    assert set(parameters.SCHEMAS[slug].model_fields) <= asked.names


@pytest.mark.parametrize("slug", SkillSlug)
def test_the_embedded_analyst_accepts_every_default(slug: SkillSlug) -> None:
    answer(*REQUESTS[slug], parameters.with_defaults(slug, {}))
