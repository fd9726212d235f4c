"""The form of an import: a file, and for requirements where they belong."""

from typing import Any

from django import forms

from reqplatform.teams.models import Project, User
from runs.models import Extraction, ExtractionState, Subsystem
from runs.sheets.files import MOST_BYTES, MOST_ROWS


class ImportForm(forms.Form):
    """`kept` names a file that was shown already: then none is uploaded again."""

    file = forms.FileField(
        label="Spreadsheet",
        help_text=f"csv (UTF-8), xlsx or ods, up to {MOST_BYTES // 2**20} MB and {MOST_ROWS:,} "
        "rows. The first row names the columns.",
        widget=forms.FileInput({"accept": ".csv,.xlsx,.ods"}),
    )
    kept = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].required = not self.data.get("kept")
        self.fields["file"].error_messages["required"] = "Choose a file."

    def clean(self) -> dict[str, Any] | None:
        typed = super().clean() or self.cleaned_data
        file = typed.get("file")
        if file and file.size > MOST_BYTES:
            self.add_error(
                "file",
                f"The file has {file.size / 2**20:.1f} MB, and {MOST_BYTES // 2**20} MB are read "
                "at most. Divide it.",
            )
        return typed


class ExtractionChoice(forms.ModelChoiceField[Extraction]):
    def label_from_instance(self, row: Extraction) -> str:
        at = row.finished_at or row.created_at
        return f"{row.revision}, read by {row.model} on {at:%-d %b %Y}"


class RequirementImportForm(ImportForm):
    extraction = ExtractionChoice(
        Extraction._default_manager.none(),
        label="Parents are in",
        help_text="A specification that a run has read: its source requirements are the parents.",
    )
    subsystem = forms.ModelChoiceField(Subsystem._default_manager.none(), label="Subsystem")
    field_order = ("extraction", "subsystem", "file", "kept")

    def __init__(self, *args: Any, user: User, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        read = Extraction.objects.for_user(user).filter(
            revision__specification__project=project, state=ExtractionState.DONE
        )
        parts = Subsystem.objects.for_user(user).filter(project=project)
        for name, rows in (
            ("extraction", read.select_related("revision__specification").order_by("-finished_at")),
            ("subsystem", parts.order_by("code")),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows
