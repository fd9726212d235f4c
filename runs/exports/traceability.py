"""traceability.csv: one row for each link from a parent to a child.

UTF-8, comma separated, lines end with CR LF (RFC 4180). A cell that a spreadsheet would take for a
formula begins with an apostrophe (OWASP, "CSV Injection"); all else is kept letter by letter.
"""

import csv
import io

from runs.exports.result import RunResult

HEADER = ("Parent ID", "Child ID", "Parent Text", "Child Text", "Relationship", "Rationale")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def render(result: RunResult) -> str:
    parents = {source.key: source.statement for source in result.sources}
    children = {row.identifier: row.text for row in result.requirements}
    reasons = {row.source: row.rationale for row in result.allocations}
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(HEADER)
    for link in result.links:
        rationale = link.rationale or reasons.get(link.parent, "")
        cells = (
            link.parent,
            link.child,
            parents[link.parent],
            children[link.child],
            link.relationship,
            rationale or f"{link.child} {link.relationship} {link.parent}.",
        )
        writer.writerow([guard(cell) for cell in cells])
    return buffer.getvalue()


def guard(cell: str) -> str:
    """The cell, so that no spreadsheet computes it."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
