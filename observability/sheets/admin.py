"""Export buttons of the admin, by django-import-export, over the rows that the person sees."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from import_export.admin import ExportActionMixin
from unfold.contrib.import_export.forms import SelectableFieldsExportForm

from observability.sheets.handed import spreadsheets
from reqplatform.errors import ActionError


class SheetExport(ExportActionMixin):  # type: ignore[misc]
    """Whoever sees a list may export it: filtered as it is, or the rows that are ticked."""

    export_form_class = SelectableFieldsExportForm
    change_form_template = None
    show_change_form_export = False

    def get_export_resource_classes(self, request: HttpRequest) -> list[type[Any]]:
        return [spreadsheets().resource(self.model)]

    def get_export_formats(self) -> list[type[Any]]:
        return spreadsheets().formats()

    def has_export_permission(self, request: HttpRequest) -> bool:
        may: bool = self.has_view_permission(request)
        return may

    def get_valid_export_item_pks(self, request: HttpRequest) -> list[Any]:
        """Of the ticked rows those that the person may see; nothing is said of the others."""
        ticked = []
        for pk in request.POST.getlist("export_items"):
            try:
                ticked.append(self.model._meta.pk.to_python(pk))
            except ValidationError:
                continue  # no key of ours
        rows = self.get_queryset(request).order_by().filter(pk__in=ticked)
        return list(rows.values_list("pk", flat=True))

    def export_admin_action(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse:
        """All rows of the list are a filter, not thousands of keys in a form."""
        if request.POST.get("select_across") == "1":
            meta = self.model._meta
            page = reverse(f"admin:{meta.app_label}_{meta.model_name}_export")
            query = request.GET.urlencode()
            return redirect(f"{page}?{query}" if query else page)
        answer: HttpResponse = super().export_admin_action(request, queryset)
        return answer

    def _do_file_export(
        self,
        file_format: Any,
        request: HttpRequest,
        queryset: "QuerySet[Any]",
        export_form: Any = None,
    ) -> HttpResponse:
        if not spreadsheets().is_large(queryset):
            answer: HttpResponse = super()._do_file_export(
                file_format, request, queryset, export_form
            )
            answer["X-Content-Type-Options"] = "nosniff"
            answer["Cache-Control"] = "private, no-store"
            return answer
        columns = self.get_export_resource_fields_from_form(export_form)
        extension = file_format.get_extension()
        query = request.GET.urlencode()
        try:
            page = spreadsheets().store(request.user, queryset, query, columns, extension)
        except ActionError as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(request.get_full_path())
        return redirect(page)
