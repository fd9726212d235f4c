"""The project's domain: everybody reads it, leads write it."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Role
from reqplatform.teams.permissions import has_role, require
from reqplatform.teams.views.access import MemberRequest, project_of, signed_in
from skills import domain as domains
from skills.actions.domains import save_domain
from skills.domain.text import LONGEST
from skills.models import DomainVersion
from skills.rendering import render_markdown

EXAMPLE = """# The domain's name

## Conventions
- Modal verbs: shall

## Glossary
- **Term**: What it means. (also: another name; not: a name that must not be used)
"""


class DomainTextForm(forms.Form):
    """`seen` comes back as it was sent out: the number of the version that was edited."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    changelog = forms.CharField(max_length=300, required=False, help_text="What changed and why.")
    text = forms.CharField(
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "true"}),
        help_text="Markdown with the sections Conventions, Glossary, System, Subsystem: NAME and "
        "Examples, each of which may be missing.",
    )

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        try:
            domains.parse(text)
        except domains.DomainTextError as error:
            raise forms.ValidationError([str(each) for each in error.errors]) from error
        return text


@signed_in
def show(request: MemberRequest, slug: str) -> HttpResponse:
    project = project_of(request, slug)
    rows = DomainVersion.objects.for_user(request.user).filter(domain__project=project)
    versions = list(rows.select_related("domain", "author").order_by("-number").defer("content"))
    newest = versions[0] if versions else None
    context = {
        "project": project,
        "section": "skills",
        "newest": newest,
        "versions": versions,
        "rendered": render_markdown(newest.text) if newest else "",
        "can_change": project.archived_at is None and has_role(request.user, project, Role.OWNER),
    }
    return render(request, "skills/domain.html", context)


@signed_in
def edit(request: MemberRequest, slug: str) -> HttpResponseBase:
    """Saving makes a version; with `preview` it is only shown as it will read."""
    project = project_of(request, slug)
    require(request.user, project, Role.OWNER)
    rows = DomainVersion.objects.for_user(request.user).filter(domain__project=project)
    newest = rows.order_by("-number").first()
    first = {"seen": newest.number, "text": newest.text} if newest else {"seen": 0, "text": EXAMPLE}
    form = DomainTextForm(request.POST or None, initial=first)
    preview = ""
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        if "preview" in request.POST:
            preview = render_markdown(typed["text"])
        else:
            try:
                saved = save_domain(
                    request.user, project, typed["text"], typed["changelog"], seen=typed["seen"]
                )
            except (Conflict, InvalidInput) as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(request, f"Version {saved.number} of the domain is saved.")
                return redirect("skills:domain", slug)
    context = {"project": project, "section": "skills", "form": form, "rendered": preview}
    return render(request, "skills/domain_edit.html", context)
