"""What a team brings, from a spreadsheet: uploaded, shown as it would be, and then taken."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from observability.sheets.importing import ActionResource
from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Project, Role
from reqplatform.teams.permissions import require
from reqplatform.teams.views.access import MemberRequest, project_of, signed_in
from runs.forms import show_refusal
from runs.importing.forms import ImportForm, RequirementImportForm
from runs.importing.glossary import GlossaryResource
from runs.importing.keeping import keep, kept_file
from runs.importing.requirements import RequirementResource
from runs.importing.running import Preview, run_import
from runs.importing.subsystems import SubsystemResource


@dataclass(frozen=True, slots=True)
class Kind:
    """`section` is the project's tab that stands for it; `page` is where its rows are shown."""

    title: str
    resource: type[ActionResource]
    least: Role
    section: str
    page: str
    lede: str


KINDS = {
    "subsystems": Kind(
        "subsystems",
        SubsystemResource,
        Role.EDITOR,
        "subsystems",
        "runs:subsystems",
        "A subsystem is found by its code: it is added, or what the file says of it is changed. "
        "Columns that the file lacks stay as they are. Keywords are divided by ;.",
    ),
    "glossary": Kind(
        "a glossary",
        GlossaryResource,
        Role.OWNER,
        "skills",
        "skills:domain",
        "The terms make a new version of the project's domain. A term that it has is replaced, "
        "others are added, and all else of it stays. In the column not stand names that must not "
        "be used.",
    ),
    "requirements": Kind(
        "requirements",
        RequirementResource,
        Role.EDITOR,
        "runs",
        "runs:project",
        "For requirements that you have already. Each needs a parent that was read out of the "
        "specification you choose, by its identifier. They stand in a run of their own, which "
        "nobody has judged. One that the project has already is never overwritten.",
    ),
}


@signed_in
def new(request: MemberRequest, slug: str, kind: str) -> HttpResponse:
    """The form; a file that is posted is shown as it would be taken, and one that is confirmed is
    taken."""
    if kind not in KINDS:
        raise Http404("There is nothing of that name to import.")
    project, what = project_of(request, slug), KINDS[kind]
    require(request.user, project, what.least)
    form = _form(request, project, kind)
    if request.method != "POST" or not form.is_valid():
        return _shown(request, project, what, form)
    try:
        if file := form.cleaned_data["kept"]:
            return _take(request, project, what, form, file)
        return _look(request, project, what, form)
    except (InvalidInput, Conflict) as refusal:
        show_refusal(form, refusal)
        return _shown(request, project, what, form)


def _form(request: MemberRequest, project: Project, kind: str) -> ImportForm:
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    if kind == "requirements":
        return RequirementImportForm(*posted, user=request.user, project=project)
    return ImportForm(*posted)


def _resource(project: Project, what: Kind, form: ImportForm, filename: str) -> ActionResource:
    if isinstance(form, RequirementImportForm):
        chosen = form.cleaned_data
        return RequirementResource(chosen["extraction"], chosen["subsystem"], filename)
    if what.resource is GlossaryResource:
        return GlossaryResource(project, filename)
    return SubsystemResource(project)


def _look(request: MemberRequest, project: Project, what: Kind, form: ImportForm) -> HttpResponse:
    """What the file would do. It is kept only if it can be taken as it is."""
    file = form.cleaned_data["file"]
    content = file.read()
    resource = _resource(project, what, form, file.name)
    preview = run_import(resource, request.user, file.name, content, dry_run=True)
    kept = keep(request.user, file.name, content) if preview.does_something else None
    return _shown(request, project, what, form, preview=preview, kept=kept, filename=file.name)


def _take(
    request: MemberRequest, project: Project, what: Kind, form: ImportForm, kept_id: str
) -> HttpResponse:
    file = kept_file(request.user, kept_id)
    resource = _resource(project, what, form, file.name)
    content = bytes(file.content)
    preview = run_import(resource, request.user, file.name, content, dry_run=False)
    if not preview.is_good:  # something has changed since it was shown
        return _shown(request, project, what, form, preview=preview, filename=file.name)
    file.delete()
    messages.success(
        request, f"{preview.added:,} added, {preview.changed:,} changed, {preview.same:,} the same."
    )
    if isinstance(resource, RequirementResource) and resource.run is not None:
        return redirect("runs:run", resource.run.pk)
    return redirect(reverse(what.page, args=[project.slug]))


def _shown(
    request: MemberRequest,
    project: Project,
    what: Kind,
    form: ImportForm,
    *,
    preview: Preview | None = None,
    **more: Any,
) -> HttpResponse:
    refused = bool(form.errors) or (preview is not None and not preview.is_good)
    context = {
        "project": project,
        "section": what.section,
        "what": what,
        "form": form,
        "columns": what.resource.columns,
        "required": what.resource.required,
        "preview": preview,
        "chosen": [
            (field.html_name, field.value())
            for field in form.visible_fields()
            if field.name != "file"
        ],
        **more,
    }
    return render(request, "runs/import.html", context, status=422 if refused else 200)
