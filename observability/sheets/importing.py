"""Rows of a file, each saved by the action that a person would use: all of them, or none.

django-import-export reads the file, rolls the dry run back and shows what would happen; what a row
means is `act` of a resource here. A row that the action refuses is told with its number, its column
and what to do, and then nothing of the file is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Resource
from import_export.results import RowResult

from reqplatform.errors import ActionError, InvalidInput

MOST_ROWS = 10_000
MOST_WITH_ACTIONS = 1_000  # rows that are saved one by one, while others wait to write


@dataclass(frozen=True, slots=True)
class Change:
    """What a row does: `before` is None for something new; both by column, as texts."""

    name: str
    before: Mapping[str, str] | None
    after: Mapping[str, str]

    @property
    def kind(self) -> str:
        if self.before is None:
            return str(RowResult.IMPORT_TYPE_NEW)
        same = all(self.before.get(column, "") == text for column, text in self.after.items())
        return str(RowResult.IMPORT_TYPE_SKIP if same else RowResult.IMPORT_TYPE_UPDATE)


class ActionResource(Resource):  # type: ignore[misc]
    """`columns` are all that a file may have, `required` those that it must have."""

    columns: ClassVar[tuple[str, ...]]
    required: ClassVar[tuple[str, ...]]
    most_rows: ClassVar[int] = MOST_WITH_ACTIONS

    class Meta:
        use_transactions = True
        instance_loader_class = BaseInstanceLoader  # `act` finds its rows itself
        report_skipped = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.refused = False  # the file as a whole: then its rows are not looked at

    def handle_import_error(
        self, result: Any, error: Exception, raise_errors: bool = False
    ) -> None:
        """A refusal is told above the rows; whatever else happens is an error of ours."""
        if not isinstance(error, ActionError):
            raise error
        self.refused = True
        super().handle_import_error(result, error, raise_errors)

    def act(self, row: Mapping[str, str], user: Any) -> Change:
        """Do what the row says. Raises ActionError, with `field` where it is about a column."""
        raise NotImplementedError

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Raises InvalidInput for a file that is not what it should be."""
        header = [str(name or "").strip().lower().replace(" ", "_") for name in dataset.headers]
        unknown = sorted({name for name in header if name not in self.columns})
        missing = [name for name in self.required if name not in header]
        if unknown or missing or len(set(header)) < len(header):
            raise InvalidInput(_about_columns(unknown, missing, self.columns))
        if len(dataset) > self.most_rows:
            raise InvalidInput(
                f"The file has {len(dataset):,} rows; {self.most_rows:,} are imported at a time. "
                "Divide it."
            )
        dataset.headers = header

    def get_diff_headers(self) -> list[str]:
        return list(self.columns)

    def import_row(self, row: Mapping[str, Any], instance_loader: Any, **kwargs: Any) -> RowResult:
        result = RowResult()
        if self.refused:
            result.import_type = RowResult.IMPORT_TYPE_SKIP
            return result
        number = kwargs["row_number"] + 1  # as a spreadsheet counts: the header is the first
        said = {name: str(value or "").strip() for name, value in row.items()}
        try:
            change = self.act(said, kwargs.get("user"))
        except ActionError as refusal:
            result.import_type = RowResult.IMPORT_TYPE_INVALID
            result.validation_error = _refused(refusal, number)
            result.change = None
        else:
            result.import_type = change.kind
            result.change = change
            result.diff = [self._difference(change, column) for column in self.columns]
        result.number = number
        result.row_values = row
        return result

    def _difference(self, change: Change, column: str) -> SafeString:
        before = (change.before or {}).get(column, "")
        after = change.after.get(column, before)
        if change.before is None or before == after:
            return format_html("{}", after)
        return format_html("<del>{}</del> <ins>{}</ins>", before, after)


def _about_columns(unknown: list[str], missing: list[str], known: tuple[str, ...]) -> str:
    parts = [
        f"It lacks {', '.join(missing)}." if missing else "",
        f"Nobody knows what {', '.join(name or 'a column without a name' for name in unknown)} is."
        if unknown
        else "",
        "A column occurs twice." if not unknown and not missing else "",
    ]
    said = " ".join(part for part in parts if part)
    return f"{said} The first row must name the columns. They can be: {', '.join(known)}."


def _refused(refusal: ActionError, number: int) -> ValidationError:
    return ValidationError(
        {refusal.field or NON_FIELD_ERRORS: [f"Row {number}: {refusal.message}"]}
    )
