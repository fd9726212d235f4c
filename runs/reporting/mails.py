"""Reports as a mail: the main figures to read, and each report as a file."""

from collections.abc import Sequence

from runs.reporting.files import html_text
from runs.reporting.making import Report, ReportName
from runs.reporting.table import Table, shown

_MOST_ROWS = 30


def mail_text(reports: Sequence[Report], link: str) -> str:
    """Plain text, with the address of the pages at its end."""
    parts = [_text(report) for report in reports]
    return "\n\n\n".join(parts) + f"\n\n\nAll figures, down to the calls and findings: {link}\n"


def mail_html(reports: Sequence[Report], link: str) -> str:
    tables = [_main(report) for report in reports]
    lead = f"{reports[0].lead}. All figures, down to the calls and findings: {link}"
    return html_text(f"Reports of {reports[0].project.name}", lead, tables)


def _main(report: Report) -> Table:
    """The first table: the summary of costs and quality, all of the comparison."""
    return report.tables[0]


def _text(report: Report) -> str:
    lines = [report.title, report.lead, ""]
    if report.is_empty:
        return "\n".join([*lines, "No data in this period."])
    table = _main(report)
    for row in table.rows[:_MOST_ROWS]:
        if report.name == ReportName.SUBSYSTEMS:
            cells = [
                f"{column.title} {shown(value, column, table.time_zone)}"
                for column, value in zip(table.columns[1:], row[1:], strict=True)
                if not column.detail and value not in {"", None}
            ]
            lines.append(f"{row[0]}: {', '.join(cells)}")
        else:
            lines.append(f"{row[0]}: {row[1]}")
    if table.note:
        lines += ["", table.note]
    return "\n".join(lines)
