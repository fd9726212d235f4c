"""All files at once: in a zip and in a folder."""

import io
import time
import zipfile
from pathlib import Path

import pytest

from runs import exports
from runs.exports import packing
from runs.models import (
    Allocation,
    Requirement,
    RequirementVersion,
    Run,
    SourceRequirement,
    TraceLink,
)
from tests import factories
from tests.conftest import World


@pytest.fixture
def run(world: World) -> Run:
    return factories.completed_run(world.project)


def test_the_zip_holds_all_files_and_is_the_same_every_time(run: Run) -> None:
    first = exports.archive(run)
    assert first == exports.archive(run)
    with zipfile.ZipFile(io.BytesIO(first)) as content:
        assert content.testzip() is None
        assert content.namelist() == [
            f"run-{run.short_id}/{info.name}" for info in exports.files(run)
        ]
        for info in exports.files(run):
            stored = content.read(f"run-{run.short_id}/{info.name}")
            assert stored == exports.render(run, info.name)


def test_writing_makes_the_folder_and_leaves_complete_files_only(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    written = exports.write(run, folder)
    names = [info.name for info in exports.files(run)] + [exports.archive_name(run)]
    assert [path.name for path in written] == names
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    assert (folder / "traceability.csv").read_bytes() == exports.render(run, "traceability.csv")
    assert (folder / "results.json").stat().st_mode & 0o777 == 0o644


def test_writing_again_replaces_what_was_there(run: Run, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "README.txt").symlink_to(elsewhere)
    exports.write(run, folder)
    exports.write(run, folder)
    assert elsewhere.read_text() == "mine"
    assert not (folder / "README.txt").is_symlink()
    assert len(list(folder.iterdir())) == 7


def test_a_folder_that_is_a_file_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(packing.NotWritable, match="Choose another folder"):
        exports.write(run, tmp_path / "out")


def test_a_disk_that_fails_half_way_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = packing._beside

    def full(directory: Path, content: bytes) -> str:
        if len(list(directory.iterdir())) == 3:
            raise OSError(28, "No space left on device")
        return whole(directory, content)

    monkeypatch.setattr(packing, "_beside", full)
    with pytest.raises(packing.NotWritable, match="No space left on device"):
        exports.write(run, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def grow(run: Run, number: int) -> None:
    """Give the run `number` further requirements, each with a parent, an allocation and a link."""
    ordinals = range(1001, 1001 + number)
    sources = SourceRequirement.objects.bulk_create(
        SourceRequirement(
            extraction=run.extraction, ordinal=n, identifier=f"BIG-{n}", fingerprint=f"big-{n}",
            text=f"The unit shall keep *value* {n} below 5 %. " * 4, page=1, start=n, end=n + 9,
            type="PERF", confidence=1,
        )
        for n in ordinals
    )  # fmt: skip
    Allocation.objects.bulk_create(
        Allocation(run=run, source=row, allocated=True, rule="named", rationale="It names it.")
        for row in sources
    )
    identities = Requirement.objects.bulk_create(
        Requirement(
            project=run.project, subsystem=run.subsystem, identifier=f"NAV-PERF-{n}", type="PERF",
            derivation=f"big-{n}",
        )
        for n in ordinals
    )  # fmt: skip
    versions = RequirementVersion.objects.bulk_create(
        RequirementVersion(
            requirement=identity, run=run, iteration=1, ordinal=n, type="PERF", rationale="So.",
            text=f"The unit shall keep *value* {n} below 5 %. " * 4, pattern="direct",
            acceptance_criteria=["Measured in a test.", "Twice."], verification_method="test",
        )
        for n, identity in zip(ordinals, identities, strict=True)
    )  # fmt: skip
    TraceLink.objects.bulk_create(
        TraceLink(parent=parent, child=child, relationship="refines", rationale="Restated.")
        for parent, child in zip(sources, versions, strict=True)
    )


def test_six_hundred_requirements_take_half_a_second(run: Run, tmp_path: Path) -> None:
    grow(run, 600)
    exports.archive(run)  # imports
    best = min(_seconds(run) for _ in range(3))
    assert best < 0.5


def _seconds(run: Run) -> float:
    started = time.process_time()
    exports.archive(run)
    return time.process_time() - started
