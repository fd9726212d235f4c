"""A report as a file, for the days and the filter of its page."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Project
from reqplatform.teams.views.access import MemberRequest, project_of, signed_in
from runs.reporting.bundles import TYPES, content_of, file_name
from runs.reporting.making import OF_COSTS, Report, ReportName, make, offered
from runs.views.attachment import attachment
from runs.views.report_filters import CostForm, QualityForm


@require_safe
@signed_in
def download(request: MemberRequest, slug: str, name: str, style: str) -> HttpResponse:
    """A question that makes no sense is answered with 404: the page does not link to it."""
    project = project_of(request, slug)
    if name not in offered() or style not in TYPES:
        raise Http404("There is no such file of a report.")
    report = _report(request, project, ReportName(name))
    return attachment(content_of(report, style), file_name(report, style), TYPES[style])


def _report(request: MemberRequest, project: Project, name: ReportName) -> Report:
    kind = CostForm if name in OF_COSTS else QualityForm
    form = kind(request.GET, project)
    if not form.is_valid():
        raise Http404("The address asks for something that the report does not have.")
    try:
        return make(name, project, form.words(), timezone.now())
    except InvalidInput as refusal:
        raise Http404(refusal.message) from refusal
