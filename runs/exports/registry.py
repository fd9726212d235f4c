"""The files that a run can be exported to: one exporter each, found by the file's name."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from reqplatform.errors import NotFound

if TYPE_CHECKING:
    from runs.exports.result import RunResult


class UnknownFile(NotFound):
    """A name that no exporter answers to."""

    code = "unknown_file"


@dataclass(frozen=True, slots=True)
class FileInfo:
    name: str
    media_type: str
    description: str


class Exporter(Protocol):
    """A module of this package that has this function. It reads the result and nothing else."""

    def render(self, result: "RunResult") -> str:
        """The text of the file, to be encoded in UTF-8."""
        ...


MARKDOWN = "text/markdown; charset=utf-8"

# In the order in which a person would read them. Modules are imported when they are used.
EXPORTERS: dict[str, tuple[FileInfo, str]] = {
    info.name: (info, module)
    for info, module in (
        (
            FileInfo("README.txt", "text/plain; charset=utf-8", "What each file is; the facts."),
            "readme",
        ),
        (
            FileInfo(
                "requirements.md",
                MARKDOWN,
                "The subsystem's requirements with criteria, verification, rationale and parents.",
            ),
            "requirements",
        ),
        (
            FileInfo(
                "traceability.csv",
                "text/csv; charset=utf-8",
                "Every link from a requirement of the specification to one of the subsystem.",
            ),
            "traceability",
        ),
        (
            FileInfo("quality_report.md", MARKDOWN, "The gate, the scores and the findings."),
            "quality_report",
        ),
        (
            FileInfo(
                "allocation_report.md",
                MARKDOWN,
                "Which requirements of the specification belong to the subsystem, and why.",
            ),
            "allocation_report",
        ),
        (
            FileInfo(
                "results.json",
                "application/json",
                "All of it for programs, in the schema reqplatform.results/1.",
            ),
            "results",
        ),
    )
}


def exporter(name: str) -> Exporter:
    """The exporter of a file. Raises UnknownFile, which names the files that exist."""
    try:
        _, module = EXPORTERS[name]
    except KeyError:
        raise UnknownFile(
            f"A run has no file of that name. It has {', '.join(EXPORTERS)}."
        ) from None
    return cast(Exporter, import_module(f"runs.exports.{module}"))
