"""The admin's import, by django-import-export: upload, look at the difference, confirm."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from import_export.admin import ImportMixin
from unfold.contrib.import_export.forms import ImportForm

from observability.sheets.admin import SheetExport
from observability.sheets.handed import spreadsheets
from reqplatform.errors import ActionError


class SheetImportForm(ImportForm):  # type: ignore[misc]
    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        most = spreadsheets().most_bytes
        if file.size > most:
            raise forms.ValidationError(
                f"The file has {file.size / 2**20:.1f} MB, and {most // 2**20} MB are read at "
                "most. Divide it."
            )
        return file


class SheetImport(SheetExport, ImportMixin):  # type: ignore[misc]
    """Whoever may add and change rows here may import them; each goes through its action."""

    import_export_change_list_template = "admin/import_export/change_list_import_export.html"
    import_resource: type[Any]
    import_form_class = SheetImportForm
    skip_admin_log = True  # what was changed is told by the rows; the log would not name the file

    def get_import_resource_classes(self, request: HttpRequest) -> list[type[Any]]:
        return [self.import_resource]

    def get_import_formats(self) -> list[type[Any]]:
        return spreadsheets().formats()

    def has_import_permission(self, request: HttpRequest) -> bool:
        may: bool = self.has_add_permission(request) and self.has_change_permission(request)
        return may

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        if not isinstance(e, ActionError):
            raise e  # an error of ours
        form.add_error("import_file", e.message)

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """One transaction, which any mistake rolls back."""
        return {"use_transactions": True, "rollback_on_validation_errors": True}

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().process_import(request, **kwargs)
        except ActionError as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return HttpResponseRedirect("../import/")
        return answer

    def process_dataset(self, dataset: Any, form: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.pop("user", None)
        result = super().process_dataset(dataset, form, request, **kwargs)
        if result.has_errors() or result.has_validation_errors():
            first = [str(error.error) for error in result.base_errors]
            first += [text for row in result.invalid_rows for text in row.error.messages]
            raise SinceThenError(first[0] if first else "")
        return result


class SinceThenError(ActionError):
    """What the preview showed does not hold any more."""

    code = "conflict"
    status = 409

    def __init__(self, first: str) -> None:
        super().__init__(f"Nothing was imported, because something has changed meanwhile. {first}")
