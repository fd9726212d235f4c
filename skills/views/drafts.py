"""Starting, editing, previewing and discarding drafts."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Project
from reqplatform.teams.views.access import MemberRequest, project_of, signed_in
from skills import lint
from skills.actions.access import require_lead
from skills.actions.drafts import create_library_draft, create_variant, discard_draft, edit_draft
from skills.forms import DraftForm
from skills.models import SkillVersion
from skills.rendering import render_markdown
from skills.views.access import refused, skill_of, version_of


@signed_in
@require_POST
def start(request: MemberRequest, slug: str, skill: str) -> HttpResponseBase:
    """A new draft of the project's variant, or, with `of=library`, in the library."""
    project, method = project_of(request, slug), skill_of(skill)
    try:
        if request.POST.get("of") == "library":
            draft = create_library_draft(request.user, method)
        else:
            draft = create_variant(request.user, project, method)
    except Conflict as refusal:
        return refused(request, refusal, "skills:detail", slug, skill)
    return redirect("skills:edit", slug, skill, draft.pk)


@signed_in
def edit(request: MemberRequest, slug: str, skill: str, pk: int) -> HttpResponseBase:
    project = project_of(request, slug)
    version = version_of(request, project, skill, pk)
    require_lead(request.user, version.skill)
    if not version.is_draft:
        settled = Conflict(f"{version} isn't a draft, so it stays as it is. Start a new draft.")
        return refused(request, settled, "skills:version", slug, skill, pk)
    form = DraftForm(version, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _form(request, project, version, form)
    if "preview" in request.POST:
        return _form(request, project, version, form, preview=form.draft().body)
    try:
        edit_draft(request.user, version, form.draft(), seen=form.cleaned_data["seen"])
    except InvalidInput as refusal:
        form.add_error(None, refusal.message)
        return _form(request, project, version, form)
    except Conflict as refusal:
        current = version_of(request, project, skill, pk)
        form.accept_overwriting(current)
        form.add_error(None, refusal.message)
        return _form(request, project, current, form)
    messages.success(request, f"The draft {version} is saved.")
    return redirect("skills:version", slug, skill, pk)


@signed_in
@require_POST
def preview(request: MemberRequest, slug: str, skill: str, pk: int) -> HttpResponse:
    """The typed Markdown as it will read, for the page to show below the form. Saves nothing."""
    version = version_of(request, project_of(request, slug), skill, pk)
    require_lead(request.user, version.skill)
    return render(request, "skills/preview.html", _preview(version, request.POST.get("body", "")))


@signed_in
def discard(request: MemberRequest, slug: str, skill: str, pk: int) -> HttpResponseBase:
    """Ask first; the POST discards."""
    project = project_of(request, slug)
    version = version_of(request, project, skill, pk)
    require_lead(request.user, version.skill)
    if request.method != "POST":
        context = {"project": project, "section": "skills", "version": version}
        return render(request, "skills/discard.html", context)
    try:
        discard_draft(request.user, version, seen=request.POST.get("seen", ""))
    except Conflict as refusal:
        return refused(request, refusal, "skills:version", slug, skill, pk)
    messages.success(request, f"The draft {version} is discarded.")
    return redirect("skills:detail", slug, skill)


def _form(
    request: MemberRequest,
    project: Project,
    version: SkillVersion,
    form: DraftForm,
    preview: str | None = None,
) -> HttpResponse:
    context = {"project": project, "section": "skills", "version": version, "form": form}
    if preview is not None:
        context |= _preview(version, preview)
    return render(request, "skills/edit.html", context)


def _preview(version: SkillVersion, body: str) -> dict[str, object]:
    body = body.replace("\r\n", "\n")
    report = lint.check(version.skill.slug, version.parameters, body)
    rendered = "" if report.errors else render_markdown(body)
    return {
        "rendered": rendered,
        "complaints": (*report.errors, *report.warnings),
        "size": len(body.encode("utf-8", "replace")),
        "most": lint.MAX_BYTES,
    }
