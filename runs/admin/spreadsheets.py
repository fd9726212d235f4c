"""Spreadsheets of the admin's lists: what `observability.sheets` is handed, and stored files."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from unfold.admin import ModelAdmin

from observability.sheets.handed import hand_in
from reqplatform.errors import Conflict
from reqplatform.teams.admin_base import RecordAdmin, ScopedRelatedFilter, SuperuserOnly
from reqplatform.teams.models import Project
from runs.actions.exports import store_rows
from runs.models import KeptFile, StoredExport, StoredExportPart
from runs.sheets.files import MOST_BYTES
from runs.sheets.formats import FORMATS
from runs.sheets.listings import AT_ONCE, OF_MODELS, is_large
from runs.sheets.resources import resource_of
from runs.sheets.stored import ADMIN, of_project


class AdminSpreadsheets:
    most_bytes = MOST_BYTES

    def resource(self, model: type[Model]) -> type[Any]:
        return resource_of(OF_MODELS[model])

    def formats(self) -> list[type[Any]]:
        return list(FORMATS.values())

    def is_large(self, rows: "QuerySet[Any]") -> bool:
        return is_large(rows)

    def store(
        self,
        user: Any,
        rows: "QuerySet[Any]",
        query: str,
        columns: list[str] | None,
        extension: str,
    ) -> str:
        row_sheet = OF_MODELS[rows.model]
        project = _only_project(rows)
        every = [column.name for column in row_sheet.columns()]
        chosen = [name for name in every if columns is None or name in columns]
        store_rows(
            user,
            project,
            f"{ADMIN}{rows.model._meta.label_lower}",
            row_sheet.title,
            {"query": query},
            chosen,
            extension,
            of_project(rows, project),
        )
        return reverse("runs:exports", args=[project.slug])


def _only_project(rows: "QuerySet[Any]") -> Project:
    """The project of all these rows. Raises Conflict: who may read a stored file is said by one."""
    path = rows.model.project_path
    found = list(rows.order_by().values_list(path, flat=True).distinct()[:2])
    if len(found) != 1:
        raise Conflict(
            f"These are more than {AT_ONCE:,} rows of several projects. A file of so many is "
            "stored, and belongs to one project: filter the list by a project and export it again."
        )
    project: Project = Project._default_manager.get(pk=found[0])
    return project


hand_in(AdminSpreadsheets())


@admin.register(StoredExport)
class StoredExportAdmin(RecordAdmin):
    """Spreadsheets that tasks write. Their owners download them on the project's page."""

    list_display = ("title", "format", "state", "rows_written", "owner", "project", "created_at")
    list_filter = ("state", "format", ("project", ScopedRelatedFilter))
    search_fields = ("title", "what", "owner__username", "project__name")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    list_select_related = ("owner", "project")
    fieldsets = (
        (None, {"fields": ("title", "what", "asked", "columns", "format", "owner", "project")}),
        ("State", {"fields": ("state", "reason", "rows_total", "rows_written", "size")}),
        ("Worker", {"fields": ("attempts", "lease_token", "lease_expires_at")}),
        ("When", {"fields": ("created_at", "finished_at", "expires_at")}),
    )


@admin.register(StoredExportPart)
class StoredExportPartAdmin(RecordAdmin):
    """How much room the files take. The bytes themselves never come here."""

    list_display = ("export", "ordinal", "part_size")
    list_filter = (("export__project", ScopedRelatedFilter),)
    search_fields = ("export__title",)
    ordering = ("-export_id", "ordinal")
    list_select_related = ("export",)
    fields = ("export", "ordinal", "part_size")
    readonly_fields = ("part_size",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StoredExportPart]:
        rows: QuerySet[StoredExportPart] = super().get_queryset(request)
        return rows.defer("content").annotate(bytes_of_part=Length("content"))

    @admin.display(description="Size", ordering="bytes_of_part")
    def part_size(self, row: Any) -> str:
        return filesizeformat(row.bytes_of_part)


@admin.register(KeptFile)
class KeptFileAdmin(SuperuserOnly, ModelAdmin):  # type: ignore[misc]
    """Files between the preview of an import and the import. They belong to no project yet."""

    list_display = ("__str__", "owner", "file_size", "created_at")
    ordering = ("-created_at",)
    list_select_related = ("owner",)
    fields = ("name", "owner", "file_size", "created_at")
    readonly_fields = fields
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[KeptFile]:
        rows = KeptFile._default_manager.defer("content").annotate(bytes_of_file=Length("content"))
        return rows.order_by("-created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description="Size", ordering="bytes_of_file")
    def file_size(self, row: Any) -> str:
        return filesizeformat(row.bytes_of_file)
