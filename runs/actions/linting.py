"""Requirements judged by a project's own rules, without a run: nothing is stored."""

from collections.abc import Iterable

from reqplatform.teams.models import Project
from runs.actions.dismissals import dismissed_in_project
from runs.graph.shown import domain_for_rules
from runs.quality.lint_set import WeighedResult, lint_set
from skills.models import SkillSlug
from skills.registry import active_versions, domain_in_use


def lint_in_project(project: Project, texts: Iterable[str]) -> list[WeighedResult]:
    """What a run that starts now would say of the statements, as far as they have no parents.

    With the project's dismissals, its domain in use and the terms of its method. Who may see the
    project may ask. Raises Conflict if no version of the method is active.
    """
    domain = domain_in_use(project)
    method = active_versions(project)[SkillSlug.QUALITY_VALIDATION]
    return lint_set(
        texts,
        terms=method.parameters.get("terms", ()),
        domain=domain_for_rules(domain.reading if domain else None, project.pk),
        dismissed=dismissed_in_project(project),
    )
