"""What a project's own runs teach: models that think, or write at length, cost more than estimated.

For each model, over analyze, decompose and validate of the last completed runs of the project that
were expected to cost anything:

    factor = sum of what they cost / sum of what they were expected to cost

Extraction is left out, because the revision pays for it; it is taken to be as far off as the rest.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from observability.models import CostSource, Node, NodeCost
from reqplatform.teams.models import Project
from runs.models import Run, RunStatus

RUNS = 20  # the last ones of a project
LEAST, MOST = 0.5, 10.0  # what lies beyond says more about an accident than about the model
_NODES = (Node.ANALYZE, Node.DECOMPOSE, Node.VALIDATE)


@dataclass(frozen=True, slots=True)
class Experience:
    """With one model: how many runs there were, and how far off their estimates were."""

    factor: float = 1.0
    runs: int = 0


NONE = Experience()


def experience_of(project: Project, models: Collection[str]) -> dict[str, Experience]:
    """By provider/model, for those of `models` that a completed run had an estimate for."""
    expected = _expected(project, models)
    runs = {run for run, _ in expected}
    spent: dict[tuple[UUID, str], int] = {}
    rows = NodeCost.objects.filter(run__in=runs, node__in=_NODES)
    for run_id, node, cost, sources in rows.values_list("run", "node", "cost_nusd", "sources"):
        key = (run_id, node)
        if CostSource.EMBEDDED in sources:  # somebody else answered: it teaches nothing
            expected.pop(key, None)
        spent[key] = spent.get(key, 0) + cost
    found = {}
    for model in models:
        keys = [key for key, (name, _) in expected.items() if name == model and key in spent]
        if keys:
            ratio = sum(spent[key] for key in keys) / sum(expected[key][1] for key in keys)
            factor = min(max(ratio, LEAST), MOST)
            found[model] = Experience(factor, len({run for run, _ in keys}))
    return found


def _expected(
    project: Project, models: Collection[str]
) -> dict[tuple[UUID, str], tuple[str, float]]:
    """(run, node) -> the model and what it was expected to cost, without any experience."""
    rows = Run.objects.filter(
        project=project, status=RunStatus.COMPLETED, estimate__expected_nusd__gt=0
    )
    return {
        (run_id, node["node"]): (node["model"], node["expected_nusd"] / node["factor"])
        for run_id, kept in rows.order_by("-id").values_list("pk", "estimate")[:RUNS]
        for node in (kept or {}).get("nodes", ())
        if node["node"] in _NODES and node["expected_nusd"] and node["model"] in models
    }
