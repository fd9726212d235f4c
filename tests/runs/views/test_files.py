import io
import zipfile

import pytest

from runs import exports
from runs.models import RunStatus
from tests import factories
from tests.audience import check_page
from tests.conftest import World


def test_members_only(world: World) -> None:
    run = factories.completed_run(world.project)
    check_page(world, f"/runs/{run.pk}/files")
    check_page(world, f"/runs/{run.pk}/files/requirements.md")


def test_every_listed_file_can_be_downloaded(world: World) -> None:
    run = factories.completed_run(world.project)
    client = world.client(world.viewer)
    listed = client.get(f"/runs/{run.pk}/files").context["files"]
    assert listed
    for info in listed:
        answer = client.get(f"/runs/{run.pk}/files/{info.name}")
        assert answer.status_code == 200
        assert answer.content
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_archive_holds_them_all(world: World) -> None:
    run = factories.completed_run(world.project)
    answer = world.client(world.viewer).get(f"/runs/{run.pk}/files/{exports.archive_name(run)}")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = {name.rsplit("/", 1)[-1] for name in archive.namelist()}
    assert names == {info.name for info in exports.files(run)}


@pytest.mark.parametrize("name", ["nothing.md", "..", "%2e%2e%2fsettings.py", "requirements"])
def test_no_other_name_answers(world: World, name: str) -> None:
    run = factories.completed_run(world.project)
    assert world.client(world.viewer).get(f"/runs/{run.pk}/files/{name}").status_code == 404


@pytest.mark.parametrize("status", [status for status in RunStatus if status != "completed"])
def test_a_run_that_is_not_completed_has_no_files(world: World, status: RunStatus) -> None:
    run = factories.run(world.project, status=status)
    client = world.client(world.viewer)
    page = client.get(f"/runs/{run.pk}/files")
    assert page.status_code == 200
    assert f"The run is {status.label.lower()}; its files exist once" in page.text
    for name in ("requirements.md", exports.archive_name(run)):
        refused = client.get(f"/runs/{run.pk}/files/{name}")
        assert refused.status_code == 409
        assert "its files exist once it has completed" in refused.text
