"""A report as one file, for a download or a mail."""

import io
import zipfile

from runs.reporting.files import csv_text, html_text, write_ods, write_xlsx
from runs.reporting.making import Report

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "application/zip",  # of one file for each table
    "html": "text/html; charset=utf-8",
}


def file_name(report: Report, style: str) -> str:
    suffix = "zip" if style == "csv" else style
    period = report.period
    return f"{report.project.slug}-{report.name}-{period.first}-{period.last}.{suffix}"


def content_of(report: Report, style: str) -> bytes:
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
