"""Large exports: written by a task into a file that is its owner's alone."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from reqplatform.errors import Conflict, NotFound
from reqplatform.teams.models import Membership, User
from runs.actions import exports, exports_keeping, exports_writing
from runs.actions.exports import store, wanted
from runs.actions.exports_cancelling import cancel_export
from runs.actions.exports_keeping import purge_exports, requeue_lost_exports, wake_forgotten_exports
from runs.actions.exports_writing import write_export
from runs.actions.reap import sweep
from runs.models import ExportState, RequirementVersion, Run, StoredExport, StoredExportPart
from runs.sheets import cells, reading
from runs.sheets.asked import Asked
from runs.sheets.kept import own_export, parts_of, require_ready
from runs.sheets.listings import LISTINGS
from tests import factories
from tests.conftest import World
from tests.runs.sheets.reading import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(world: World) -> Run:
    return factories.completed_run(world.project, requirements=5)


def ask(world: World, run: Run, extension: str = "csv", **asked: Any) -> StoredExport:
    filters = Asked.of({"run": str(run.pk), **asked})
    what = wanted(world.viewer, world.project, "requirements", filters, extension)
    return store(world.viewer, world.project, what)


def content_of(export: StoredExport) -> bytes:
    return b"".join(parts_of(export))


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_a_file_is_written_and_says_what_the_small_one_says(
    world: World, run: Run, extension: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK", 2)
    monkeypatch.setattr(exports_writing, "PART", 64)
    export = ask(world, run, extension)
    assert export.state == ExportState.QUEUED
    assert write_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.rows_total, export.rows_written) == (ExportState.READY, 5, 5)
    content = content_of(export)
    assert len(content) == export.size
    assert export.parts.count() > 1
    what = wanted(world.viewer, world.project, "requirements", Asked(run=run.pk), extension)
    small = exports.write_now(world.project, what)
    assert read(content, extension) == read(small, extension)
    require_ready(export)


@pytest.mark.parametrize("name", sorted(LISTINGS))
def test_every_list_can_be_stored(world: World, run: Run, name: str) -> None:
    asked = Asked(run=run.pk) if LISTINGS[name].needs_run else Asked()
    what = wanted(world.viewer, world.project, name, asked, "csv")
    small = exports.write_now(world.project, what)
    export = store(world.viewer, world.project, what)
    assert write_export(export.pk)
    assert content_of(export) == small


def test_it_is_written_as_it_was_asked_for(world: World, run: Run) -> None:
    RequirementVersion.objects.filter(ordinal=2).update(type="FUNC")
    export = ask(world, run, type="FUNC")
    write_export(export.pk)
    assert [row[0] for row in read(content_of(export), "csv")[1:]] == ["NAV-PERF-002"]


def test_nobody_writes_it_twice(world: World, run: Run) -> None:
    export = ask(world, run)
    assert write_export(export.pk)
    assert not write_export(export.pk)


def test_a_worker_that_was_replaced_writes_nothing(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = ask(world, run)
    keep = exports_writing._keep

    def replaced(*args: Any) -> None:
        StoredExport.objects.update(lease_token=99)  # another one has taken it over
        keep(*args)

    monkeypatch.setattr(exports_writing, "_keep", replaced)
    assert not write_export(export.pk)
    assert StoredExportPart.objects.count() == 0
    export.refresh_from_db()
    assert export.state == ExportState.WRITING


def test_one_that_is_queued_is_cancelled_and_never_written(world: World, run: Run) -> None:
    export = ask(world, run)
    with pytest.raises(NotFound):
        cancel_export(world.owner, export)  # it is not theirs
    cancel_export(world.viewer, export)
    assert export.state == ExportState.CANCELLED
    assert export.finished_at is not None
    assert not write_export(export.pk)
    with pytest.raises(Conflict, match="was cancelled"):
        require_ready(export)
    with pytest.raises(Conflict, match="cancelled; there is nothing to stop"):
        cancel_export(world.viewer, export)
    Membership.objects.filter(user=world.viewer).delete()
    with pytest.raises(NotFound):
        cancel_export(world.viewer, ask_of(world, run))


def ask_of(world: World, run: Run) -> StoredExport:
    """One that is queued, of somebody who is no member any more."""
    return StoredExport.objects.create(
        project=run.project, owner=world.viewer, what="runs", title="Runs", format="csv"
    )


def test_the_worker_of_one_that_is_cancelled_stops_at_its_next_rows(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    export, read_so_far = ask(world, run), []

    def cancelled(rows: Any, keys: Path) -> Any:
        for part in reading.chunks(rows, keys, 2):
            read_so_far.append(len(part))
            if len(read_so_far) == 2:
                cancel_export(world.viewer, StoredExport.objects.get())
            yield part

    monkeypatch.setattr(exports_writing, "chunks", cancelled)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert not write_export(export.pk)
    assert read_so_far == [2, 2]  # of five rows
    assert list(tmp_path.iterdir()) == []
    export.refresh_from_db()
    assert (export.state, export.rows_written) == (ExportState.CANCELLED, 2)
    assert requeue_lost_exports() == []


def test_parts_that_were_kept_are_removed(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, keep = ask(world, run), exports_writing._keep
    monkeypatch.setattr(exports_writing, "PART", 64)

    def cancelled(*args: Any) -> None:
        keep(*args)
        assert StoredExportPart.objects.count() > 1
        cancel_export(world.viewer, export)

    monkeypatch.setattr(exports_writing, "_keep", cancelled)
    assert not write_export(export.pk)
    assert StoredExportPart.objects.count() == 0
    export.refresh_from_db()
    assert (export.state, export.size) == (ExportState.CANCELLED, 0)


def lose(export: StoredExport, attempts: int) -> None:
    StoredExport.objects.filter(pk=export.pk).update(
        state=ExportState.WRITING,
        attempts=attempts,
        lease_expires_at=timezone.now() - timedelta(minutes=1),
    )


def test_a_lost_worker_is_replaced_by_the_sweep_and_a_third_one_is_told(
    world: World, run: Run
) -> None:
    export = ask(world, run)
    lose(export, 1)
    sweep()
    export.refresh_from_db()
    assert export.state == ExportState.QUEUED
    lose(export, 3)
    assert requeue_lost_exports() == []
    export.refresh_from_db()
    assert export.state == ExportState.FAILED
    assert "lost its worker 3 times" in export.reason


def test_a_worker_that_lives_keeps_its_export(world: World, run: Run) -> None:
    export = ask(world, run)
    StoredExport.objects.update(
        state=ExportState.WRITING, lease_expires_at=timezone.now() + timedelta(minutes=1)
    )
    assert requeue_lost_exports() == []
    export.refresh_from_db()
    assert export.state == ExportState.WRITING


def test_an_export_that_was_forgotten_is_woken_once(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[StoredExport] = []
    monkeypatch.setattr(exports_keeping, "wake_writer", woken.append)
    export = ask(world, run)
    assert wake_forgotten_exports() == []
    StoredExport.objects.update(woken_at=timezone.now() - timedelta(hours=1))
    assert wake_forgotten_exports() == [export]
    assert wake_forgotten_exports() == []
    assert woken == [export]


def test_who_left_the_project_gets_nothing(world: World, run: Run) -> None:
    before, during = ask(world, run), ask(world, run)
    write_export(before.pk)
    Membership.objects.filter(user=world.viewer).delete()
    with pytest.raises(NotFound):
        own_export(world.viewer, before.pk)
    assert not write_export(during.pk)
    during.refresh_from_db()
    assert during.state == ExportState.FAILED
    assert during.parts.count() == 0


def test_who_leaves_while_it_is_written_gets_nothing(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = ask(world, run)
    cells_of = exports_writing._rows

    def leaving(*args: Any) -> Any:
        yield from cells_of(*args)
        Membership.objects.filter(user=world.viewer).delete()

    monkeypatch.setattr(exports_writing, "_rows", leaving)
    assert not write_export(export.pk)
    export.refresh_from_db()
    assert export.state == ExportState.FAILED


def test_a_file_is_its_owners(world: World, run: Run) -> None:
    export = ask(world, run)
    write_export(export.pk)
    assert own_export(world.viewer, export.pk) == export
    for other in (world.owner, world.stranger, factories.user("root", is_superuser=True)):
        with pytest.raises(NotFound):
            own_export(other, export.pk)


def test_a_file_is_removed_after_a_week(world: World, run: Run) -> None:
    export = ask(world, run)
    write_export(export.pk)
    assert purge_exports() == 0
    StoredExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    export.refresh_from_db()
    with pytest.raises(Conflict, match="7 days"):
        require_ready(export)  # also before anybody has purged it
    assert purge_exports() == 1
    assert StoredExportPart.objects.count() == 0
    export.refresh_from_db()
    assert (export.state, export.size) == (ExportState.EXPIRED, 0)
    assert purge_exports() == 0


def test_a_file_that_is_not_there_says_why(world: World, run: Run) -> None:
    export = ask(world, run)
    with pytest.raises(Conflict, match="not written yet"):
        require_ready(export)
    export.state, export.reason = ExportState.FAILED, "It lost its worker."
    with pytest.raises(Conflict, match="It lost its worker"):
        require_ready(export)


def test_cut_texts_are_told(world: World, run: Run) -> None:
    RequirementVersion.objects.filter(ordinal=1).update(rationale="x" * 40_000)
    export = ask(world, run, "xlsx")
    write_export(export.pk)
    export.refresh_from_db()
    assert export.reason.startswith("1 text was longer than the 32,767 characters")


def test_what_xlsx_and_ods_cannot_hold_is_refused_with_what_to_do(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.sheets.listings.AT_ONCE", 2)
    with pytest.raises(Conflict, match="Choose csv or xlsx"):
        ask(world, run, "ods")
    monkeypatch.setattr(exports, "XLSX_MOST_ROWS", 5)
    with pytest.raises(Conflict, match="Choose csv"):
        ask(world, run, "xlsx")
    monkeypatch.setattr(exports, "XLSX_MOST_ROWS", 6)
    export = ask(world, run, "xlsx")
    monkeypatch.setattr(exports_writing, "XLSX_MOST_ROWS", 5)  # rows that came meanwhile
    assert not write_export(export.pk)
    export.refresh_from_db()
    assert "5 rows by now" in export.reason
    assert cells.XLSX_MOST_ROWS == 1_048_576


def test_a_file_that_is_too_large_is_not_kept(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports_writing, "MOST_BYTES", 100)
    export = ask(world, run)
    write_export(export.pk)
    export.refresh_from_db()
    assert export.state == ExportState.FAILED
    assert "Narrow the list down" in export.reason


def test_an_error_is_logged_and_told(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    export = ask(world, run)

    def broken(*args: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(exports_writing, "write", broken)
    assert not write_export(export.pk)
    export.refresh_from_db()
    assert export.state == ExportState.FAILED
    assert "server's log" in export.reason
    assert "no space left" in caplog.text


def test_the_queue_is_everybodys(world: World, run: Run) -> None:
    for _ in range(5):
        ask(world, run)
    with pytest.raises(Conflict, match="not written yet"):
        ask(world, run)
    StoredExport.objects.filter(owner=world.viewer).update(state=ExportState.READY)
    ask(world, run)


def test_a_stranger_can_ask_for_nothing(world: World, run: Run) -> None:
    what = wanted(world.viewer, world.project, "runs", Asked(), "csv")
    with pytest.raises(NotFound):
        store(world.stranger, world.project, what)
    inactive = User.objects.get(pk=world.viewer.pk)
    inactive.is_active = False
    with pytest.raises(NotFound):
        store(inactive, world.project, what)
