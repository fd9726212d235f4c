"""The files of a campaign: one table of all requirements, who takes which source requirement, and
below each subsystem's code the files of its run.

CSV as in `runs.exports.traceability`. What is there depends on which runs have completed, which
README.txt says. The caller has checked who may see it.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from observability.shown import bounded, costs_are_shown
from reqplatform.errors import Conflict
from runs.exports import folder_name, rendered
from runs.exports import write as write_run
from runs.exports.consolidated import (
    TYPES,
    codes_of,
    cost_of,
    coverage_of,
    matrix_of,
    requirements_of,
    runs_of,
    sources_of,
    totals_of,
)
from runs.exports.loading import unique_keys
from runs.exports.markdown import plain
from runs.exports.packing import Archive, put
from runs.exports.registry import FileInfo, UnknownFile
from runs.exports.traceability import guard
from runs.exports.wording import count
from runs.models import Campaign, RunStatus, Tally

CSV = "text/csv; charset=utf-8"
FILES = {
    info.name: info
    for info in (
        FileInfo("README.txt", "text/plain; charset=utf-8", "What each file is; how it stands."),
        FileInfo("requirements.csv", CSV, "The requirements of all completed runs."),
        FileInfo("traceability.csv", CSV, "Every link of these to the specification."),
        FileInfo("coverage.csv", CSV, "Which subsystems take which source requirement."),
    )
}
REQUIREMENTS = (
    "Subsystem", "ID", "Type", "Text", "Acceptance Criteria", "Verification Method", "Rationale",
    "Status", "Score", "Parents", "Run",
)  # fmt: skip
LINKS = ("Parent ID", "Child ID", "Subsystem", "Parent Text", "Child Text", "Relationship")
SOURCE = ("Source ID", "Type", "Section", "Page", "Text", "Owners")


def archive_name(campaign: Campaign) -> str:
    return f"campaign-{campaign.short_id}.zip"


def require_some(campaign: Campaign) -> None:
    """Raise Conflict unless a run of the campaign has completed: there is nothing to hand out."""
    if not campaign.runs.filter(status=RunStatus.COMPLETED).exists():
        raise Conflict(
            "No run of the campaign has completed; its files exist once one has.",
            code="not_completed",
        )


def render(campaign: Campaign, name: str) -> bytes:
    """One file. Raises UnknownFile for a name that is not among FILES."""
    if name not in FILES:
        raise UnknownFile(f"A campaign has no file of that name. It has {', '.join(FILES)}.")
    if name == "README.txt":
        return _readme(campaign).encode()
    tables = {
        "requirements.csv": _requirements,
        "traceability.csv": _links,
        "coverage.csv": _coverage,
    }
    return _csv(tables[name](campaign)).encode()


def archive(campaign: Campaign) -> bytes:
    """A zip of FILES, and of each completed run's files in a folder that is called as its code."""
    packed = Archive(archive_name(campaign).removesuffix(".zip"))
    for name in FILES:
        packed.add(name, render(campaign, name))
    for run in runs_of(campaign).filter(status=RunStatus.COMPLETED):
        for name, content in rendered(run):
            packed.add(f"{run.subsystem.code}/{name}", content)
    return packed.close()


def write(campaign: Campaign, directory: Path) -> list[Path]:
    """Write FILES into `directory`, and each completed run's files into a folder below it, called
    as its subsystem's code. Raises NotWritable with a sentence for the person."""
    paths = put(directory, ((name, render(campaign, name)) for name in FILES))
    for run in runs_of(campaign).filter(status=RunStatus.COMPLETED):
        paths += write_run(run, directory / run.subsystem.code)
    return paths


def _csv(rows: Iterable[Sequence[object]]) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([guard(str(cell)) for cell in row])
    return buffer.getvalue()


def _requirements(campaign: Campaign) -> Iterator[Sequence[object]]:
    yield REQUIREMENTS
    keys = unique_keys(sources_of(campaign))
    for row in requirements_of(campaign):
        yield (
            row.run.subsystem.code,
            row.requirement.identifier,
            row.type,
            row.text,
            "\n".join(row.acceptance_criteria),
            row.verification_method,
            row.rationale,
            row.status,
            "" if row.score is None else f"{row.score:.3f}",
            ", ".join(keys[link.parent_id] for link in row.links),
            row.run.short_id,
        )


def _links(campaign: Campaign) -> Iterator[Sequence[object]]:
    yield LINKS
    keys = unique_keys(sources_of(campaign))
    for row in requirements_of(campaign):
        for link in row.links:
            yield (
                keys[link.parent_id],
                row.requirement.identifier,
                row.run.subsystem.code,
                link.parent.statement,
                row.text,
                link.relationship,
            )


def _coverage(campaign: Campaign) -> Iterator[Sequence[object]]:
    codes = list(runs_of(campaign).values_list("subsystem__code", flat=True))
    yield (*SOURCE, *codes)
    keys = unique_keys(sources_of(campaign))
    for source in matrix_of(campaign):
        owners = codes_of(source.takers)
        yield (
            keys[source.pk],
            source.type,
            source.section,
            source.page,
            source.statement,
            len(owners),
            *("x" if code in owners else "" for code in codes),
        )


def _readme(campaign: Campaign) -> str:
    runs = list(runs_of(campaign))
    title = f"{plain(str(campaign))}: {plain(campaign.revision.specification.title)}"
    coverage = coverage_of(campaign)
    total = totals_of(campaign).get("", dict.fromkeys(TYPES, 0))
    lines = [title, "=" * len(title), "", f"{Tally.of(run.status for run in runs).words}."]
    lines += ["", "Files", "-----"]
    lines += [f"{info.name:<22}{info.description}" for info in FILES.values()]
    lines += [f"{'CODE/':<22}The files of each completed run.", "", "Facts", "-----"]
    lines += [
        f"{'Revision':<22}{campaign.revision.number}, {plain(campaign.revision.filename)}",
        f"{'Source requirements':<22}{coverage.sources}, {coverage.none} taken by no subsystem, "
        f"{coverage.several} by several",
        f"{'Requirements':<22}{sum(total.values())}: "
        + ", ".join(f"{number} {kind}" for kind, number in total.items()),
    ]
    if costs_are_shown():
        cost = cost_of(campaign)
        lines.append(f"{'Cost':<22}{bounded(cost.nusd, cost.is_bound)}, the extraction once")
    lines += ["", "Runs", "----", *map(_line, runs)]
    return "\n".join(lines) + "\n"


def _line(run: Any) -> str:
    found = "" if run.status != RunStatus.COMPLETED else f", {_count(run)}"
    reason = f": {plain(run.reason)}" if run.reason else ""
    return (
        f"{run.subsystem.code:<12}{folder_name(run)}, {run.get_status_display().lower()}"
        f"{found}{reason}"
    )


def _count(run: Any) -> str:
    return count(run.requirements or 0, "requirement")
