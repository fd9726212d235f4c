"""Reading a file, showing what it would do, and doing it: all of it or nothing."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from import_export.results import Result, RowResult

from observability.sheets.importing import ActionResource
from reqplatform.errors import InvalidInput
from reqplatform.teams.models import User
from runs.sheets.formats import FORMATS

MOST_SHOWN = 200  # rows of a preview; all mistakes count, and the first ones are shown


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the file, by the number that a spreadsheet shows. `cells` by column: what was there,
    and what will be."""

    number: int
    kind: str
    cells: tuple[tuple[str, str, str], ...] = ()
    faults: tuple[tuple[str, str], ...] = ()  # column, what is wrong and what to do


@dataclass(frozen=True, slots=True)
class Preview:
    columns: tuple[str, ...]
    rows: tuple[ShownRow, ...]
    added: int
    changed: int
    same: int
    faulty: int
    faults: tuple[str, ...]  # of the file as a whole
    more: int  # rows that are not shown

    @property
    def is_good(self) -> bool:
        return not self.faulty and not self.faults

    @property
    def does_something(self) -> bool:
        return self.is_good and bool(self.added or self.changed)


def extension_of(filename: str) -> str:
    """Raises InvalidInput for a file that is no spreadsheet by its name."""
    extension = PurePosixPath(filename.replace("\\", "/")).suffix.lower().removeprefix(".")
    if extension not in FORMATS:
        raise InvalidInput(
            f"The file's name must end in {', '.join('.' + each for each in FORMATS)}.",
            field="file",
        )
    return extension


def run_import(
    resource: ActionResource, user: User, filename: str, content: bytes, *, dry_run: bool
) -> Preview:
    """What the file does, or would do. Raises InvalidInput for a file that cannot be read.

    With a mistake in any row nothing is written, dry or not.
    """
    dataset = FORMATS[extension_of(filename)]().create_dataset(content)
    result: Result = resource.import_data(
        dataset,
        dry_run=dry_run,
        use_transactions=True,
        rollback_on_validation_errors=True,
        user=user,
    )
    return _preview(resource, result)


def _preview(resource: ActionResource, result: Result) -> Preview:
    kinds = [row.import_type for row in result.rows]
    shown = [row for row in result.rows if row.import_type == RowResult.IMPORT_TYPE_INVALID]
    shown += [row for row in result.rows if row.import_type in _CHANGING]
    shown = shown[:MOST_SHOWN]
    return Preview(
        columns=resource.columns,
        rows=tuple(_shown(resource, row) for row in shown),
        added=kinds.count(RowResult.IMPORT_TYPE_NEW),
        changed=kinds.count(RowResult.IMPORT_TYPE_UPDATE),
        same=kinds.count(RowResult.IMPORT_TYPE_SKIP),
        faulty=kinds.count(RowResult.IMPORT_TYPE_INVALID),
        faults=tuple(str(error.error) for error in result.base_errors),
        more=len(kinds) - kinds.count(RowResult.IMPORT_TYPE_SKIP) - len(shown),
    )


_CHANGING = (RowResult.IMPORT_TYPE_NEW, RowResult.IMPORT_TYPE_UPDATE)


def _shown(resource: ActionResource, row: Any) -> ShownRow:
    if row.change is None:
        faults = tuple(
            ("" if field == "__all__" else field, message.removeprefix(f"Row {row.number}: "))
            for field, messages in row.validation_error.message_dict.items()
            for message in messages
        )
        return ShownRow(row.number, row.import_type, faults=faults)
    before, after = row.change.before or {}, row.change.after
    cells = tuple(
        (column, before.get(column, ""), after.get(column, before.get(column, "")))
        for column in resource.columns
        if row.change.before is None or before.get(column, "") != after.get(column, "")
    )
    return ShownRow(row.number, row.import_type, cells=cells)
