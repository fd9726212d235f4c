"""A report as a file, for the days and the filter of its page."""

import io
import zipfile

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Project
from reqplatform.teams.views.access import MemberRequest, project_of, signed_in
from runs.reporting.files import csv_text, html_text, write_ods, write_xlsx
from runs.reporting.making import Report, ReportName, make, offered
from runs.views.attachment import attachment
from runs.views.report_filters import CostForm, QualityForm

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "application/zip",  # of one file for each table
    "html": "text/html; charset=utf-8",
}


@require_safe
@signed_in
def download(request: MemberRequest, slug: str, name: str, style: str) -> HttpResponse:
    """A question that makes no sense is answered with 404: the page does not link to it."""
    project = project_of(request, slug)
    if name not in offered() or style not in TYPES:
        raise Http404("There is no such file of a report.")
    report = _report(request, project, ReportName(name))
    suffix = "zip" if style == "csv" else style
    first, last = report.period.first, report.period.last
    filename = f"{project.slug}-{name}-{first}-{last}.{suffix}"
    return attachment(_content(report, style), filename, TYPES[style])


def _report(request: MemberRequest, project: Project, name: ReportName) -> Report:
    kind = CostForm if name == ReportName.COST else QualityForm
    form = kind(request.GET, project)
    if not form.is_valid():
        raise Http404("The address asks for something that the report does not have.")
    try:
        return make(name, project, form.words(), timezone.now())
    except InvalidInput as refusal:
        raise Http404(refusal.message) from refusal


def _content(report: Report, style: str) -> bytes:
    if style == "html":
        return html_text(report.title, report.lead, report.tables).encode()
    out = io.BytesIO()
    if style == "xlsx":
        write_xlsx(report.tables, out)
    elif style == "ods":
        write_ods(report.tables, out)
    else:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for table in report.tables:
                archive.writestr(f"{report.name}-{table.name}.csv", "\ufeff" + csv_text(table))
    return out.getvalue()
