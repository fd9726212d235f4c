from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Project, Role
from reqplatform.teams.permissions import require
from reqplatform.teams.views.access import MemberRequest, access_to, project_of, signed_in
from runs.actions.subsystems import save_subsystem
from runs.forms import SubsystemForm, show_refusal
from runs.models import Subsystem


@signed_in
def index(request: MemberRequest, slug: str) -> HttpResponse:
    project = project_of(request, slug)
    subsystems = Subsystem.objects.for_user(request.user).filter(project=project)
    return render(
        request,
        "runs/subsystems.html",
        {
            "project": project,
            "section": "subsystems",
            "access": access_to(request, project),
            "subsystems": subsystems.annotate(
                requirement_count=Count("requirements", distinct=True),
                run_count=Count("runs", distinct=True),
            ),
        },
    )


@signed_in
def add(request: MemberRequest, slug: str) -> HttpResponse:
    project = project_of(request, slug)
    return _form(request, project, Subsystem(project=project))


@signed_in
def edit(request: MemberRequest, slug: str, code: str) -> HttpResponse:
    project = project_of(request, slug)
    rows = Subsystem.objects.for_user(request.user).select_related("project")
    return _form(request, project, get_object_or_404(rows, project=project, code=code))


def _form(request: MemberRequest, project: Project, subsystem: Subsystem) -> HttpResponse:
    require(request.user, project, Role.EDITOR)
    heading = str(subsystem) if subsystem.pk else "Add a subsystem"
    form = SubsystemForm(request.POST or None, instance=subsystem)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_subsystem(request.user, form.instance)
        except (InvalidInput, Conflict) as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{saved} is saved.")
            return redirect("runs:subsystems", project.slug)
    return render(
        request,
        "runs/subsystem_form.html",
        {"project": project, "section": "subsystems", "form": form, "heading": heading},
    )
