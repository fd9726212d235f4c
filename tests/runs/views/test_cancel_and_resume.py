from runs.models import RunStatus
from tests import factories
from tests.audience import check_mutation
from tests.conftest import World


def test_who_may(world: World) -> None:
    run = factories.run(world.project, status=RunStatus.RUNNING)
    check_mutation(world, f"/runs/{run.pk}/cancel", least="editor")
    check_mutation(world, f"/runs/{run.pk}/resume", least="editor")
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING


def test_cancels_and_resumes(world: World) -> None:
    run = factories.run(world.project, status=RunStatus.RUNNING)
    client = world.client(world.editor)
    answer = client.post(f"/runs/{run.pk}/cancel", follow=True)
    assert "The run is cancelled." in answer.text
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
    client.post(f"/runs/{run.pk}/resume")
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED


def test_says_when_there_is_nothing_to_stop_or_resume(world: World) -> None:
    run = factories.completed_run(world.project)
    client = world.client(world.editor)
    assert "nothing to stop" in client.post(f"/runs/{run.pk}/cancel", follow=True).text
    assert "resume" in client.post(f"/runs/{run.pk}/resume", follow=True).text
    run.refresh_from_db()
    assert run.status == RunStatus.COMPLETED
