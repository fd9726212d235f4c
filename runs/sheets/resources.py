"""A resource of django-import-export whose columns are those of a `RowSheet`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from import_export.fields import Field
from import_export.resources import Resource

from runs.reporting.table import Column
from runs.sheets.cells import Cell
from runs.sheets.formats import FORMATS
from runs.sheets.spec import RowSheet

ROWS_AT_ONCE = 500


class SheetResource(Resource):  # type: ignore[misc]
    """Rows as the sheet says. `time_zone` is the one that times are written in."""

    row_sheet: RowSheet[Any]

    def __init__(self, time_zone: str = "UTC", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.time_zone = time_zone
        self._cells: Callable[[Any], list[Cell]] | None = None  # of one export

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        return self.row_sheet.prepared(queryset)

    def iter_queryset(self, queryset: QuerySet[Any]) -> Iterator[Any]:
        return queryset.iterator(chunk_size=ROWS_AT_ONCE)

    def export_resource(
        self, instance: Any, selected_fields: list[str] | None = None, **kwargs: Any
    ) -> list[Cell]:
        if self._cells is None:
            wanted = {field.column_name for field in self.get_export_fields(selected_fields)}
            columns = [column for column in self.row_sheet.columns() if column.name in wanted]
            self._cells = self.row_sheet.reader(columns, self.time_zone)
        return self._cells(instance)

    def after_export(self, queryset: QuerySet[Any], dataset: Any, **kwargs: Any) -> None:
        dataset.title = self.row_sheet.title

    @classmethod
    def get_display_name(cls) -> str:
        return cls.row_sheet.title


def resource_of(row_sheet: RowSheet[Any]) -> type[SheetResource]:
    """The resource class of a sheet."""
    fields = {
        column.name: Field(column_name=column.name, readonly=True) for column in row_sheet.columns()
    }
    name = f"{row_sheet.name.title().replace('-', '')}Resource"
    return type(name, (SheetResource,), {**fields, "row_sheet": row_sheet})


def render(
    row_sheet: RowSheet[Any],
    rows: QuerySet[Any],
    columns: Sequence[Column],
    extension: str,
    time_zone: str,
) -> bytes:
    """The rows as a whole file, held in memory: for as many as `listings.AT_ONCE`."""
    names = [column.name for column in columns]
    resource = resource_of(row_sheet)(time_zone=time_zone)
    dataset = resource.export(queryset=rows, export_fields=names)
    content: bytes = FORMATS[extension]().export_data(dataset)
    return content
