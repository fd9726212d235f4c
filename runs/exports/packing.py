"""Files together: in a zip, or in a folder."""

import io
import os
import tempfile
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from reqplatform.errors import InvalidInput

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold: the same bytes every time


class NotWritable(InvalidInput):
    """The folder can't take the files."""

    code = "not_writable"


def check_writable(directory: Path) -> None:
    """Raise NotWritable if `put` could not write there. Leaves nothing, not even the folder."""
    made: list[Path] = []
    try:
        made = [path for path in (directory, *directory.parents) if not path.exists()]
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=directory, prefix=".export-"):
            pass
    except OSError as error:
        raise _refusal(directory, error) from error
    finally:
        for path in made:
            with suppress(OSError):  # not made after all, or in use by now
                path.rmdir()


def _refusal(directory: Path, error: OSError) -> NotWritable:
    return NotWritable(
        f"The files can't be written to {directory}: {error.strerror or error}. "
        "Choose another folder, or make this one writable, and try again.",
        field="output",
    )


class Archive:
    """A zip of files below `folder`, made file by file. Equal files make equal bytes."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._buffer = io.BytesIO()
        self._zip = zipfile.ZipFile(self._buffer, "w", zipfile.ZIP_DEFLATED)

    def add(self, name: str, content: bytes) -> None:
        entry = zipfile.ZipInfo(f"{self._folder}/{name}", date_time=EPOCH)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.create_system = 3  # Unix, on whichever system it is made
        entry.external_attr = 0o644 << 16
        self._zip.writestr(entry, content)

    def close(self) -> bytes:
        self._zip.close()
        return self._buffer.getvalue()


def put(directory: Path, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Write each file beside its place and rename it there, all of them written before the first is
    renamed. Raises NotWritable.
    """
    waiting: list[tuple[str, Path]] = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files:
            waiting.append((_beside(directory, content), directory / name))
        for temporary, final in waiting:
            os.replace(temporary, final)  # noqa: PTH105 - the temporary name is a string
    except OSError as error:
        raise _refusal(directory, error) from error
    finally:
        for temporary, _ in waiting:
            Path(temporary).unlink(missing_ok=True)
    return [final for _, final in waiting]


def _beside(directory: Path, content: bytes) -> str:
    handle, name = tempfile.mkstemp(dir=directory, prefix=".export-")
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(content)
        Path(name).chmod(0o644)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return name
