"""What a run was expected to cost, beside what the provider bills for it."""

import pytest

from reqplatform.teams.models import Project
from runs.actions.execute import execute
from runs.actions.specifications import add_revision
from runs.actions.start import RunOptions, start_run
from runs.examples.example import SPEC_TXT
from runs.models import Run, RunStatus, Subsystem
from tests.runs.paid import answer_as_analyst, model, route
from tests.wire import WireServer

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = pytest.mark.django_db(transaction=True)


def started(project: Project) -> Run:
    revision = add_revision(None, project, filename="spec.txt", content=SPEC_TXT.read_bytes())
    subsystem = Subsystem.objects.get(project=project, code="NAV")
    return start_run(None, revision, subsystem, RunOptions(max_iterations=1), enqueue=False)


def executed(run: Run) -> Run:
    assert execute(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.COMPLETED, run.reason
    return run


def test_the_estimate_is_near_the_bill(project: Project, wired: WireServer) -> None:
    answer_as_analyst(wired)
    route(project, model("openai", max_output_tokens=5_000))
    run = executed(started(project))
    assert run.estimate is not None
    nodes = {node["node"]: node for node in run.estimate["nodes"]}
    assert run.extraction is not None
    rows = [*run.node_costs.all(), *run.extraction.node_costs.filter(run=None)]
    calls = {row.node: row.calls for row in rows if row.calls}
    assert calls.keys() == nodes.keys()
    assert calls["extract"] == nodes["extract"]["requests"] == 2
    for node, count in calls.items():
        assert nodes[node]["requests"] == pytest.approx(count, abs=1), node
    expected = run.estimate["expected_nusd"]
    assert expected == pytest.approx(wired.bill.nusd, rel=0.35)
    assert wired.bill.nusd < run.estimate["worst_nusd"]

    # the second run finds the extraction paid, and has learnt from the first
    wired.reset()
    answer_as_analyst(wired)
    again = executed(started(project))
    assert again.estimate is not None
    assert again.estimate["nodes"][0]["paid"]
    assert again.estimate["sources_known"]
    assert again.estimate["expected_nusd"] == pytest.approx(wired.bill.nusd, rel=0.3)
