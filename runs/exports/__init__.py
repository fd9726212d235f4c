"""The files of a run: to download one by one, as one zip, or written to a folder.

Names come from ids and from this package, never from what a person typed. Importing this is cheap;
what reads and renders is imported when it is used. Who may see the run is the caller's to check.
Only a completed run has files to hand out: doors call `require_complete` first.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from reqplatform.errors import Conflict
from runs.exports.registry import EXPORTERS, FileInfo, UnknownFile, exporter

if TYPE_CHECKING:
    from runs.models import Run

__all__ = [
    "FileInfo",
    "UnknownFile",
    "archive",
    "archive_name",
    "files",
    "folder_name",
    "render",
    "rendered",
    "require_complete",
    "write",
]


def require_complete(run: "Run") -> None:
    """Raise Conflict unless the run has completed: until then, its files would be incomplete."""
    from runs.models import RunStatus

    if run.status != RunStatus.COMPLETED:
        raise Conflict(
            f"The run is {run.get_status_display().lower()}; its files exist once it has "
            "completed. Its requirements, links and issues can be read already.",
            code="not_completed",
        )


def files(run: "Run") -> list[FileInfo]:
    """The files that `render` answers to. Asks the database nothing."""
    return [info for info, _ in EXPORTERS.values()]


def folder_name(run: "Run") -> str:
    """What a folder of the run's files is called: `run-<short id>`."""
    return f"run-{run.short_id}"


def archive_name(run: "Run") -> str:
    return f"{folder_name(run)}.zip"


def render(run: "Run", name: str) -> bytes:
    """One file. Raises UnknownFile (a NotFound) for a name that is not among `files`."""
    found = exporter(name)

    from runs.exports.loading import load

    return found.render(load(run)).encode()


def archive(run: "Run") -> bytes:
    """A zip of all files in a folder `run-<short id>`; the same bytes for the same records."""
    from runs.exports.packing import Archive

    packed = Archive(folder_name(run))
    for name, content in rendered(run):
        packed.add(name, content)
    return packed.close()


def write(run: "Run", directory: Path) -> list[Path]:
    """Write all files and the zip into `directory`, which is made if need be.

    A file is complete or not there. Raises NotWritable with a sentence for the person.
    """
    from runs.exports.packing import Archive, put

    packed = Archive(folder_name(run))

    def files() -> Iterator[tuple[str, bytes]]:
        for name, content in rendered(run):
            packed.add(name, content)
            yield name, content
        yield archive_name(run), packed.close()

    return put(directory, files())


def rendered(run: "Run") -> Iterator[tuple[str, bytes]]:
    """All files, one after the other, so that only one of them is in memory."""
    from runs.exports.loading import load

    result = load(run)
    for name in EXPORTERS:
        yield name, exporter(name).render(result).encode()
